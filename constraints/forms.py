"""The phrases that bind nobody, but that nothing attached may go against: *in detail*, *a haiku*, *as a table*."""

from __future__ import annotations

from .phrases import anything, one_of
from .phrases_forms import BULLET, CHECKED, Form

__all__ = ["FORMS", "Form"]

_BARE = one_of(
    r"\b(?:only|just)\s+(?:the|its?|their|one|a)\b|\bnothing else\b|\bno\s+(?:explanations?|theory|preamble)\b",
    r"\b(?:one|single)[ -](?:line|liner|word)\b|\byes or no\b|\bhaikus?\b|\blimericks?\b|\bslogans?\b",
    r"\bsolo\s+(?:el|la|los|las|un|una)\b|\bnada más\b|\ben una (?:sola )?(?:línea|palabra)\b|\bsin explicaci",
    r"只(?:输出|回答|给|写|要|需|说)|一行|不做任何解释",
)
"""What asks for a bare answer: a name, a number, a line."""
FORMS: tuple[Form, ...] = (
    Form(_BARE, "length.words", {"relation": "at_most", "n": 3}, False, True),
    Form(
        one_of(
            rf"\b(?:no|not|without|avoid(?:ing)?|never|n't)\s+(?:(?:use|using|in|as|with)\s+)?(?:any\s+)?{BULLET}\b",
            r"\bsin viñetas\b",
            r"不要(?:使用|用)?项目符号",
        ),
        "format.bullets",
        {"relation": "at_least", "n": 1},
        False,
    ),
    *CHECKED,
    Form(
        one_of(
            r"\bcommas?[ -](?:separated|delimited)\b|\bcsv\b",
            r"\bseparat(?:ed|e)\b[^.;!?\n]{0,20}\b(?:by|with)\s+(?:a\s+)?commas?\b",
            r"\bseparad[oa]s\s+por\s+comas?\b|逗号(?:分隔|隔开|分开)",
        ),
        "punctuation.no_comma",
        {},
        False,
    ),
    Form(
        one_of(
            r"\b(?:in\s+(?:great\s+|more\s+)?detail|detailed|in-depth|comprehensive(?:ly)?|thorough(?:ly)?)\b",
            r"\b(?:detalladamente|en detalle|detallad[oa])\b|详细",
        ),
        "length.words",
        {"relation": "at_least", "n": 150},
        False,
    ),
    Form(
        one_of(
            r"\b(?:briefly|concise(?:ly)?|succinct(?:ly)?|(?:keep it|be|make it|answer)\s+(?:short|brief))\b",
            r"\b(?:brief|short)\s+(?:answer|summary|overview|version)\b|\bbrevemente\b|简短|简要|简洁",
        ),
        "length.words",
        {"relation": "at_most", "n": 100},
        False,
    ),
    # CSV leaves as little free as JSON.
    Form(anything(r"\bcsv\b"), "format.json", {}, False, True),
    Form(
        one_of(r"\b(?:one|an?|single|opening|first|last)\s+(?:\w+\s+)?paragraph\b", r"\bun (?:solo )?párrafo\b|一段话"),
        "length.paragraphs",
        {"relation": "at_most", "n": 1},
        False,
    ),
    Form(_BARE, "length.sentences", {"relation": "at_most", "n": 1}, False, True),
    Form(
        one_of(
            r"\b(?:numbered|to-?do|check)[ -]?lists?\b|\b(?:a|as|into|in)\s+(?:\w+\s+)?tables?\b|\bcolumns?\b",
            r"\b(?:as|with|in|make|write|give me)\s+an?\s+(?:\w+\s+)?list\b|\ben (?:\w+) puntos\b",
            r"\bbullet(?:s| points)\s+(?:ok|pls|please)\b",
            r"\bhaikus?\b|\blimericks?\b|\bpoems?\b|\bpoemas?\b|\blista\b|\bone\b[^.;!?\n]{0,20}\ba line\b",
            r"列表|表格|诗",
        ),
        "format.bullets",
        {"relation": "at_least", "n": 1},
        False,
        True,
    ),
)
"""The first of a check's is taken. Lengths without a number only keep a contrary one from being attached."""
