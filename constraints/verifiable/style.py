"""How the response is written: reading level, length of its sentences, person, contractions, a question at the end."""

from __future__ import annotations

import re
from random import Random
from typing import Annotated

from pydantic import Field

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check, compare
from ..document import MARGIN, Document, Span
from ._contractions import contractions
from ._first_person import LANGUAGES, first_person
from ._fit import free_length, request, wants_code
from ._ifbench_format_emoji import emoji
from ._prose import prose_only
from ._published import NoParams
from ._quoted import open_code, own_words
from ._spoken import read_words, spoken_sentences
from ._syllable_range import likely_syllables
from ._worded import Worded

__all__ = ["NoContractions", "NoFirstPerson", "QuestionEnding", "ReadingLevel", "SentenceWords"]


class Grade(ConstraintParams):
    """A school grade of the United States: 6 is that of pupils of eleven or twelve."""

    n: Annotated[int, Field(ge=1, le=20)]


_ENOUGH = 30
"""Words from which a text has a reading level."""
_NEAR = 0.3
"""How far the grade may be off, as syllables are counted: of 1,300 real responses 90 % are within."""
_SIMPLE = (
    "The sun is up. We walk to the sea. We sit on the warm sand. A small dog runs by. He has a red ball. It is a good"
    " day for us all."
)
_HARD = (
    "Contemporary organisational methodologies necessitate considerable interdisciplinary collaboration, particularly"
    " regarding administrative responsibilities, environmental sustainability considerations, technological"
    " infrastructure modernisation, international regulatory harmonisation, institutional accountability mechanisms,"
    " statistical interpretation, and the comprehensive documentation of unanticipated organisational consequences."
)


class ReadingLevel(Worded):
    """English of at most grade n by Flesch and Kincaid: 0.39 words per sentence + 11.8 syllables per word - 15.59.

    Kincaid, Fishburne, Rogers and Chissom 1975, Naval Technical Training Command, Research Branch Report 8-75. Code,
    tables and addresses are left out; a heading or list item ends a sentence. Unknown: other languages, fewer than 30
    words, and a grade within 0.3 of n, as near as syllables can be counted.
    """

    id = "style.reading_level"
    Params = Grade
    categories = ("Style", "Linguistic")
    slots = frozenset({"reading_level"})
    conflicts = frozenset({"language", "data", "format.json"})

    def sample(self, instruction: Instruction, rng: Random) -> Grade | None:
        """Fits English requests for prose."""
        return (
            Grade(n=rng.choice((5, 6, 8, 10))) if instruction.language == "en" and not wants_code(instruction) else None
        )

    def check(self, params: Grade, document: Document) -> Check:
        """Computes the grade."""
        if document.blank:
            return blank_check(document)
        spans = spoken_sentences(document)
        read = filter(None, (read_words(document.text[slice(*span)]) for span in spans))
        # No more is read than it takes to tell that there is enough, until the language is known.
        sentences: list[list[str]] = []
        words: list[str] = []
        for one in read:
            sentences.append(one)
            words += [word for word in one if word[0].isalpha()]
            if len(words) >= _ENOUGH:
                break
        else:
            return Check(Outcome.UNKNOWN, f"{len(words)} words are too few for a reading level", len(words))
        language = document.language
        if language != "en":
            return Check(Outcome.UNKNOWN, f"the reading level is that of English; this is {language}")
        rest = list(read)
        sentences += rest
        words += [word for one in rest for word in one if word[0].isalpha()]
        syllables = sum(map(likely_syllables, words))
        grade = round(0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59, 2)
        certain = abs(grade - params.n) > _NEAR and not document.cut
        reason = f"grade {grade}; asked: at most {params.n}"
        return Check(Outcome.of(grade <= params.n if certain else None), reason, grade)

    def witness(self, params: Grade, rng: Random) -> Witness:
        """Gives a text of the first grade and one far beyond all."""
        return Witness(_SIMPLE, _HARD)


class Longest(ConstraintParams):
    """The most words a sentence may have."""

    n: Annotated[int, Field(ge=1, le=500)]


