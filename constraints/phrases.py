"""The phrases in which users of English, Chinese and Spanish say how long and in what language to answer.

Each pattern names what it finds by groups: ``n`` and ``m`` a number and the end of a range, ``unit`` what is counted,
``lang`` a language. All are tried on a text whose quotations and code are blanked out, and all scans are bounded.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .verifiable.language import NAMES

__all__ = [
    "ASKS_FOR_A_WORD",
    "CODE",
    "CONDITION",
    "COUNTS",
    "DIRECTIVE",
    "LANGUAGES",
    "NEGATED",
    "OF_THE_USER",
    "PART_AFTER",
    "PART_BEFORE",
    "Counting",
    "anything",
    "language_code",
    "number",
]


class Counting(NamedTuple):
    """A phrase that says a length."""

    pattern: re.Pattern[str]
    relation: str
    """``at_least``, ``at_most``, ``exactly``, ``range``, or ``about``: a length that nobody can be rated on."""
    shift: int = 0
    """Added to the number: *under 100 words* is at most 99."""


def _bounded(pattern: str) -> str:
    """Bounds white space: where it is free, a page of line ends takes the square of its length."""
    return pattern.replace(r"\s*", r"\s{0,9}").replace(r"\s+", r"\s{1,9}")


def anything(pattern: str) -> re.Pattern[str]:
    """Compiles a pattern for any case."""
    return re.compile(_bounded(pattern), re.IGNORECASE)


_WORDS = {
    **dict(zip("one two three four five six seven eight nine ten eleven twelve".split(), range(1, 13), strict=True)),
    **{"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100, "a hundred": 100},
    **{"one hundred": 100, "two hundred": 200, "three hundred": 300, "five hundred": 500, "a thousand": 1000},
    **dict(zip("una dos tres cuatro cinco seis siete ocho nueve diez".split(), range(1, 11), strict=True)),
    **{"un": 1, "veinte": 20, "treinta": 30, "cincuenta": 50, "cien": 100, "doscientas": 200, "quinientas": 500},
}
_HAN = {**dict(zip("一二三四五六七八九", range(1, 10), strict=True)), "两": 2}
_EN_N = (
    r"(?:\d{1,3},\d{3}|\d{1,5}|(?:one|two|three|five|a) (?:hundred|thousand)|"
    + "|".join(sorted((word for word in _WORDS if " " not in word), key=len, reverse=True))
    + ")"
)
_ZH_N = (
    r"(?:\d{1,5}|[一二两三四五六七八九]?[百千]|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
)


def number(text: str) -> int | None:
    """Reads a number in digits or in words; null where it is none that a length has."""
    plain = text.lower().replace(",", "")
    if plain.isdecimal():
        return int(plain)
    if plain in _WORDS:
        return _WORDS[plain]
    if match := re.fullmatch(r"([一二两三四五六七八九]?)([十百千])([一二三四五六七八九]?)", text):
        scale = {"十": 10, "百": 100, "千": 1000}[match.group(2)]
        return _HAN.get(match.group(1), 1) * scale + _HAN.get(match.group(3), 0)
    return _HAN.get(text)


_ADJECTIVE = "short|long|full|complete|concise|brief|simple|english|single"


def _en(pattern: str) -> re.Pattern[str]:
    # An adjective may stand between number and noun: at most two short sentences, three CV bullet points.
    unit = r"(?P<unit>words?|sentences?|paragraphs?|bullet[ -]points?|bullets)\b"
    pattern = pattern.replace("UNIT", rf"(?:(?:{_ADJECTIVE}|[a-z]+(?=\s+bullet))\s+)?{unit}")
    return anything(pattern.replace("N", rf"(?P<n>{_EN_N})", 1).replace("M", rf"(?P<m>{_EN_N})"))


def _es(pattern: str) -> re.Pattern[str]:
    unit = r"(?:(?:cort[ao]s?|breves?|sol[ao]s?|únic[ao]s?)\s+)?"
    unit += r"(?P<unit>palabras?|frases?|oraciones|oración|párrafos?|viñetas?)\b"
    return anything(pattern.replace("UNIT", unit).replace("N", rf"(?P<n>{_EN_N})", 1).replace("M", rf"(?P<m>{_EN_N})"))


def _zh(pattern: str) -> re.Pattern[str]:
    unit = r"(?:个|條|条)?(?:汉字|中文)?(?P<unit>字|词|单词|句话|句子|句|段落|段|项目符号)"
    pattern = pattern.replace("UNIT", unit)
    return re.compile(_bounded(pattern.replace("N", rf"(?P<n>{_ZH_N})", 1).replace("M", rf"(?P<m>{_ZH_N})")))


COUNTS: tuple[Counting, ...] = (
    # English
    Counting(_en(r"\bbetween\s+N\s+and\s+M\s+UNIT"), "range"),
    Counting(_en(r"\b(?:from\s+)?N\s*(?:-|–|—|to)\s*M[\s-]+UNIT"), "range"),
    Counting(_en(r"(?<!no )(?<!not )\b(?:under|less than|fewer than|below|shorter than)\s+N\s+UNIT"), "at_most", -1),
    Counting(
        _en(
            r"\b(?:at most|at the most|no more than|not more than|(?:a\s+)?maximum(?:\s+of)?:?|max\.?:?(?:\s+of)?|up to"
            r"|(?:not?|n't)\s+(?:be\s+)?(?:exceed|longer than)(?:ing)?|within|limit(?:ed)?\s+(?:\w+\s+){0,4}?to"
            r"|no longer than)\s+N\s+UNIT"
        ),
        "at_most",
    ),
    Counting(_en(r"\bN\s+UNIT\s+(?:or less|or fewer|max(?:imum)?|at most|at the most|limit|tops)\b"), "at_most"),
    Counting(_en(r"(?<!no )(?<!not )\b(?:more than|over|longer than)\s+N\s+UNIT"), "at_least", 1),
    Counting(
        _en(
            r"\b(?:at least|no fewer than|no less than|not less than|(?:a\s+)?minimum(?:\s+of)?:?|min\.?:?(?:\s+of)?)"
            r"\s+N\s+UNIT"
        ),
        "at_least",
    ),
    Counting(_en(r"\bN\s+UNIT\s+(?:or more|min(?:imum)?|at least|at minimum)\b"), "at_least"),
    Counting(_en(r"\bN\+\s*UNIT"), "at_least"),
    Counting(_en(r"\b(?:exactly|precisely)\s+N\s+UNIT"), "exactly"),
    Counting(_en(r"\b(?:in|into|using|with)\s+(?:just\s+|only\s+)?N\s+UNIT"), "exactly"),
    Counting(
        _en(r"\b(?:about|around|approximately|approx\.?|roughly|circa|nearly|almost|some|~)\s*N[\s-]+UNIT"), "about"
    ),
    Counting(_en(r"\bN[\s-]+UNIT"), "about"),
    # Spanish
    Counting(_es(r"\bentre\s+N\s+y\s+M\s+UNIT"), "range"),
    Counting(_es(r"\b(?:de\s+)?N\s*(?:-|–|a)\s*M\s+UNIT"), "range"),
    Counting(_es(r"(?<!no )\bmenos de\s+N\s+UNIT"), "at_most", -1),
    Counting(
        _es(
            r"\b(?:(?:como |un )?máximo(?:\s+de)?:?|no más de|no (?:supere|exceda|pase)n?(?:\s+de)?(?:\s+las)?|hasta"
            r"|como mucho)"
            r"\s+N\s+UNIT"
        ),
        "at_most",
    ),
    Counting(_es(r"\bN\s+UNIT\s+(?:como (?:máximo|mucho)|máximo|o menos)\b"), "at_most"),
    Counting(_es(r"(?<!no )\bmás de\s+N\s+UNIT"), "at_least", 1),
    Counting(_es(r"\b(?:al menos|por lo menos|(?:como |un )?mínimo(?:\s+de)?:?|no menos de)\s+N\s+UNIT"), "at_least"),
    Counting(_es(r"\bN\s+UNIT\s+(?:como mínimo|mínimo|o más)\b"), "at_least"),
    Counting(_es(r"\bexactamente\s+N\s+UNIT"), "exactly"),
    Counting(_es(r"\b(?:en|con)\s+(?:solo\s+|sólo\s+)?N\s+UNIT"), "exactly"),
    Counting(_es(r"\b(?:(?:unas|unos|aproximadamente|alrededor de|cerca de|casi)\s+)?N\s+UNIT"), "about"),
    # Chinese
    Counting(_zh(r"N\s*(?:-|–|—|~|～|到|至)\s*MUNIT"), "range"),
    Counting(_zh(r"(?<![不得能要])(?:少于|低于)\s*NUNIT"), "at_most", -1),
    Counting(
        _zh(r"(?:不超过|不多于|不要超过|不得超过|不能超过|最多|至多|控制在|限制在)\s*NUNIT(?:以内|之内|以下|内)?"),
        "at_most",
    ),
    Counting(_zh(r"NUNIT(?:以内|之内|以下|内)"), "at_most"),
    Counting(_zh(r"(?<![不得能要])(?:超过|多于|大于)\s*NUNIT"), "at_least", 1),
    Counting(_zh(r"(?:不少于|不低于|不得少于|不能少于|至少|最少)\s*NUNIT"), "at_least"),
    Counting(_zh(r"NUNIT(?:以上|或以上)"), "at_least"),
    Counting(_zh(r"(?:恰好|正好|刚好)(?:用)?\s*NUNIT"), "exactly"),
    Counting(_zh(r"(?:用|以|写|分成|分为)\s*NUNIT(?!左右|以)"), "exactly"),
    Counting(_zh(r"(?:约|大约|大概)?\s*N(?=[^\s]{0,2}(?:字|词|句话|段))UNIT(?:左右|的)"), "about"),
)
"""The first that matches at a place is taken: *no more than* before *more than*."""

DIRECTIVE = anything(
    r"\b(?:write|answer|respond|reply|give|provide|explain|summari[sz]e|describe|create|generate|compose|draft|make"
    r"|keep|limit|use|list|tell|re-?write|rephrase|paraphrase|shorten|expand|translate|please|should|must|needs?|want"
    r"|can you|could you|would like|i'd like|max(?:imum)?|min(?:imum)?|length|word (?:count|limit)|produce|return"
    r"|output|outline"
    r"|discuss|compare|analy[sz]e|prepare|develop|craft|design|elaborate|extend|include|ensure|do|show|define|state"
    r"|review|argue|reflect|present|format|act|introduce|type|speak|talk|say|continue|improve|edit|convert"
    r"|escr[ií]be\w*|escribir|resp[oó]nd[ea]\w*|respondes|contesta[sr]?|redacta|res[uú]me\w*|resumir|expl[ií]ca\w*|descr[ií]be\w*"
    r"|crea|genera|devuelve|haz|dame|hazme|dime|cuéntame"
    r"|haga|elabora|usa|utiliza|limita|debe|tiene que|quiero|necesito|puedes|podrías|por favor|incluye|enumera|traduce"
    r"|traducir|traduzca|parafrasea|reescribe|desarrolla|máximo|mínimo)\b"
    r"|请|写|回答|用|生成|总结|概括|翻译|解释|介绍|描述|给|帮|要求|字数|列|改写|扩写|缩写|润色|控制|限制|不超过|不少于|至少|最多|输出|返回|讲|以内|之内"
)
"""What makes a sentence a request; in one without it a length is somebody's report."""

