"""A conversation under way: the turn to answer can only be understood from the turns before it.

Situation: the user follows up: narrows, corrects, adds a fact, asks for the same thing in another form. Good answers
use what was said before and do not contradict it. Conversations that an operator's system message opens belong to
``system_prompt`` instead, however many turns they have.

Sources: chat logs with whole conversations (``starter``, ``messages``, WildChat): of each, the part up to a user turn.

Licences: nothing of its own; what a source's rows are under is written into each instruction. The starter rows are
Apache-2.0.
"""

from __future__ import annotations

from ...schemas.instruction import Given
from ...schemas.messages import Message
from ...schemas.recipe import Use
from ..scenario import Gold, GoldConstraint, Scenario
from ..source import Candidate

__all__ = ["MultiTurn"]


class MultiTurn(Scenario):
    """At least one answered turn, then the turn to answer; no system message."""

    id = "multi_turn"
    instruction_type = "multi_turn"
    sources = (Use(id="starter"),)
    # Not case and language: the earlier answers have already set how the assistant writes in this conversation.
    attach = ("length", "keywords", "format", "punctuation", "start_end", "count")
    checklist = (Given("Does the answer fit what was said earlier in the conversation?", categories=("Situation",)),)
    gold = (
        Gold(
            messages=(
                {"role": "user", "content": "Which herbs can I grow on a north-facing windowsill?"},
                {"role": "assistant", "content": "Mint, parsley and chives get by with little direct sun."},
                {"role": "user", "content": "And how often do I water the first one?"},
            ),
            constraints=(
                GoldConstraint("length.words", {"relation": "at_most", "n": 12}),
                GoldConstraint("length.sentences", {"relation": "exactly", "n": 1}),
                GoldConstraint("punctuation.no_comma", {}),
            ),
            satisfies="Water the mint whenever the top of the soil feels dry.",
            violates="Mint likes its soil moist. Push a finger in: if the first joint comes out dry, water it well.",
        ),
        Gold(
            messages=(
                {"role": "user", "content": "Recomiéndame un libro corto para el tren."},
                {"role": "assistant", "content": "¿Prefiere misterio, humor o viajes?"},
                {"role": "user", "content": "Misterio, y que no dé miedo."},
            ),
            constraints=(
                GoldConstraint("length.words", {"relation": "at_least", "n": 10}),
                GoldConstraint("length.paragraphs", {"relation": "at_least", "n": 2}),
                GoldConstraint("count.numbers", {"relation": "at_least", "n": 1}),
            ),
            satisfies="Busque una novela de detectives clásica.\n\nCon unas 150 páginas le durará el viaje entero.",
            violates="Una novela de detectives clásica.",
        ),
    )

    def select(self, candidate: Candidate) -> bool:
        """Takes conversations of at least three messages that alternate from user to user."""
        return len(candidate.messages) >= 3 and _alternates(candidate.messages)


def _alternates(messages: tuple[Message, ...]) -> bool:
    return all(message["role"] == ("user", "assistant")[i % 2] for i, message in enumerate(messages))
