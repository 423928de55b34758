"""What the tests of judges share: cases, replies, and judges whose verdicts follow a law."""

from __future__ import annotations

import json
import re

from benchwright.labels.judge import judge_labels
from benchwright.labels.labellers.labeller import Case, Text, make_labeller
from benchwright.labels.labellers.raw import Place, RawQuestion, RawReply
from benchwright.schemas.model import Reply, TokenLogprob
from benchwright.schemas.recipe import JudgeUse
from benchwright.schemas.sample import sample_records

MODEL = "vllm/fake"
_SHOWN = re.compile(r"Reply (\d+):\n\n(`{3,})\n(.*?)\n\2(?=\n|$)", re.DOTALL)


class Stub:
    """A model that is a function of the request; notes what it was asked."""

    def __init__(self, say):
        self.say, self.asked = say, []

    def answer(self, requests, on_answer=None):
        self.asked += requests
        answers = {request.key: self.say(request) for request in requests}
        for request in requests:
            if on_answer is not None:
                on_answer(request, answers[request.key], False)
        return answers


def replies_shown(request):
    """Gives the replies that a joint question shows, in the order shown."""
    return [match[3] for match in _SHOWN.finditer(request.messages[1]["content"])]


def scores(values):
    return Reply(json.dumps({str(number): value for number, value in enumerate(values, start=1)}), "stop")


def by_position(request):
    """Scores 100, 90, 80 … down the page, whatever the replies say."""
    return scores([100 - 10 * place for place in range(len(replies_shown(request)))])


def of_text(text):
    return sum(map(ord, text)) % 101


def by_content(request):
    """Scores each reply by its own text."""
    return scores([of_text(text) for text in replies_shown(request)])


def word(yes, no, other=-9.0):
    """A one-token reply with these log-probabilities; null is not listed."""
    listed = [(" Yes", yes), ("No", no), ("The", other)]
    top = tuple((token, value) for token, value in listed if value is not None)
    first = max(top, key=lambda one: one[1])
    return Reply(first[0], "length", logprobs=(TokenLogprob(*first, top),))


def use(id, over="all", model=MODEL, **params):
    return JudgeUse.model_validate({"id": id, "over": over, "model": model, **params})


def judged(tables, uses, model, seed=0, **more):
    revisions = {one.model.id: "r1" for one in uses}
    frames = [tables[name] for name in ("instructions", "constraints", "responses")]
    return judge_labels(*frames, uses, model, revisions, seed, **more)


def tables(seed=0, **sizes):
    return sample_records(seed, **sizes)


def case(constraints=("Is it short?", "Does it name a river?"), responses=("The Rhine.", "No idea at all.")):
    """A case with ids c0, c1 … and r0, r1 …"""
    return Case(
        "ins_0",
        ({"role": "user", "content": "Name a river, in few words."},),
        tuple(Text(f"c{i}", text) for i, text in enumerate(constraints)),
        tuple(Text(f"r{i}", text) for i, text in enumerate(responses)),
    )


def labeller(id, **params):
    return make_labeller(id, params)


def question(place: Place, *replies, failure=None):
    """A question with replies: texts, or (text, finish reason)."""
    made = [RawReply(text=one, finish="stop") if isinstance(one, str) else one for one in replies]
    return RawQuestion(**place._asdict(), replies=made, failure=failure)
