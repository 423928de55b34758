"""Wordings of several constraints in one sentence: their clauses joined, conditions worded, in five languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from ..document import MARGIN
from ._parts import NESTING, Part
from ._wording import Nouns, listed, quantity
from .language import NAMES

__all__ = ["clauses", "closed", "condition_clause", "first_clause", "otherwise_clause", "rule_clause", "steps_clause"]

On = Literal["response", "input"]
_NEXT = {"en": "; ", "zh": "；", "es": "; ", "fr": " ; ", "ja": "；"}
_LAST = {"en": "; and ", "zh": "；", "es": "; y, además, ", "fr": " ; et ", "ja": "；"}
_LINKED = {"en": "; and also, ", "zh": "；而且，", "es": "; y, por último, ", "fr": " ; et enfin, ", "ja": "さらに"}
_OTHERWISE = {
    "en": "; otherwise, {rule}",
    "zh": "；否则，{rule}",
    "es": "; si no, {rule}",
    "fr": " ; sinon, {rule}",
    "ja": "そうでない場合は{rule}",
}
_ORDER = {
    "en": ("first, ", "then, ", "after that, ", "finally, "),
    "zh": ("首先，", "然后，", "接着，", "最后，"),
    "es": ("primero, ", "después, ", "a continuación, ", "por último, "),
    "fr": ("d'abord, ", "ensuite, ", "après cela, ", "enfin, "),
    "ja": ("まず、", "次に、", "それから、", "最後に、"),
}
# Polite endings of Japanese and how the sentence goes on after them.
_GOING_ON = (
    ("てください", "て、"),
    ("でください", "で、"),
    ("なければなりません", "なければならず、"),
    ("てはいけません", "てはならず、"),
    ("使えません", "使えず、"),
    ("必要です", "必要で、"),
)
_SAID = re.compile(r"([.!?…。！？][\"”»」])[.。]\Z")


def _texts(params: Any) -> list[str]:
    """Gives the texts among a constraint's parameters: they are not changed."""
    values = dict(params).values()
    items = (item for value in values for item in (value if isinstance(value, list | tuple) else [value]))
    return [item.strip() for item in items if isinstance(item, str) and item.strip()]


def _rule_text(part: Part, language: str, variant: int) -> str:
    """Gives a part's own sentence without its full stop."""
    constraint, params = part.read()
    text = constraint.render(params, language, variant)
    stop = text[-1:] in ".。" and text[-2:-1] != "." and not any(text.endswith(own) for own in _texts(params))
    return text[:-1] if stop else text


def rule_clause(part: Part, language: str, variant: int) -> str:
    """Gives a part's sentence as it stands inside another: without a capital, but where a parameter begins it."""
    text = _rule_text(part, language, variant)
    own = _texts(part.read()[1])
    capital = text[:1].isupper() and (text[1:2].islower() or text[1:2] in "'’ ") and not re.match(r"I\b", text)
    if capital and not any(text.startswith(one) for one in own):
        text = text[0].lower() + text[1:]
    return text


def _clause(part: Part, language: str, variant: int) -> str:
    """Gives a part's sentence as a clause, a composition in brackets."""
    text = rule_clause(part, language, variant)
    if part.checker not in NESTING:
        return text
    return f"（{text}）" if language in ("zh", "ja") else f"({text})"


def _goes_on(text: str) -> str:
    """Gives a Japanese sentence as one that another follows."""
    for end, on in _GOING_ON:
        if text.endswith(end):
            return text.removesuffix(end) + on
    return f"{text}；"


def clauses(parts: Sequence[Part], language: str, variant: int, *, linked: bool = False, goes_on: bool = False) -> str:
    """Joins the sentences of parts.

    Args:
        linked: as the rest of a sentence, not as a list.
        goes_on: something follows in the same sentence.
    """
    texts = [_clause(part, language, variant) for part in parts]
    if language == "ja" and linked:
        texts = [_goes_on(text) if goes_on or at < len(texts) - 1 else text for at, text in enumerate(texts)]
        return _LINKED["ja"].join(texts)
    last = (_LINKED if linked else _LAST)[language]
    joined = _NEXT[language].join(texts[:-1])
    return f"{joined}{last}{texts[-1]}" if joined else texts[-1]


def first_clause(part: Part, language: str, variant: int) -> str:
    """Gives the part's sentence as the beginning of one."""
    if part.checker in NESTING:
        text = _clause(part, language, variant)
    else:
        text = _rule_text(part, language, variant)
    return _goes_on(text) if language == "ja" else text


def otherwise_clause(parts: Sequence[Part], language: str, variant: int) -> str:
    """Words what is asked where the condition does not hold; empty for nothing."""
    if not parts:
        return ""
    return _OTHERWISE[language].format(rule=clauses(parts, language, variant, linked=True))