CONDITION = anything(r"\b(?:if|when|whenever|unless|si|cuando)\b|如果|当")
"""What binds a length to a case that may not be."""
NEGATED = anything(r"\b(?:don'?t|don’t|do not|never|not|cannot|can't|avoid|no|nunca|evita)\b[^.,;\n]{0,40}\Z")
"""*Don't write more than 50 words* is a maximum."""
PART_BEFORE = anything(
    r"\b(?:each|every|cada)\b[^.;\n。；]{0,120}\Z|"
    r"(?:\b(?:each|every|per|titles?|headlines?|headings?|taglines?|subject lines?|captions?|hooks?|introductions?"
    r"|intro|conclusions?|bullets|points|paragraphs|sentences|lines|sections|meta description|keywords|slides?"
    r"|chapters?"
    r"|items?|entries|cada|títulos?|párrafos|frases|oraciones|introducción|conclusión)\b|每|各|标题|题目|开头|结尾)"
    r"[^.;\n。；]{0,32}\Z"
)
"""What a length is said of when it is not said of the whole answer, before it."""
PART_AFTER = anything(
    r"[^.;,\n。；，]{0,24}(?:\b(?:each|per|apiece|every|cada|por)\b|每)|\s*/|\s*(?:for|para)\s+(?:the|each|every|cada)\b"
)
"""The same, after it."""
CODE = anything(
    r"\b(?:functions?|scripts?|code|program|api|parse[rsd]?|parsing|class(?:es)?|python|javascript|typescript|java|php"
    r"|sql|react|node|servers?|endpoints?|schema|file|función|código|programa)\b|代码|函数|程序|接口|文件"
)
"""What makes a form the form of some code or file."""

