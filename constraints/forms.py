"""The phrases in which users of English, Chinese and Spanish say in what form to answer."""

from __future__ import annotations

import re
from typing import NamedTuple

from .phrases import anything

__all__ = ["FORMS", "Form"]


class Form(NamedTuple):
    """A phrase that says a form."""

    pattern: re.Pattern[str]
    checker: str
    kwargs: dict[str, str | int]
    binding: bool = True
    """False where it only rules out the opposite: *comma-separated* forbids ``no_comma``."""
    asks: bool = False
    """Whether the phrase is a request by itself: *only the name*."""


_BULLET = r"(?:bullet(?:ed)?[ -]?(?:points?|list|form(?:at)?)|bullets)"


def _one_of(*patterns: str) -> re.Pattern[str]:
    return anything("|".join(patterns))


_BARE = _one_of(
    r"\b(?:only|just)\s+(?:the|its?|their|one|a)\b|\bnothing else\b|\bno\s+(?:explanations?|theory|preamble)\b",
    r"\b(?:one|single)[ -](?:line|liner|word)\b|\byes or no\b|\bhaikus?\b|\blimericks?\b|\bslogans?\b",
    r"\bsolo\s+(?:el|la|los|las|un|una)\b|\bnada más\b|\ben una (?:sola )?(?:línea|palabra)\b|\bsin explicaci",
    r"只(?:输出|回答|给|写|要|需|说)|一行|不做任何解释",
)
"""What asks for a bare answer: a name, a number, a line."""
FORMS: tuple[Form, ...] = (
    Form(_BARE, "length.words", {"relation": "at_most", "n": 3}, False, True),
    Form(
        _one_of(
            rf"\b(?:no|not|without|avoid(?:ing)?|never|n't)\s+(?:(?:use|using|in|as|with)\s+)?(?:any\s+)?{_BULLET}\b",
            r"\bsin viñetas\b",
            r"不要(?:使用|用)?项目符号",
        ),
        "format.bullets",
        {"relation": "at_least", "n": 1},
        False,
    ),
    Form(
        _one_of(
            rf"\b(?:in|as|use|using|with|into|form of)\s+(?:(?:an?|clear|short|concise)\s+)*{_BULLET}\b",
            r"\b(?:con|en|usa|usando|mediante)\s+(?:una\s+lista\s+(?:de|con)\s+)?viñetas\b",
            r"(?:用|使用|以)项目符号",
        ),
        "format.bullets",
        {"relation": "at_least", "n": 1},
        asks=True,
    ),
    Form(
        _one_of(
            r"\b(?:return|output|respond|answer|give|provide|generate|format(?:ted)?|produce|write|reply|present)\b"
            r"[^.;!?\n]{0,60}?\b(?:as|in|with|into)\s+(?:an?\s+)?(?:valid\s+|strict\s+|pure\s+)?json\b(?!\s+schema)",
            r"\b(?:only|just)\s+(?:valid\s+|the\s+)?json\b|\bjson\s+(?:format\s+)?only\b",
            r"\b(?:responde|devuelve|genera|escribe|contesta|da|dame)\b[^.;!?\n]{0,60}?"
            r"\b(?:en|como)\s+(?:formato\s+|un\s+)?json\b",
            r"(?:以|用|按|按照|使用)\s*json\s*(?:格式|形式|对象)?\s*(?:来)?(?:输出|返回|回答|回复|给出|表示)",
            r"(?:只|仅)(?:输出|返回)\s*json",
        ),
        "format.json",
        {},
    ),
    Form(
        _one_of(
            r"\b(?:in|use|using|with|only)\s+(?:(?:all|only|entirely)\s+)*(?:lower[ -]?case|small letters)\b",
            r"\ball\s+lower[ -]?case\b",
            r"\b(?:no|without(?: any)?|(?:not|n't|never)\s+use(?: any)?)"
            r"\s+(?:capitals|capital letters|upper[ -]?case)\b",
            r"\b(?:todo\s+)?en\s+minúsculas\b",
            r"(?:全部|都|全)(?:用|使用)?小写|(?:用|使用)小写字母(?:回答|写)",
        ),
        "case.lower",
        {},
    ),
    Form(
        _one_of(
            r"\b(?:in|use|using|with|only)\s+(?:(?:all|only|entirely)\s+)*"
            r"(?:upper[ -]?case|capitals|capital letters)\b",
            r"\b(?:in|use|using)\s+all\s+caps\b|\ball\s+upper[ -]?case\b",
            r"\b(?:todo\s+)?en\s+mayúsculas\b",
            r"(?:全部|都|全)(?:用|使用)?大写",
        ),
        "case.upper",
        {},
    ),
    Form(
        _one_of(
            r"\b(?:no|without(?: any| using)?|avoid(?: using)?|(?:not|n't|never)\s+(?:use|include)(?: any)?"
            r"|refrain from(?: using)?)\s+commas?\b(?!\s*(?:splice|and|or|between))",
            r"\bsin\s+(?:usar\s+)?comas\b|\bno\s+uses?\s+comas\b|\bevita\s+(?:las\s+)?comas\b",
            r"不(?:要|得|能|可)?(?:使用|用|出现)?(?:任何)?逗号",
        ),
        "punctuation.no_comma",
        {},
    ),
    Form(
        _one_of(
            r"\bcommas?[ -](?:separated|delimited)\b|\bcsv\b",
            r"\bseparat(?:ed|e)\b[^.;!?\n]{0,20}\b(?:by|with)\s+(?:a\s+)?commas?\b",
            r"\bseparad[oa]s\s+por\s+comas?\b|逗号(?:分隔|隔开|分开)",
        ),
        "punctuation.no_comma",
        {},
        False,
    ),
    Form(
        _one_of(
            r"\b(?:in\s+(?:great\s+|more\s+)?detail|detailed|in-depth|comprehensive(?:ly)?|thorough(?:ly)?)\b",
            r"\b(?:detalladamente|en detalle|detallad[oa])\b|详细",
        ),
        "length.words",
        {"relation": "at_least", "n": 150},
        False,
    ),
    Form(
        _one_of(
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
        _one_of(
            r"\b(?:one|an?|single|opening|first|last)\s+(?:\w+\s+)?paragraph\b", r"\bun (?:solo )?párrafo\b|一段话"
        ),
        "length.paragraphs",
        {"relation": "at_most", "n": 1},
        False,
    ),
    Form(_BARE, "length.sentences", {"relation": "at_most", "n": 1}, False, True),
    Form(
        _one_of(
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