class SentenceWords(Worded):
    """No sentence has more than n words; headings and list items are sentences of their own, code and tables none.

    A Chinese or Japanese character is one word, an address too.
    """

    id = "style.sentence_words"
    Params = Longest
    categories = ("Style", "Numerical")
    slots = frozenset({"sentence_lengths"})
    conflicts = frozenset({"data", "format.json"})
    one_word = True

    def sample(self, instruction: Instruction, rng: Random) -> Longest | None:
        """Fits prose in languages whose words can be counted."""
        if wants_code(instruction) or not free_length(instruction):
            return None
        return Longest(n=rng.choice((30, 40) if instruction.language == "zh" else (10, 12, 15, 20)))

    def check(self, params: Longest, document: Document) -> Check:
        """Counts each sentence's words."""
        if document.blank:
            return blank_check(document)
        counts = [(len(read_words(document.text[slice(*span)])), span) for span in spoken_sentences(document)]
        counts = [one for one in counts if one[0]]
        if not counts:
            return Check(Outcome.UNKNOWN, "no sentence outside code and tables", 0)
        longest = max(count for count, _ in counts)
        spans = tuple(span for count, span in counts if count > params.n)
        outcome = compare(longest, "at_most", params.n, document.cut)
        return Check(outcome, f"the longest sentence has {longest} words; asked: at most {params.n}", longest, spans)

    def witness(self, params: Longest, rng: Random) -> Witness:
        """Gives a sentence of n words and one of a word more."""
        return Witness(" ".join(["word"] * params.n) + ".", " ".join(["word"] * (params.n + 1)) + ".")


def _verdict(sure: list[Span], doubtful: list[Span], what: str) -> Check:
    """Gives the verdict on a ban: what is only doubtful leaves it open."""
    if sure:
        return Check(Outcome.VIOLATED, f"{len(sure)} {what}", len(sure), tuple(sure))
    if doubtful:
        return Check(Outcome.UNKNOWN, f"{len(doubtful)} that may be {what}", 0, tuple(doubtful))
    return Check(Outcome.SATISFIED, f"no {what}", 0)


class NoFirstPerson(Worded):
    """No first-person pronoun in English, Spanish, French, Chinese or Japanese, outside quotations and code.

    Verb endings (*creo*, *dime*) and French *on* are not judged. Other languages are unknown, and so are forms that
    may be something else.
    """

    id = "style.no_first_person"
    Params = NoParams
    categories = ("Style", "Linguistic")
    slots = frozenset({"person"})
    conflicts = frozenset({"keywords", "start_end"})
    one_word = True

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits requests in the five languages that do not speak of themselves to be told again."""
        if instruction.language not in LANGUAGES or wants_code(instruction):
            return None
        return None if _OWN.search(request(instruction)) else NoParams()

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for the pronouns of the response's language."""
        if document.blank:
            return blank_check(document)
        text, doubtful = own_words(document)
        languages, known = _languages(document)
        if not languages:
            return Check(Outcome.UNKNOWN, "a language whose pronouns are not known here")
        sure: list[Span] = []
        maybe: list[Span] = []
        for language in languages:
            for span, certain in first_person(text, language):
                # One word may be another language's, or go on where the response was cut.
                open_ = span[0] >= doubtful or (document.cut and span[1] >= len(text.rstrip()))
                shared = not known and text[slice(*span)].lower() in _SHARED
                (sure if certain and not open_ and not shared else maybe).append(span)
        return _verdict(sorted(set(sure)), sorted(set(maybe)), "first-person pronouns")

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a text without and one with them."""
        return Witness("The soup is ready.", "I think that our soup is ready.")


_OWN = re.compile(
    r"first person|primera persona|première personne|第一人称|一人称"
    r"|\b(?:speech|letter|e-?mail|story|card|carta|lettre|poem|song|message|dire)\b|メール|手紙|信|邮件|朋友圈|言って",
    re.IGNORECASE,
)
_SHARED = frozenset("i me mi mine ma mes nos us mon yo im moi".split())
"""Words that mean something else in another of the languages."""
_KANA = re.compile(r"[\u3041-\u30ff]")
_HAN = re.compile(r"[\u3400-\u9fff]")


def _languages(document: Document) -> tuple[tuple[str, ...], bool]:
    """Gives the languages whose pronouns are looked for, and whether it is known to be the one."""
    found = document.language
    if found in LANGUAGES:
        return (found,), True
    if found is not None:
        return (), True
    characters: tuple[str, ...] = ("ja",) if _KANA.search(document.text) else ()
    if not characters and _HAN.search(document.text):
        characters = ("zh",)
    return ("en", "es", "fr", *characters), False


class NoContractions(Worded):
    """No English contraction outside code: *don't*, *it's*, *dont*, *gonna*; *o'clock* and possessives are none.

    Quotations count. A text that has none is judged where it is English or too short to tell.
    """

    id = "style.no_contractions"
    Params = NoParams
    categories = ("Style", "Linguistic")
    slots = frozenset({"contractions"})
    conflicts = frozenset({"language", "keywords.include", "start_end"})
    one_word = True

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits English requests."""
        return NoParams() if instruction.language == "en" and not wants_code(instruction) else None

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for contractions."""
        if document.blank:
            return blank_check(document)
        text = prose_only(document)
        found = contractions(text)
        end = min(len(text.rstrip()), open_code(document, text)) if document.cut else len(text) + 1
        sure, maybe = [one for one in found if one[1] < end], [one for one in found if one[1] >= end]
        if not found and (language := document.language) not in ("en", None):
            return Check(Outcome.UNKNOWN, f"contractions are those of English; this is {language}", 0)
        return _verdict(sure, maybe, "contractions")

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a text with the words in full, and one without."""
        return Witness("It is not ready.", "It isn't ready.")


