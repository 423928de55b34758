"""Whether constraints can be met together: a text that satisfies all of them, built and checked.

The builder draws texts within the bounds that the common constraints set (words, sentences, paragraphs, bullets,
phrases that must stand somewhere, case) and puts the witnesses of all others in as blocks. That it finds nothing is no
proof that there is nothing; what is found is one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Any

from ..schemas.canonical import canonical_json
from ..schemas.messages import Messages
from ..schemas.outcome import Outcome
from ..schemas.text import words
from .document import Document
from .run import read_params, run_check
from .verifiable._published import Adapted

__all__ = ["Held", "as_ours", "fewest", "joint_witness", "missed"]

Held = tuple[str, dict[str, Any]]
"""A constraint's id and its parameters."""

TRIES = 120
_FILLER = {
    "en": "we see the slow sun over calm water and old walls near that quiet land where winter rain never comes late",
    "es": "la luna sale sobre el agua tranquila y los muros antiguos junto a la casa donde nunca llueve en el verano",
    "fr": "la lune se lève sur les eaux calmes et les murs anciens de la maison où il ne pleut jamais pendant la nuit",
    "de": "der mond steht über dem ruhigen wasser und den alten mauern und niemand weiß warum es hier nie regnet",
    "pt": "a lua nasce sobre as águas calmas e os muros antigos da casa onde não chove nunca durante o verão",
    "ja": "月 は 静 か な 水 の 上 に ゆ っ く り と の ぼ り 古 い 町 の か べ を て ら し て い ま す",
    "zh": "月 亮 慢 慢 升 起 来 照 着 平 静 的 水 面 和 古 老 的 城 墙 我 们 在 这 里 等 待 春 天",
}
_PIECES = {
    "count.placeholders": "[a]",
    "count.numbers": "7",
    "format.highlights": "*so*",
    "case.capital_words": "TV",
}
"""What is put in once for each that is asked for."""
_SHAPED = frozenset(
    """length.words length.sentences length.paragraphs format.bullets format.title format.json keywords.include
    keywords.exclude keywords.frequency count.letter start_end.start_phrase start_end.end_phrase start_end.quotation
    case.upper case.lower language.response""".split()
) | set(_PIECES)
"""Constraints that shape the text; of any other the witness is put in."""


def _range(held: Sequence[Held], id: str, low: int, high: int) -> tuple[int, int]:
    """Gives the least and the most that constraints with this id allow."""
    for checker, params in held:
        if checker != id:
            continue
        relation, n = params["relation"], int(params["n"])
        if relation in ("at_least", "exactly", "more_than"):
            low = max(low, n + (relation == "more_than"))
        if relation in ("at_most", "exactly", "less_than"):
            high = min(high, n - (relation == "less_than"))
    return low, max(low, high) if high >= low else high


def fewest(params: dict[str, Any]) -> int:
    """Gives how many a constraint asks for at least; 0 where it asks for no number."""
    shift = {"at_least": 0, "exactly": 0, "more_than": 1}.get(params.get("relation", ""))
    return 0 if shift is None else int(params["n"]) + shift


def _pieces(held: Sequence[Held]) -> list[str]:
    """Gives the words that must stand somewhere."""
    pieces: list[str] = []
    for id, params in held:
        if id == "keywords.include":
            pieces += params["words"]
        named = {"keywords.frequency": "keyword", "count.letter": "letter"}.get(id)
        one = params[named] if named else _PIECES.get(id)
        pieces += [one] * fewest(params) if one else []
    return pieces


def _asked(held: Sequence[Held], id: str) -> dict[str, Any] | None:
    return next((params for checker, params in held if checker == id), None)


def _dealt(tokens: Sequence[str], count: int) -> list[list[str]]:
    """Deals tokens out to parts, none empty where there are enough."""
    size, rest = divmod(len(tokens), count)
    cuts = [at * size + min(at, rest) for at in range(count + 1)]
    return [list(tokens[a:b]) for a, b in pairwise(cuts)]


