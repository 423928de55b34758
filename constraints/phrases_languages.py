"""The phrases in which users say in what language to answer, in English, Spanish, French, Chinese and Japanese.

Each pattern names a language by the group ``lang`` or ``also``.
"""

from __future__ import annotations

import re

from .phrases import anything, bounded
from .verifiable.language import NAMES

__all__ = ["LANGUAGES", "language_code"]

_ALIASES = {
    "mandarin": "zh", "simplified chinese": "zh", "traditional chinese": "zh", "castilian": "es", "farsi": "fa",
    "brazilian portuguese": "pt", "filipino": "tl", "british english": "en", "american english": "en",
    "英文": "en", "汉语": "zh", "中国话": "zh", "简体中文": "zh", "繁体中文": "zh", "日文": "ja", "法文": "fr",
    "德文": "de", "俄文": "ru", "韩文": "ko", "西语": "es", "castellano": "es", "holandés": "nl", "mandarín": "zh",
    "finlandés": "fi", "英語": "en", "韓国語": "ko",
}  # fmt: skip
_CODES = {name.lower(): code for code, names in NAMES.items() for name in names.values()} | _ALIASES


def _any(ours: bool) -> str:
    return "|".join(sorted((name for name in _CODES if (name[0] >= "\u3000") == ours), key=len, reverse=True))


_LATIN, _ASIAN = _any(False), _any(True)


def language_code(name: str) -> str:
    """Gives the ISO 639-1 code of a language by its name."""
    return _CODES[name.lower()]


