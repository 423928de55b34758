"""An assistant that somebody has set up: a system message gives it a role, rules and limits, then users come.

Situation: an operator's product (a shop's chat, a tutor, a character in a game, a formatter) where the user knows
nothing of the rules, and sometimes asks for what they forbid. The answer has to keep to the operator's rules and serve
the user. One turn or several.

Sources: logs that keep the system message (``starter``, ``messages``). WildChat and most public logs have none.

Licences: nothing of its own; what a source's rows are under is written into each instruction. The starter rows are
Apache-2.0.
"""

from __future__ import annotations

from ...schemas.instruction import Given
from ...schemas.recipe import Use
from ..scenario import Gold, GoldConstraint, Scenario
from ..source import Candidate

__all__ = ["SystemPrompt"]


class SystemPrompt(Scenario):
    """A system message, then one or more turns."""

    id = "system_prompt"
    instruction_type = "system_prompt"
    sources = (Use(id="starter"),)
    # Not format, case, start_end and language: operators often fix them, and what is attached to the user's turn must
    # not make the system message impossible to keep.
    attach = ("length", "keywords", "punctuation", "count")
    checklist = (
        Given(
            "Does the answer keep to the role and rules of the system message?",
            categories=("Situation", "Action"),
        ),
    )
    gold = (
        Gold(
            messages=(
                {
                    "role": "system",
                    "content": "You are the help desk of a public swimming pool. Be friendly and brief.",
                },
                {"role": "user", "content": "can i bring my own kickboard"},
            ),
            constraints=(
                GoldConstraint("length.sentences", {"relation": "at_most", "n": 2}),
                GoldConstraint("length.words", {"relation": "at_most", "n": 20}),
            ),
            satisfies="Of course you can! Please write your name on it.",
            violates="Yes, you may. We only ask that you write your name on it. Boards left at the edge are collected "
            "every evening and kept at the till for a week. See you soon!",
        ),
        Gold(
            messages=(
                {"role": "system", "content": "你是博物馆的讲解员，回答要简短有礼。"},
                {"role": "user", "content": "请问周末几点开门？"},
                {"role": "assistant", "content": "您好，周末上午九点开门。"},
                {"role": "user", "content": "那最晚几点可以进去？"},
            ),
            constraints=(
                GoldConstraint("count.numbers", {"relation": "at_least", "n": 1}),
                GoldConstraint("length.words", {"relation": "at_most", "n": 25}),
            ),
            satisfies="您好，最晚16:30可以入馆，欢迎光临。",
            violates="您好，关于最晚的入馆时间，各个展厅的安排并不完全相同，请您到服务台向工作人员仔细询问，谢谢您的理解。",
        ),
    )

    def select(self, candidate: Candidate) -> bool:
        """Takes conversations that a system message opens, unless it is blank."""
        first = candidate.messages[0]
        return first["role"] == "system" and bool(first["content"].strip())