class _Builder:
    """Draws texts for one set of constraints."""

    def __init__(self, held: Sequence[Held], blocks: Sequence[str], language: str) -> None:
        self.held, self.blocks = held, blocks
        self.spaced = language not in ("zh", "ja")
        filler = _FILLER[language].split()
        for id, params in held:
            if id == "count.letter" and not fewest(params):
                filler = [word for word in filler if params["letter"] not in word] or filler
        self.filler = filler
        title = "" if _asked(held, "format.title") is None else "<<a>>\n" if self.spaced else "<<月亮>>\n"
        start, end = _asked(held, "start_end.start_phrase"), _asked(held, "start_end.end_phrase")
        self.head = title + (start["phrase"] if start else "")
        self.tail = end["phrase"] if end else ""
        self.pieces = _pieces(held)

    def _tokens(self, rng: Random, ceiling: int) -> list[str]:
        low, high = _range(self.held, "length.words", 1, 10_000)
        said = len(words(" ".join([self.head, self.tail, *self.blocks, *self.pieces])))
        target = rng.randint(max(low, said, 1), max(low, said, min(high, max(low, said) + ceiling)))
        tokens = self.pieces + [rng.choice(self.filler) for _ in range(max(target - said, 0))]
        rng.shuffle(tokens)
        return tokens

    def _body(self, rng: Random) -> str:
        """Gives sentences in paragraphs, or bullets."""
        tokens, space = self._tokens(rng, 30), " " if self.spaced else ""
        if _asked(self.held, "format.bullets") is not None:
            bullets = _range(self.held, "format.bullets", 0, 9)
            lines = _dealt(tokens, max(1, rng.randint(*bullets)))
            return "\n" + "\n".join(f"- {space.join(line) or self.filler[0]}" for line in lines) + "\n"
        sentences = _range(self.held, "length.sentences", 1, 12)
        paragraphs = _range(self.held, "length.paragraphs", 1, 6)
        count = rng.randint(*sentences)
        parts = rng.randint(paragraphs[0], min(paragraphs[1], max(paragraphs[0], count)))
        own = 0 if not self.tail or self.tail[-1].isalnum() else 1
        stop = "." if self.spaced else "。"
        texts = [space.join(one) + (stop if one else "") for one in _dealt(tokens, max(1, count - own))]
        groups = [space.join(text for text in group if text) for group in _dealt(texts, max(1, parts))]
        return "\n\n".join(groups)

    def draw(self, rng: Random) -> str:
        """Gives one text; whether it satisfies all is for the checks to say."""
        blocks = rng.sample(self.blocks, len(self.blocks))
        body = [] if blocks and rng.random() < 0.5 else [self._body(rng)]
        at = rng.randint(0, len(blocks))
        joint = rng.choice(["\n\n", "\n", " "])
        text = joint.join([*blocks[:at], *body, *blocks[at:]])
        space = " " if self.head and not self.head.endswith("\n") else ""
        text = self.head + space + text
        if self.tail:
            text += ("" if text.endswith("\n") else rng.choice([" ", "\n", "\n\n"])) + self.tail
        if _asked(self.held, "start_end.quotation") is not None:
            text = f'"{text}"'
        if _asked(self.held, "case.upper") is not None:
            return text.upper()
        return text.lower() if _asked(self.held, "case.lower") is not None else text

    def draw_json(self, rng: Random) -> str:
        """Gives a JSON array that holds the words."""
        return json.dumps([" ".join(self._tokens(rng, 30))], ensure_ascii=False)


def as_ours(held: Held) -> Held:
    """Gives a constraint as the one of ours that it means, where it is published and means one.

    Raises:
        UsageError: when the id does not exist.
        ValueError: when the parameters are not the constraint's.
    """
    constraint, params = read_params(held[0], canonical_json(held[1]))
    if isinstance(constraint, Adapted):
        constraint, params = constraint.inner(params)
    return constraint.id, params.model_dump(mode="json")


def missed(held: Sequence[Held], text: str, messages: Messages = ()) -> list[str]:
    """Gives the constraints that a text does not satisfy, with what the checks found."""
    document = Document(text, messages=messages)
    found = {id: run_check(id, canonical_json(params), document) for id, params in held}
    return [f"{id}: {ran.reason}" for id, ran in found.items() if ran.outcome is not Outcome.SATISFIED]


def joint_witness(held: Sequence[Held], language: str, tries: int = TRIES) -> str | None:
    """Gives a text that satisfies all the constraints; null where none was found.

    Args:
        held: constraints with parameters of theirs; one that reads the conversation counts by its own witness's.
        language: of the text, where no constraint asks for another.
        tries: texts drawn; the same are drawn each time.

    Raises:
        UsageError: when an id does not exist.
        ValueError: when parameters are not the constraint's.
    """
    held = [as_ours(one) for one in held]
    read = [(id, *read_params(id, canonical_json(params))) for id, params in held]
    witnesses = [constraint.witness(params, Random(0)) for id, constraint, params in read if id not in _SHAPED]
    conversations = {json.dumps(one.messages): one.messages for one in witnesses if one.messages}
    if len(conversations) > 1:
        return None
    messages = next(iter(conversations.values()), ())
    asked = _asked(held, "language.response")
    language = asked["language"] if asked else language
    builder = _Builder(held, [one.satisfies for one in witnesses], language if language in _FILLER else "en")
    rng = Random(0)
    draw = builder.draw if _asked(held, "format.json") is None else builder.draw_json
    for _ in range(tries):
        text = draw(rng)
        if not missed(held, text, messages):
            return text
    return None
