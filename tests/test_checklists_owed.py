"""What drawing checklists owes, from what is stored; and thought, which is no part of a list or an answer."""

from collections import Counter

from benchwright.constraints.draft import lists_to_come
from benchwright.schemas.model import Failure, Reply
from benchwright.schemas.recipe import ChecklistUse
from benchwright.store.rows import Row

from .test_checklists_draft import BOTH, MODEL, OTHER, QUESTIONS, REVISIONS, SHOP, TOUR, draft, server, texts, way_of


def test_what_is_owed_follows_from_what_is_stored(tmp_path):
    """Of three ways: the lists, the answers at hand, and the lists that wait for these; then only what is lacking."""
    uses = [
        ChecklistUse(id="instruction", model=MODEL),
        ChecklistUse(id="reference", model=MODEL, answers=OTHER),
        ChecklistUse(id="feedback", model=OTHER, feedback="f", embedder="e"),
    ]
    rows = [Row(1, {"instruction_id": TOUR.id, "response": "r", "feedback": ["a", "b", "c"]})]

    def owed(known):
        stored = Stored(known)
        waiting = lists_to_come(uses, BOTH, stored, REVISIONS, 7, {"f": rows})
        return Counter((request.model, request.protocol) for request in stored.lacking), waiting

    assert owed(()) == ({(MODEL, "chat"): 2, (OTHER, "chat"): 5}, {MODEL: 2})
    answered = Stored(())
    lists_to_come(uses, BOTH, answered, REVISIONS, 7, {"f": rows})
    at_hand = [one for one in answered.lacking if one.messages[0]["role"] == "user"]
    found, waiting = owed({at_hand[0].key: Reply("Bern.", "stop"), at_hand[1].key: Failure("x", "", permanent=True)})
    # One answer has its list to come, which is owed now; of the other no list will ever be asked.
    assert (found, waiting) == ({(MODEL, "chat"): 3, (OTHER, "chat"): 3}, {})


class Stored:
    """Gives what is there, and notes what is not."""

    def __init__(self, known):
        self.known, self.lacking = dict(known), []

    def answer(self, requests, on_answer=None):
        self.lacking += [request for request in requests if request.key not in self.known]
        return {request.key: self.known[request.key] for request in requests if request.key in self.known}


def test_a_list_within_a_thought_is_none(tmp_path):
    def thinking(body):
        return QUESTIONS if "That cannot be used" in str(body["messages"]) else f"<think>\n{QUESTIONS}"

    with server({"instruction": thinking}) as running:
        done = draft(running, tmp_path, ["instruction"], [TOUR])
        said = running.bodies[-1]["messages"]
    assert done.notes["repaired"] == 1 and len(texts(done)) == 2
    # Nothing was said: the words that ask again stand below the question, and no thought is shown.
    assert [turn["role"] for turn in said] == ["system", "user"] and "its thought never ends" in said[-1]["content"]


def test_thought_is_no_part_of_the_answer_at_hand(tmp_path):
    def thinking(body):
        return "<think>Ulm?</think> Bern." if TOUR.source_messages[0]["content"] in str(body) else "<think>Hm"

    with server({"answer": thinking}) as running:
        done = draft(running, tmp_path, ["reference"])
    shown = [body["messages"][-1]["content"] for body in running.bodies if way_of(body) == "reference"]
    assert len(shown) == 1 and "\nBern.\n" in shown[0] and "Ulm?" not in shown[0]
    assert [(drop.record, drop.reason) for drop in done.drops if drop.record == SHOP.id] == [(SHOP.id, "no_answer")]