def steps_clause(steps: Sequence[Part], language: str, variant: int) -> str:
    """Words the steps in their order."""
    first, second, middle, last = _ORDER[language]
    names = [first, second, *[middle] * (len(steps) - 3), last] if len(steps) > 2 else [first, second]
    pairs = zip(names, (_clause(step, language, variant) for step in steps), strict=True)
    return _NEXT[language].join(f"{name}{text}" for name, text in pairs)


_SUBJECTS: dict[On, dict[str, str]] = {
    "response": {"en": "your answer", "zh": "你的回答", "es": "tu respuesta", "fr": "ta réponse", "ja": "回答"},
    "input": {
        "en": "my request, rules like this one aside,",
        "zh": "我的请求（不计这类规则）",
        "es": "mi petición, sin contar reglas como esta,",
        "fr": "ma demande, hors règles comme celle-ci,",
        "ja": "私の依頼（こうした規則は除く）",
    },
}
_NOUNS: dict[str, Nouns] = {
    "length.words": {
        "en": ("word", "words"),
        "zh": ("个字", "个字"),
        "es": ("palabra", "palabras"),
        "fr": ("mot", "mots"),
        "ja": ("語", "語"),
    },
    "length.sentences": {
        "en": ("sentence", "sentences"),
        "zh": ("句话", "句话"),
        "es": ("frase", "frases"),
        "fr": ("phrase", "phrases"),
        "ja": ("文", "文"),
    },
    "length.paragraphs": {
        "en": ("paragraph", "paragraphs"),
        "zh": ("个段落", "个段落"),
        "es": ("párrafo", "párrafos"),
        "fr": ("paragraphe", "paragraphes"),
        "ja": ("段落", "段落"),
    },
}
_HAS = {"en": "{s} has {q}", "zh": "{s}有{q}", "es": "{s} tiene {q}", "fr": "{s} compte {q}", "ja": "{s}が{q}である"}
_HOLDS = {
    "en": "{s} contains {w}",
    "zh": "{s}包含{w}",
    "es": "{s} contiene {w}",
    "fr": "{s} contient {w}",
    "ja": "{s}に{w}が含まれている",
}
_IS_IN = {
    "en": "{s} is in {name}",
    "zh": "{s}是用{name}写的",
    "es": "{s} está en {name}",
    "fr": "{s} est en {name}",
    "ja": "{s}が{name}で書かれている",
}
_WITHOUT = {
    "punctuation.no_comma": {
        "en": "{s} has no comma",
        "zh": "{s}没有逗号和顿号",
        "es": "{s} no tiene ninguna coma",
        "fr": "{s} ne contient aucune virgule",
        "ja": "{s}に読点もコンマもない",
    },
    "punctuation.no_exclamation": {
        "en": "{s} has no exclamation mark",
        "zh": "{s}没有感叹号",
        "es": "{s} no tiene ningún signo de exclamación",
        "fr": "{s} ne contient aucun point d'exclamation",
        "ja": "{s}に感嘆符がない",
    },
}
_ANY = {
    "en": "{s} keeps to this rule, which is to be read as said of it (“{rule}”)",
    "zh": "{s}符合下面这条规则（规则所说的对象就是它：“{rule}”）",
    "es": "{s} cumple esta regla, que se entiende dicha de ese texto («{rule}»)",
    "fr": "{s} respecte cette règle, à lire comme dite de ce texte-là (« {rule} »)",
    "ja": "{s}が、それについて述べたものとしての次の規則「{rule}」を守っている",
}


def condition_clause(part: Part, on: On, language: str, variant: int) -> str:
    """Words a condition: ``your answer has at least 100 words``; one that has no wording of its own by its rule."""
    constraint, params = part.read()
    id = constraint.id
    values: dict[str, Any] = {"s": _SUBJECTS[on][language]}
    if id in _NOUNS:
        form = _HAS[language]
        values["q"] = quantity(params.relation, params.n, _NOUNS[id], language, variant)
    elif id == "keywords.include":
        form = _HOLDS[language]
        values["w"] = listed(params.words, language)
    elif id == "language.response" and params.language in NAMES:
        form = _IS_IN[language]
        values["name"] = NAMES[params.language][language]
    elif id in _WITHOUT:
        form = _WITHOUT[id][language]
    else:
        form = _ANY[language]
        values["rule"] = _rule_text(part, language, variant)
    return form.format(**values).strip(MARGIN)


def closed(text: str) -> str:
    """Takes off a full stop after a quotation that has its own end mark."""
    return _SAID.sub(r"\1", text)
