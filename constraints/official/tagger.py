"""The part of speech of a text's first token, as nltk 3.9's averaged perceptron gives it.

The tagger goes from left to right and looks at the tags it gave, the token, the two before it and the two behind it. So
the first tag depends on the first three tokens and on nothing else, and of the weights only those are kept that can
bear on a first token.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from .package_data import read_data

__all__ = ["NEEDED", "tag_first"]

NEEDED = 3
"""Tokens that the first tag depends on."""


@dataclass(frozen=True)
class _Model:
    """The tags, the words that have but one, and for each feature the weights as they are packed."""

    tags: list[str]
    known: dict[str, str]
    weights: dict[str, str]
    """``"3 -120 17 845"``: tag 3 loses 0.12, tag 17 gains 0.845. Unpacked when asked for: 14 features a text."""


@cache
def _model() -> _Model:
    tags, known, *features = read_data("tagger.txt.xz").split("\n")
    return _Model(
        tags=tags.split(" "),
        known=dict(word.rsplit(" ", 1) for word in known.split("\t")),
        weights=dict(feature.split("\t") for feature in features),
    )


def tag_first(tokens: Sequence[str]) -> str | None:
    """Gives the Penn treebank tag of the first of the tokens, such as ``VB``; null without a token.

    Args:
        tokens: the first ``NEEDED`` of a text, or all it has; further ones change nothing.
    """
    if not tokens:
        return None
    model = _model()
    scores: defaultdict[str, float] = defaultdict(float)
    if tag := model.known.get(tokens[0]):
        return tag
    for feature in _features(tokens):
        packed = model.weights.get(feature, "").split()
        for tag, weight in zip(packed[::2], packed[1::2], strict=True):
            scores[model.tags[int(tag)]] += int(weight) / 1000
    return max(model.tags, key=lambda tag: (scores[tag], tag))


def _features(tokens: Sequence[str]) -> list[str]:
    """Gives the features of the first token, in the order in which their weights are added."""
    first = tokens[0]
    word, second, third = [*map(_normal, tokens[:NEEDED]), "-END-", "-END2-"][:NEEDED]
    return [
        "bias",
        f"i suffix {first[-3:]}",
        f"i pref1 {first[:1]}",
        "i-1 tag -START-",
        "i-2 tag -START2-",
        "i tag+i-2 tag -START- -START2-",
        f"i word {word}",
        f"i-1 tag+i word -START- {word}",
        "i-1 word -START2-",
        "i-1 suffix T2-",
        "i-2 word -START-",
        f"i+1 word {second}",
        f"i+1 suffix {second[-3:]}",
        f"i+2 word {third}",
    ]


def _normal(token: str) -> str:
    """Gives a token in lower case, or a name for numbers and words with a hyphen."""
    if "-" in token and token[0] != "-":
        return "!HYPHEN"
    if token.isdigit() and len(token) == 4:
        return "!YEAR"
    return "!DIGITS" if token[:1].isdigit() else token.lower()