_ALIASES = {
    "mandarin": "zh", "simplified chinese": "zh", "traditional chinese": "zh", "castilian": "es", "farsi": "fa",
    "brazilian portuguese": "pt", "filipino": "tl", "british english": "en", "american english": "en",
    "英文": "en", "汉语": "zh", "中国话": "zh", "简体中文": "zh", "繁体中文": "zh", "日文": "ja", "法文": "fr",
    "德文": "de", "俄文": "ru", "韩文": "ko", "西语": "es", "castellano": "es", "holandés": "nl", "mandarín": "zh",
}  # fmt: skip
_CODES = {name.lower(): code for code, names in NAMES.items() for name in names.values()} | _ALIASES
# Names that are English words or first names too are asked for with a capital.
_LATIN = "|".join(sorted((name for name in _CODES if name[0] < "\u3000"), key=len, reverse=True))
_HANZI = "|".join(sorted((name for name in _CODES if name[0] >= "\u3000"), key=len, reverse=True))


def language_code(name: str) -> str:
    """Gives the ISO 639-1 code of a language by its name."""
    return _CODES[name.lower()]


_SAY = (
    r"(?:answer|respond|reply|write|speak|explain|give|say|output|talk|tell|describe|summari[sz]e|generate|produce"
    r"|create|list|provide|compose|re-?write|rephrase|continue|communicate|do it|make|chat|act)"
)
_NOT_A_NOUN = (
    r"(?=\s*(?:[.,;:!?)\]\n。，]|\Z)|\s+(?:language|please|only|and\s+(?!"
    + _LATIN
    + r")|with|for|about|so|using|but|to|on"
    r"|without|that|at|as|by|then|if|no|not)\b)"
)
_DICE = (
    r"(?:responde|responda|contesta|conteste|escribe|escriba|redacta|explica|habla|hazlo|di|dime|resume|genera|crea"
    r"|dame|describe|redacte|escribir|responder)"
)
_NO_TWO = rf"(?!\s*(?:/|,|\bor\b|\band\b|\by\b|\bo\b|&)\s*(?:in\s+|en\s+|to\s+|al\s+)?(?:{_LATIN})\b)"
_HOW = r"(?:only|pure|simple|plain|proper|fluent|native)"
_ENDS = r"(?=[.!\n]|\Z)"
LANGUAGES: tuple[re.Pattern[str], ...] = (
    anything(
        rf"\b{_SAY}\b[^.;!?\n]{{0,80}}?(?<!written )(?<!spoken )(?<!used )(?<!readable )\bin\s+"
        rf"(?:{_HOW}\s+)?(?P<lang>{_LATIN})\b{_NO_TWO}{_NOT_A_NOUN}"
    ),
    anything(
        rf"\b(?:should|must|needs? to|has to|have to)\s+be\s+(?:written\s+)?in\s+(?P<lang>{_LATIN})\b{_NO_TWO}"
        + _NOT_A_NOUN
    ),
    anything(rf"\btranslat(?:e|ion)\b[^.;!?\n]{{0,120}}?\b(?:in)?to\s+(?P<lang>{_LATIN})\b{_NO_TWO}"),
    anything(rf"(?:^|[.,;!?\n])\s*in\s+(?P<lang>{_LATIN})(?:\s+(?:please|only|language))?\s*{_ENDS}"),
    anything(
        rf"(?:^|[.,;:!?(\n]|\buse|\bspeak)\s*(?:in\s+)?(?P<lang>{_LATIN})\s+only\b"
        rf"|\bonly\s+(?:in\s+|use\s+|speak\s+)(?P<also>{_LATIN})\b"
    ),
    anything(rf"\b{_DICE}\b[^.;!?\n]{{0,80}}?\ben\s+(?P<lang>{_LATIN})\b{_NO_TWO}"),
    anything(rf"\btradu(?:ce|cir|zca|cción)\w*\b[^.;!?\n]{{0,120}}?\b(?:al|en)\s+(?P<lang>{_LATIN})\b{_NO_TWO}"),
    anything(rf"(?:^|[.,;!?\n])\s*en\s+(?P<lang>{_LATIN})(?:\s+por favor)?\s*{_ENDS}"),
    re.compile(
        rf"(?:用|以|使用)(?P<lang>{_HANZI})(?:来)?"
        r"(?:回答|回复|答复|写|说|解释|输出|描述|总结|介绍|作答|表达|生成|撰写|翻译|交流)"
    ),
    re.compile(rf"(?:翻译|译|改写|改)(?:成|为|到|作)(?P<lang>{_HANZI})(?![和、或与])"),
    re.compile(rf"(?:回答|回复|输出|答案|内容)(?:请)?(?:必须)?(?:用|使用|为|以)(?P<lang>{_HANZI})"),
)
OF_THE_USER = anything(r"\bI(?:'ll)?\s+(?:(?:need|have|want)\s+to|will|would|can|may)?\s*\Z")
"""*When I need to tell you something in English* says what the user will do."""
ASKS_FOR_A_WORD = anything(
    r"\b(?:how|what|which)\b[^.!\n]{0,60}\b(?:say|call(?:ed)?|words?|means?|spell|pronounced?|translation|term|name)\b"
    r"|怎么说|怎么读|什么意思|\bcómo se (?:dice|llama|escribe)\b"
)
"""*How do you say hello in Spanish?* asks for a word, not for an answer in Spanish."""
