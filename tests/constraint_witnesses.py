"""Builds, for constraints that are asked for together, one text that satisfies all of them."""

from __future__ import annotations

import json
from itertools import pairwise
from random import Random
from typing import Any

from benchwright.constraints.run import run_check
from benchwright.schemas.outcome import Outcome
from benchwright.schemas.text import words

Held = tuple[str, dict[str, Any]]

FILLER = {
    "en": "we see the slow sun over calm water and old walls near that quiet land where winter rain never comes late",
    "es": "la luna sale sobre el agua tranquila y los muros antiguos junto a la casa donde nunca llueve en el verano",
    "fr": "la lune se lève sur les eaux calmes et les murs anciens de la maison où il ne pleut jamais pendant la nuit",
    "de": "der mond steht über dem ruhigen wasser und den alten mauern und niemand weiß warum es hier nie regnet",
    "pt": "a lua nasce sobre as águas calmas e os muros antigos da casa onde não chove nunca durante o verão",
    "ja": "月 は 静 か な 水 の 上 に ゆ っ く り と の ぼ り 古 い 町 の か べ を て ら し て い ま す",
    "zh": "月 亮 慢 慢 升 起 来 照 着 平 静 的 水 面 和 古 老 的 城 墙 我 们 在 这 里 等 待 春 天",
}


def _bounds(held: list[Held], id: str, low: int, high: int) -> tuple[int, int]:
    """Gives the least and the most that constraints with this id allow."""
    for checker, params in held:
        if checker == id and params["relation"] in ("at_least", "exactly"):
            low = max(low, params["n"])
        if checker == id and params["relation"] in ("at_most", "exactly"):
            high = min(high, params["n"])
    return low, max(low, high) if high >= low else high


def _pieces(held: list[Held]) -> list[str]:
    """Gives the words that must stand somewhere."""
    pieces: list[str] = []
    for id, params in held:
        if id == "keywords.include":
            pieces += params["words"]
        least = params["n"] if params.get("relation") in ("at_least", "exactly") else 0
        one = {
            "keywords.frequency": params.get("keyword"),
            "count.letter": params.get("letter"),
            "count.placeholders": "[a]",
            "count.numbers": "7",
            "format.highlights": "*so*",
            "case.capital_words": "TV",
        }.get(id)
        pieces += [one] * least if one else []
    return pieces


def _asked(held: list[Held], id: str) -> dict[str, Any] | None:
    return next((params for checker, params in held if checker == id), None)


def _sentences(tokens: list[str], count: int) -> list[list[str]]:
    """Deals tokens out to sentences, none empty where there are enough."""
    size, rest = divmod(len(tokens), count)
    cuts = [at * size + min(at, rest) for at in range(count + 1)]
    return [tokens[a:b] for a, b in pairwise(cuts)]


def _attempt(held: list[Held], language: str, rng: Random) -> str:
    """Makes one text at random within the bounds."""
    zh = language in ("zh", "ja")
    filler = FILLER[language].split()
    for id, params in held:
        if id == "count.letter" and params["relation"] != "at_least":
            filler = [word for word in filler if params["letter"] not in word] or filler
    start, end = _asked(held, "start_end.start_phrase"), _asked(held, "start_end.end_phrase")
    title = "<<月亮>>" if zh else "<<a>>"
    head = (f"{title}\n" if _asked(held, "format.title") is not None else "") + (start["phrase"] if start else "")
    tail = end["phrase"] if end else ""
    pieces = _pieces(held)
    low, high = _bounds(held, "length.words", 1, 10_000)
    said = len(words(" ".join([head, tail, *pieces])))
    sentences = _bounds(held, "length.sentences", 1, 12)
    paragraphs = _bounds(held, "length.paragraphs", 1, 6)
    bullets = _bounds(held, "format.bullets", 0, 0 if _asked(held, "format.bullets") is None else 9)
    count = rng.randint(*sentences)
    parts = rng.randint(paragraphs[0], min(paragraphs[1], max(paragraphs[0], count)))
    target = rng.randint(max(low, said, 1), max(low, said, min(high, max(low, said) + 30)))
    own = 0 if not tail or tail[-1].isalnum() else 1
    tokens = pieces + [rng.choice(filler) for _ in range(max(target - said, 0))]
    rng.shuffle(tokens)
    made = _sentences(tokens, max(1, count - own))
    stop, space = ("。", "") if zh else (".", " ")
    texts = [space.join(sentence) + (stop if sentence else "") for sentence in made]
    if bullets[1]:
        lines = _sentences(tokens, rng.randint(*bullets))
        body = "\n" + "\n".join(f"- {space.join(line) or filler[0]}" for line in lines) + "\n"
    else:
        groups = [space.join(text for text in group if text) for group in _sentences(texts, parts)]
        body = "\n\n".join(groups)
    joint = " " if head and not head.endswith("\n") else ""
    text = head + joint + body + (("\n" if bullets[1] else " ") + tail if tail else "")
    if _asked(held, "start_end.quotation") is not None:
        text = f'"{text}"'
    if _asked(held, "case.upper") is not None:
        text = text.upper()
    return text.lower() if _asked(held, "case.lower") is not None else text


def _as_json(held: list[Held], language: str, rng: Random) -> str:
    filler = FILLER[language].split()
    low, high = _bounds(held, "length.words", 1, 40)
    pieces = _pieces(held)
    own = len(words(" ".join(pieces)))
    tokens = pieces + [rng.choice(filler) for _ in range(max(0, rng.randint(low, max(low, high)) - own))]
    return json.dumps([" ".join(tokens)], ensure_ascii=False)


def missed(held: list[Held], text: str) -> list[str]:
    """Gives the constraints that a text does not satisfy, with what the checks found."""
    found = {id: run_check(id, json.dumps(params), text, "stop") for id, params in held}
    return [f"{id}: {result[1]}" for id, result in found.items() if result[0] is not Outcome.SATISFIED]


def joint_witness(held: list[Held], language: str, tries: int = 300) -> str | None:
    """Gives a text that satisfies all the constraints, each an id with its parameters; null if none was found.

    Args:
        language: of the text, where no constraint asks for another.
    """
    asked = _asked(held, "language.response")
    language = asked["language"] if asked else language
    rng = Random(0)
    make = _as_json if _asked(held, "format.json") is not None else _attempt
    for _ in range(tries):
        text = make(held, language if language in FILLER else "en", rng)
        if not missed(held, text):
            return text
    return None