_CLOSERS = MARGIN + "\"'“”‘’»«)]）】」』*_"
_MARKS = "?？؟⁇‽⁈⁉;՞!！"
_ASKED = "?？؟⁇‽⁈⁉\u037e"
_GREEK = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff];")
_AFTER = re.compile(r"(?:\n[ \t]*-{3,}|(?<=[?？؟])\s*[\[]\^?\w{1,4})\Z")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S*\Z", re.IGNORECASE)
_JAPANESE = re.compile(r"[\u3040-\u309f](?:ですか|ますか|でしょうか|ませんか|たか|のか|だろうか|ないか|うか)[。．]?\Z")


class QuestionEnding(Worded):
    """The last sentence is a question with its mark; emphasis, quotation marks, brackets and emoji may follow.

    Japanese questions may end in か with a full stop. Code at the end is no question.
    """

    id = "style.question_ending"
    Params = NoParams
    categories = ("Style", "Format")
    slots = frozenset({"end", "sentence_ends"})
    conflicts = frozenset({"data", "format.json"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits any request but one for code."""
        return None if wants_code(instruction) else NoParams()

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks at the last marks."""
        if document.blank:
            return blank_check(document)
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut before its end")
        end = self._end(document)
        text = document.text
        start = end
        while start and text[start - 1] in _MARKS:
            start -= 1
        marked = any(mark in _ASKED for mark in text[start:end])
        line = text[max(text.rfind("\n", 0, end) + 1, end - 400) : end]
        prose = bool(document.prose_lines) and document.prose_lines[-1][1] >= end
        # Greek asks with a semicolon.
        marked = marked or _GREEK.search(text, start - 1 if start else 0, end) is not None
        asks = marked and any(map(str.isalnum, line)) and not _ADDRESS.search(line)
        asks = asks or (not marked and _JAPANESE.search(line) is not None)
        last = text[max(0, end - 40) : end]
        return Check(Outcome.of(asks and prose), f"ends with {last!r}", last, ((max(0, end - 1), end),))

    def _end(self, document: Document) -> int:
        """Gives where the last words end, without closing marks and emoji."""
        text = document.text
        end = len(text.rstrip(_CLOSERS))
        for _ in range(20):
            tail = max(0, end - 200)
            pictures = {tail + stop: tail + begin for begin, stop in emoji(text[tail:end])}
            # A divider or the number of a note is no last word.
            after = _AFTER.search(text, tail, end)
            if end not in pictures and after is None:
                break
            end = len(text[: pictures[end] if after is None else after.start()].rstrip(_CLOSERS))
        return end

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a question at the end, and one before it."""
        return Witness("It is ready. Shall we eat?", "Shall we eat? It is ready.")
