"""The published verdicts of M-IFEval's Spanish ids that need no spaCy (shisa-ai/M-IFEval 06f08ff; Apache-2.0).

Six of the thirty ids count words or sentences as a trained spaCy model splits them and are left out: ``number_words``,
``number_sentences``, ``capital_word_frequency``, ``enie``, ``dieresis`` and ``tildes``. Most of the others are
IFEval's own; where a number may be wanted at least or at most, ``al menos`` and ``como máximo`` are the words for it,
and the most is included.
"""

from __future__ import annotations

import re
import unicodedata
from functools import wraps

from . import ifeval
from .parameter import Params, Verdict, at_least_zero, keyword_count, not_empty, nth_of
from .punctuation import without_punctuation
from .text import OfficialText

__all__ = ["VERDICTS"]

ANSWERS = ("Sí.", "No.", "Quizás.")
RELATIONS = {"al menos": "at least", "como máximo": "at most"}
"""The relations that the published code knows, and what they mean."""

_POSTSCRIPT = re.compile(r"p\.\s?d\.")
_QUESTION = re.compile(r"¿([^?]*)\?")
_EXCLAMATION = re.compile(r"¡([^!]*)!")


def compare(found: int, relation: str, wanted: int) -> bool:
    """Compares a number with the wanted one.

    Raises:
        ValueError: for a relation that the published code does not know.
    """
    if relation not in RELATIONS:
        raise ValueError(f"relation is {relation!r}; the published code knows {', '.join(RELATIONS)}")
    return found >= wanted if RELATIONS[relation] == "at least" else found <= wanted


def known_relation(verdict: Verdict) -> Verdict:
    """Gives a verdict of IFEval that has a relation here, which is read and then taken as ``al menos`` always."""

    @wraps(verdict)
    def checked(params: Params, text: OfficialText) -> bool:
        compare(0, params["relation"], 0)
        return verdict(params, text)

    return checked


def frequency(params: Params, text: OfficialText) -> bool:
    """Counts a keyword, as a regular expression."""
    found = keyword_count(not_empty(params, "keyword").strip(), text)
    return compare(found, params["relation"], at_least_zero(params, "frequency"))


def letter_frequency(params: Params, text: OfficialText) -> bool:
    """Counts a letter from a to z in the lower-cased text: for others the published code draws one at random."""
    relation = params["let_relation"]
    compare(0, relation, 0)
    # IFEval has no relation that includes the most: less than one more does.
    if RELATIONS[relation] == "at least":
        return ifeval.letter_frequency({**params, "let_relation": "at least"}, text)
    return ifeval.letter_frequency(
        {**params, "let_frequency": at_least_zero(params, "let_frequency") + 1, "let_relation": "less than"}, text
    )


def nth_paragraph_first_word(params: Params, text: OfficialText) -> bool:
    """Counts paragraphs that are not blank and looks at the first words of the n-th, blank ones counted this time.

    Raises:
        ValueError: for a paragraph that is not wanted: the published code draws another at random.
    """
    nth, wanted = nth_of(params)
    first = params["first_word"].lower().split()
    paragraphs = text.text.split("\n\n")
    if sum(1 for paragraph in paragraphs if paragraph.strip()) != wanted:
        return False
    words = paragraphs[nth - 1].split()
    return bool(words) and [without_punctuation(word).lower() for word in words[: len(first)]] == first


def number_bullet_lists(params: Params, text: OfficialText) -> bool:
    """Counts lines that start with ``*`` (a second one does not follow)."""
    return bool(len(ifeval.STAR.findall(text.text)) == at_least_zero(params, "num_bullets"))


def postscript(params: Params, text: OfficialText) -> bool:
    """Finds the marker anywhere in the lower-cased text; other markers than P.D. are regular expressions."""
    marker = params["postscript_marker"].strip()
    pattern = _POSTSCRIPT if marker == "P.D." else ifeval.marked_line(marker)
    return pattern.search(text.lower) is not None


def end_checker(params: Params, text: OfficialText) -> bool:
    """Compares the end with the phrase; closing quotation marks do not count, nor one full stop before them."""
    value = text.lower.strip().strip('"')
    return bool(value.removesuffix(".").endswith(params["end_phrase"].strip().lower()))


def constrained_response(params: Params, text: OfficialText) -> bool:
    """Finds one of three answers."""
    return any(answer in text.text for answer in ANSWERS)


def spanish_capital(params: Params, text: OfficialText) -> bool:
    """Wants no letter but capitals, and Spanish once they are made small unless langdetect fails."""
    plain = (
        character for character in unicodedata.normalize("NFKD", text.text) if not unicodedata.combining(character)
    )
    capital = all(character.isupper() or not character.isalpha() for character in plain)
    return capital and OfficialText(text.lower).language in {None, "es"}


def spanish_lowercase(params: Params, text: OfficialText) -> bool:
    """Wants small letters, and Spanish unless langdetect fails."""
    return text.text.islower() and text.language in {None, "es"}


def question_marks(params: Params, text: OfficialText) -> bool:
    """Finds a question between its two marks."""
    return any(part.lstrip("¿").strip() for part in _QUESTION.findall(text.text))


def exclamation_marks(params: Params, text: OfficialText) -> bool:
    """Finds an exclamation between its two marks."""
    return any(part.lstrip("¡").strip() for part in _EXCLAMATION.findall(text.text))


VERDICTS: dict[str, Verdict] = {
    "es:change_case:spanish_capital": spanish_capital,
    "es:change_case:spanish_lowercase": spanish_lowercase,
    "es:combination:repeat_prompt": ifeval.repeat_prompt,
    "es:combination:two_responses": ifeval.two_responses,
    "es:detectable_content:number_placeholders": known_relation(ifeval.number_placeholders),
    "es:detectable_content:postscript": postscript,
    "es:detectable_format:constrained_response": constrained_response,
    "es:detectable_format:json_format": ifeval.json_format,
    "es:detectable_format:multiple_sections": known_relation(ifeval.multiple_sections),
    "es:detectable_format:number_bullet_lists": number_bullet_lists,
    "es:detectable_format:number_highlighted_sections": known_relation(ifeval.number_highlighted_sections),
    "es:detectable_format:title": ifeval.title,
    "es:keywords:existence": ifeval.existence,
    "es:keywords:forbidden_words": ifeval.forbidden_words,
    "es:keywords:frequency": frequency,
    "es:keywords:letter_frequency": letter_frequency,
    "es:language:response_language": ifeval.response_language,
    "es:length_constraints:nth_paragraph_first_word": nth_paragraph_first_word,
    "es:length_constraints:number_paragraphs": ifeval.number_paragraphs,
    "es:punctuation:exclamation_marks": exclamation_marks,
    "es:punctuation:no_comma": ifeval.no_comma,
    "es:punctuation:question_marks": question_marks,
    "es:startend:end_checker": end_checker,
    "es:startend:quotation": ifeval.quotation,
}
"""The verdict of each published id; see ``verdict.published_verdict``."""
