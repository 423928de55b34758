"""How hard constraints are: how often recorded answers of real models miss them.

Shares are those of the official strict verdicts that M-IFEval published for six models' English answers (Qwen2.5 1.5B
and 7B, Llama 3.1 8B, Mistral 7B, Claude 3 Haiku, GPT-4o: 60 to 396 answers an id), of IFBench's for its own sample (9
to 98 a group); both Apache-2.0. What nobody recorded counts as one of middling hardness.
"""

from __future__ import annotations

__all__ = ["difficulty_of", "share_each"]

UNRECORDED = 0.3
_BY_ID = {
    "change_case:capital_word_frequency": 0.29,
    "change_case:english_capital": 0.35,
    "change_case:english_lowercase": 0.24,
    "combination:repeat_prompt": 0.48,
    "combination:two_responses": 0.31,
    "detectable_content:number_placeholders": 0.27,
    "detectable_content:postscript": 0.05,
    "detectable_format:constrained_response": 0.03,
    "detectable_format:json_format": 0.25,
    "detectable_format:multiple_sections": 0.12,
    "detectable_format:number_bullet_lists": 0.31,
    "detectable_format:number_highlighted_sections": 0.16,
    "detectable_format:title": 0.04,
    "keywords:existence": 0.17,
    "keywords:forbidden_words": 0.3,
    "keywords:frequency": 0.26,
    "keywords:letter_frequency": 0.42,
    "language:response_language": 0.12,
    "length_constraints:nth_paragraph_first_word": 0.6,
    "length_constraints:number_paragraphs": 0.41,
    "length_constraints:number_sentences": 0.38,
    "length_constraints:number_words": 0.33,
    "punctuation:no_comma": 0.35,
    "startend:end_checker": 0.21,
    "startend:quotation": 0.23,
}
_BY_GROUP = {
    "count": 0.53,
    "words": 0.86,
    "format": 0.59,
    "repeat": 1.0,
    "sentence": 0.89,
    "ratio": 0.82,
    "custom": 0.9,
}
"""IFBench's, by the part of the id before the colon."""
_OURS = {
    "case.capital_words": "change_case:capital_word_frequency",
    "case.lower": "change_case:english_lowercase",
    "case.upper": "change_case:english_capital",
    "count.letter": "keywords:letter_frequency",
    "count.placeholders": "detectable_content:number_placeholders",
    "format.bullets": "detectable_format:number_bullet_lists",
    "format.highlights": "detectable_format:number_highlighted_sections",
    "format.json": "detectable_format:json_format",
    "format.title": "detectable_format:title",
    "keywords.exclude": "keywords:forbidden_words",
    "keywords.frequency": "keywords:frequency",
    "keywords.include": "keywords:existence",
    "language.response": "language:response_language",
    "length.sentences": "length_constraints:number_sentences",
    "length.words": "length_constraints:number_words",
    "punctuation.no_comma": "punctuation:no_comma",
    "start_end.end_phrase": "startend:end_checker",
    "start_end.quotation": "startend:quotation",
}
"""Published ids whose recorded answers speak for ours."""


def difficulty_of(id: str) -> float:
    """Gives the share of recorded answers that missed a constraint, from 0 to 1."""
    id = _OURS.get(id, id)
    group, colon, _ = id.partition(":")
    return _BY_ID.get(id, _BY_GROUP.get(group, UNRECORDED) if colon else UNRECORDED)


def share_each(target: float, count: int) -> float:
    """Gives the difficulty that each of several must have for their joint one to be the target."""
    return float(1 - (1 - target) ** (1 / max(count, 1)))
