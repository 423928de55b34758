"""What holds across the turns of a conversation: nothing repeated, rules kept, the language of the last turn."""

from __future__ import annotations

from random import Random
from typing import Annotated, Any

from pydantic import Field

from ...schemas.instruction import Instruction
from ...schemas.messages import Messages
from ...schemas.outcome import Outcome
from ...schemas.text import word_spans
from ..constraint import CONSTRAINTS, Check, ConstraintParams, VerifiableConstraint, Witness, blank_check
from ..document import Document, Span
from ..language import language_of
from ._dialogue import NOT_KNOWN, Passages, earlier_answers, folded, last_turn, word_list
from ._drawn import CONFLICTS, SLOTS, draw_rule
from ._fit import free_length, is_about_language, request, wants_code
from ._joined import closed, rule_clause
from ._parts import Part, met
from ._published import NoParams
from ._worded import Worded

__all__ = ["KeepsRule", "NoRepeat", "SameLanguage"]


class Sentence(ConstraintParams):
    """How many words a sentence has at least."""

    n: Annotated[int, Field(ge=2, le=100)]


def _dense(text: str) -> str:
    """Gives a text without space and emphasis, folded: what two sentences are compared by."""
    return "".join(character for character in folded(text) if not character.isspace() and character not in "*_")


def _whole(text: str, span: Span) -> tuple[Span, list[str]]:
    """Gives a sentence from its first word to its last, and its words."""
    spans = word_spans(text[slice(*span)])
    if not spans:
        return (span[0], span[0]), []
    return (span[0] + spans[0][0], span[0] + spans[-1][1]), word_list(text[slice(*span)])


class NoRepeat(Worded):
    """No sentence of at least n words of an earlier answer stands in this one, case, space and emphasis aside.

    Unknown where there is no earlier answer.
    """

    id = "turns.no_repeat"
    Params = Sentence
    categories = ("Content", "Style")
    one_word = True
    conflicts = frozenset({"relative.quotes_input"})

    def sample(self, instruction: Instruction, rng: Random) -> Sentence | None:
        """Draws where an earlier answer has a sentence so long."""
        n = rng.choice((4, 5, 6, 8))
        if wants_code(instruction) or not free_length(instruction):
            return None
        return Sentence(n=n) if self._sentences(instruction.source_messages, n) else None

    def _sentences(self, messages: Messages, n: int) -> list[tuple[str, list[str]]]:
        """Gives the sentences that may not be repeated, as they stand and as words."""
        found: dict[str, list[str]] = {}
        for answer in earlier_answers(messages):
            for span in Document(answer).sentences:
                whole, words = _whole(answer, span)
                if len(words) >= n:
                    found.setdefault(answer[slice(*whole)], words)
        return list(found.items())

    def check(self, params: Sentence, document: Document) -> Check:
        """Looks for each sentence; what ends a cut answer may go on as another word."""
        if document.blank:
            return blank_check(document)
        if not earlier_answers(document.messages):
            return Check(Outcome.UNKNOWN, "there is no earlier answer" if document.messages else NOT_KNOWN)
        text = document.text
        passages = Passages(document)
        spans: list[Span] = []
        open_ = False
        for sentence, words in self._sentences(document.messages, params.n):
            same = _dense(sentence)
            for start, end in passages.places(words):
                if _dense(text[start:end]) != same:
                    continue
                if document.cut and end == len(text):
                    open_ = True
                else:
                    spans.append((start, end))
        if spans:
            spans.sort()
            first = text[slice(*spans[0])]
            return Check(Outcome.VIOLATED, f"repeats {first[:80]!r}", len(spans), tuple(spans))
        if open_ or passages.exhausted:
            return Check(Outcome.UNKNOWN, "the reply was cut" if open_ else "too much to compare", 0)
        return Check(Outcome.SATISFIED, f"repeats no sentence of {params.n} words or more", 0)

    def witness(self, params: Sentence, rng: Random) -> Witness:
        """Gives a new sentence, and the earlier one."""
        said = "the ferry leaves at dawn while nobody on the quiet shore wakes".split()
        sentence = " ".join(["Well", *(said[at % len(said)] for at in range(params.n - 1))]) + "."
        messages: Messages = (
            {"role": "user", "content": "Tell me about the ferry."},
            {"role": "assistant", "content": sentence},
            {"role": "user", "content": "And then?"},
        )
        return Witness("It comes back.", f"As I said: {sentence}", messages)


class KeepsRule(Worded):
    """A rule that was set turns ago still holds: a constraint of any id, checked on this answer."""

    id = "turns.keeps_rule"
    Params = Part
    categories = ("Situation", "Content")
    one_word = True
    slots = SLOTS
    conflicts = CONFLICTS - {"turns"}

    def sample(self, instruction: Instruction, rng: Random) -> Part | None:
        """Draws a rule where there were earlier turns."""
        earlier = earlier_answers(instruction.source_messages)
        return draw_rule(instruction, rng) if earlier and not wants_code(instruction) else None

    def values(self, params: Part, language: str, variant: int) -> dict[str, Any]:
        """Words the rule."""
        return {"rule": rule_clause(params, language, variant)}

    def render(self, params: Part, language: str, variant: int = 0) -> str:
        """Words it, with one mark at the end."""
        return closed(super().render(params, language, variant))

    def check(self, params: Part, document: Document) -> Check:
        """Checks the rule."""
        if document.blank:
            return blank_check(document)
        found = params.check(document)
        return Check(found.outcome, f"{params.checker}: {found.reason}", found.measured, found.spans)

    def witness(self, params: Part, rng: Random) -> Witness:
        """Gives the rule's own texts."""
        constraint, own = params.read()
        shown = constraint.witness(own, rng)
        return Witness(met((params,)) or shown.satisfies, shown.violates, shown.messages)


def _response() -> VerifiableConstraint:
    return CONSTRAINTS.get("language.response")


class SameLanguage(Worded):
    """The answer is in the language of the user's last turn; unknown where either cannot be told."""

    id = "turns.same_language"
    Params = NoParams
    categories = ("Linguistic", "Situation")
    slots = frozenset({"language"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits later turns whose language can be told and is not what they are about."""
        if not earlier_answers(instruction.source_messages) or wants_code(instruction):
            return None
        if is_about_language(instruction) or language_of(request(instruction)) is None:
            return None
        return NoParams()

    def check(self, params: NoParams, document: Document) -> Check:
        """Compares with the detected language of the turn."""
        if document.blank:
            return blank_check(document)
        turn = last_turn(document)
        language = None if turn is None else turn.language
        if language is None:
            reason = NOT_KNOWN if turn is None else "too few letters to tell the language of the last turn"
            return Check(Outcome.UNKNOWN, reason)
        response = _response()
        return response.check(response.Params.model_validate({"language": language}), document)

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Answers a turn in Spanish in Spanish, and in English."""
        response = _response()
        spanish, english = (
            response.witness(response.Params.model_validate({"language": code}), rng).satisfies for code in ("es", "en")
        )
        messages: Messages = (
            {"role": "user", "content": "Could you tell me how long the ferry takes?"},
            {"role": "assistant", "content": "It takes about forty minutes."},
            {"role": "user", "content": "Gracias, ¿y a qué hora sale el último barco de la tarde?"},
        )
        return Witness(spanish, english, messages)
