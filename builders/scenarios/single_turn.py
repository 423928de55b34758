"""One request, asked cold: the most common way in which people use an assistant.

Situation: a user types or pastes something and wants one answer; there is no history and no operator. Requests run from
three words with typos to a pasted page, in many languages.

Sources: any of single prompts (``starter``, ``messages``, WildChat's prompt-only layout), and chat logs, of which only
conversations of one turn are taken.

Licences: nothing of its own; what a source's rows are under is written into each instruction. The starter rows are
Apache-2.0.
"""

from __future__ import annotations

from ...schemas.instruction import Given
from ...schemas.recipe import Use
from ..scenario import Gold, GoldConstraint, Scenario
from ..source import Candidate

__all__ = ["SingleTurn"]


class SingleTurn(Scenario):
    """A lone user message."""

    id = "single_turn"
    instruction_type = "single_turn"
    sources = (Use(id="starter"),)
    attach = ("length", "keywords", "format", "case", "punctuation", "start_end", "count", "language")
    checklist = (Given("Does the answer do what the user asked for?", categories=("Content",)),)
    gold = (
        Gold(
            messages=({"role": "user", "content": "Name two vegetables that grow in the shade."},),
            constraints=(
                GoldConstraint("length.sentences", {"relation": "exactly", "n": 1}),
                GoldConstraint("length.words", {"relation": "at_most", "n": 8}),
                GoldConstraint("count.numbers", {"relation": "at_least", "n": 1}),
            ),
            satisfies="My 2 favourites are spinach and lettuce.",
            violates="Spinach grows well in the shade. Lettuce does too, and it even prefers it in a hot summer.",
        ),
        Gold(
            messages=({"role": "user", "content": "给新来的同事写一句欢迎的话。"},),
            constraints=(
                GoldConstraint("length.words", {"relation": "at_most", "n": 20}),
                GoldConstraint("length.sentences", {"relation": "at_most", "n": 1}),
            ),
            satisfies="欢迎你加入我们，祝你工作愉快！",
            violates="欢迎你来到我们这个温暖的大家庭。我们已经盼了你很久。有任何问题都可以随时来问我们每一个人！",
        ),
        Gold(
            messages=({"role": "user", "content": "¿Qué llevo a una excursión por la montaña?"},),
            constraints=(
                GoldConstraint("length.paragraphs", {"relation": "exactly", "n": 2}),
                GoldConstraint("count.placeholders", {"relation": "at_least", "n": 1}),
            ),
            satisfies="Lleva agua, un mapa y una chaqueta.\n\nAvisa a [nombre] de la hora a la que piensas volver.",
            violates="Lleva agua, un mapa y una chaqueta, y avisa a alguien de la hora a la que piensas volver.",
        ),
        Gold(
            messages=({"role": "user", "content": "packed lunch ideas for a picky 7 yr old"},),
            constraints=(
                GoldConstraint("format.bullets", {"relation": "at_least", "n": 3}),
                GoldConstraint("punctuation.no_exclamation", {}),
            ),
            satisfies="- Cheese cubes and crackers\n- Pasta salad with sweetcorn\n- A banana cut into coins",
            violates="Try cheese and crackers, pasta salad or a banana!",
        ),
    )

    def select(self, candidate: Candidate) -> bool:
        """Takes conversations that are a user message and nothing else."""
        return [message["role"] for message in candidate.messages] == ["user"]