_SAY = (
    r"(?:answer|respond|reply|write|speak|explain|give|say|output|talk|tell|describe|summari[sz]e|generate|produce"
    r"|create|list|provide|compose|re-?write|rephrase|continue|communicate|do it|make|chat|act|draft|present)"
)
_NOT_A_NOUN = (
    r"(?=\s*(?:[.,;:!?)\]\n。，]|\Z)|\s+(?:language|please|only|and\s+(?!"
    + _LATIN
    + r")|with|for|about|so|using|but|to|on"
    r"|without|that|at|as|by|then|if|no|not|what|how|why|which|when|where|who|in|from|based|like"
    r"|including|because|since|throughout)\b)"
)
_DICE = (
    r"(?:responde|responda|contesta|conteste|escribe|escriba|redacta|explica|habla|hazlo|di|dime|resume|genera|crea"
    r"|dame|describe|redacte|escribir|responder|responda|contestar|proporciona)"
)
_DIS = (
    r"(?:réponds?|répondre|répondez|écri[st]|écrivez|écrire|rédige[rz]?|explique[rz]?|donne[rz]?(?:-moi)?"
    r"|parle[rz]?|résume[rz]?"
    r"|décri[st]|décrivez|génère|générez|crée[rz]?|fais|faites|dis|raconte)"
)
_NO_TWO = rf"(?!\s*(?:/|,|\bor\b|\band\b|\by\b|\bo\b|\bet\b|\bou\b|&)\s*(?:in\s+|en\s+|to\s+|al\s+)?(?:{_LATIN})\b)"
_HOW = r"(?:only|pure|simple|plain|proper|fluent|native|the|good|formal|clear|uniquement|solo)"
_ENDS = r"(?=[.!\n]|\Z)"
_TEXT = (
    r"(?:essay|article|e-?mail|letter|speech|text|translation|version|summary|paragraph|sentence|caption|description"
    r"|blog post|abstract|report)"
)
LANGUAGES: tuple[re.Pattern[str], ...] = (
    anything(
        rf"\b{_SAY}\b[^.;!?\n]{{0,80}}?(?<!written )(?<!spoken )(?<!used )(?<!readable )(?<!words )\bin\s+"
        rf"(?:{_HOW}\s+){{0,2}}(?P<lang>{_LATIN})\b{_NO_TWO}{_NOT_A_NOUN}"
    ),
    anything(
        rf"\b(?:should|must|needs? to|has to|have to)\s+(?:all\s+)?be\s+(?:written\s+|entirely\s+|only\s+"
        rf"|completely\s+)*(?:in|using)\s+"
        rf"(?:the\s+)?(?P<lang>{_LATIN})\b{_NO_TWO}{_NOT_A_NOUN}"
    ),
    anything(rf"\btranslat(?:e|ion)\b[^.;!?\n]{{0,120}}?\b(?:in)?to\s+(?:{_HOW}\s+)?(?P<lang>{_LATIN})\b{_NO_TWO}"),
    anything(
        rf"\btranslat\w*\s+(?:(?:it|this|that|the|following|text|below|above"
        rf"|sentence)\s+){{0,3}}in\s+(?P<lang>{_LATIN})\b(?!\s+(?:in)?to\b)" + _NO_TWO
    ),
    anything(rf"(?:^|[.,;!?\n])\s*in\s+(?P<lang>{_LATIN})(?:\s+(?:please|only|language))?\s*{_ENDS}"),
    anything(
        rf"(?:^|[.,;:!?(\n]|\buse|\bspeak)\s*(?:in\s+)?(?P<lang>{_LATIN})\s+only\b"
        rf"|\bonly\s+(?:in\s+|use\s+|speak\s+)(?P<also>{_LATIN})\b"
    ),
    anything(
        rf"\b(?:write|draft|compose|create|generate)\b[^.;!?\n]{{0,30}}?\b(?:an?|one"
        rf"|the)\s+(?P<lang>{_LATIN})\s+{_TEXT}\b"
    ),
    anything(
        rf"\b(?:only\s+(?:using\s+)?|using\s+only\s+|use\s+only\s+|in\s+entirely\s+"
        rf"|entirely\s+in\s+)(?:the\s+)?(?P<lang>{_LATIN})\b"
        rf"(?:\s+language)?{_NO_TWO}(?=\s*[.,;:\n)]|\s*\Z|\s+in\s+your|\s+(?:for|to)\b)"
    ),
    anything(rf"\buse\s+(?:the\s+)?(?P<lang>{_LATIN})\s+language\s+only\b"),
    # Spanish
    anything(rf"\b{_DICE}\b[^.;!?\n]{{0,80}}?\ben\s+(?:{_HOW}\s+)?(?:idioma\s+)?(?P<lang>{_LATIN})\b{_NO_TWO}"),
    anything(
        rf"\b(?:(?:debe[ns]?|tiene que|debería)\s+(?:estar|ser|escribirse|redactarse)"
        rf"|respuesta\s+esté)\s+(?:\w+\s+){{0,3}}?en\s+(?P<lang>{_LATIN})\b" + _NO_TWO
    ),
    anything(rf"\btradu(?:ce|cir|zca|cción)\w*\b[^.;!?\n]{{0,120}}?\b(?:al|en)\s+(?P<lang>{_LATIN})\b{_NO_TWO}"),
    anything(rf"(?:^|[.,;!?\n])\s*en\s+(?P<lang>{_LATIN})(?:\s+(?:por favor|s'il (?:te|vous) plaît))?\s*{_ENDS}"),
    # French
    anything(rf"\b{_DIS}\b[^.;!?\n]{{0,80}}?\ben\s+(?:{_HOW}\s+)?(?P<lang>{_LATIN})\b{_NO_TWO}"),
    anything(rf"\b(?:dans (?:cette|la) langue(?: suivante)?)[^.;:\n]{{0,40}}\s*:\s*(?P<lang>{_LATIN})\b{_NO_TWO}"),
    anything(rf"\b(?:doi(?:t|vent)|devra)\s+(?:être\s+)?(?:\w+\s+){{0,3}}?en\s+(?P<lang>{_LATIN})\b{_NO_TWO}"),
    anything(rf"\btradui(?:s|re|sez|t)\b[^.;!?\n]{{0,120}}?\ben\s+(?P<lang>{_LATIN})\b{_NO_TWO}"),
    # Chinese
    re.compile(
        rf"(?:用|以|使用)(?P<lang>{_ASIAN})(?:来)?"
        r"(?:语言)?(?:来)?(?:简要)?(?:回答|回复|答复|写|说|解释|输出|描述|总结|介绍|作答|表达|生成|撰写|翻译|交流|创作|概括|分析|阐释|阐述|概述|归纳|讲|简述|重写|改写|扩写)"
    ),
    re.compile(rf"(?:翻译|译|翻|改写|改)(?:成|为|到|作)(?:\S{{0,3}}的)?(?P<lang>{_ASIAN})(?![和、或与])"),
    re.compile(rf"(?:回答|回复|输出|答案|内容)(?:请)?(?:必须|应|要)?(?:用|使用|为|以)(?P<lang>{_ASIAN})"),
    re.compile(
        rf"(?:写|撰写|创作|生成|起草|拟)[^。；\n]{{0,30}}?(?:一|1)[篇封段份首则](?:[^，。；\n关介有]{{0,6}}?)(?P<lang>{_ASIAN})(?:的|小|短)?"
        r"(?![，。；、和与及翻\s])"
    ),
    re.compile(
        rf"(?:请|要求|必须|需要?|须|应|全文|只能?|(?<!的)语言|输出)(?:的语言)?(?:要求)?(?:使用|用|采用|以|为"
        rf"|是)(?P<lang>{_ASIAN})(?:语言)?(?:来)?(?:输出|回答|撰写)?"
        r"(?=\s*(?:[，。；,;]|\Z|\n))"
    ),
    re.compile(rf"(?:要求|请)(?P<lang>{_ASIAN})(?:输出|回答|回复)|翻译[^。，：\n]{{0,16}}到(?P<also>{_ASIAN})"),
    # Japanese
    re.compile(
        bounded(
            rf"(?P<lang>{_ASIAN})(?:だけ|のみ)?で(?:の)?(?:[^。、\n]{{0,12}}?)"
            r"(?:書|答|回答|説明|要約|お願い|出力|返|まとめ|話して|教え|作成|なければ|述べ|記述|表現)"
        )
    ),
    re.compile(rf"(?P<lang>{_ASIAN})(?:へ|に)(?:翻訳|訳|直し|変換)"),
)
