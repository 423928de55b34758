"""M-IFEval's Spanish formats: *Sí.*, *No.* or *Quizás.*; sections with a relation."""

from __future__ import annotations

import re
from random import Random
from typing import Any, ClassVar, Literal

from ...schemas.instruction import Instruction
from ..constraint import Check, Relation, Witness, blank_check, compare
from ..document import Document
from ._fit import wants_code
from ._options import OneOption
from ._published import Published
from ._worded import Amount
from ._wording import asked
from .ifeval_detectable_format import IfevalMultipleSections, SectionsParams

__all__ = ["SpanishConstrainedResponse", "SpanishMultipleSections"]


class SpanishConstrainedResponse(OneOption):
    """*Sí.*, *No.* or *Quizás.* stands as a sentence of its own, and no other of the three does.

    The published check takes *No.* at the end of any sentence, and several options for one.
    """

    id = "es:detectable_format:constrained_response"
    language = "es"
    options = ("Sí.", "No.", "Quizás.")
    asked = re.compile(
        r"(?<!\w)(?:es|son|está|están|hay|puedo|puede|puedes|debo|debe|tengo|tiene|tienes|ten[eé]is|existe|fue|sirve|se"
        r" puede)(?!\w)[^?\n]*\?",
        re.IGNORECASE,
    )
    examples = Witness("Quizás.", "Puede que sí.")


SpanishRelation = Literal["al menos", "como máximo", "at least", "at most"]


class SpanishSectionsParams(SectionsParams):
    """How many sections, the relation in Spanish as published or in English, and the word each begins with."""

    relation: SpanishRelation


class SpanishMultipleSections(Published):
    """At least or at most so many sections, each begun at a line's beginning by the word as given and its own number.

    What a section is: see ``detectable_format:multiple_sections``. The published check reads every relation as *at
    least*, and finds the word inside sentences.
    """

    id = "es:detectable_format:multiple_sections"
    Params = SpanishSectionsParams
    categories = IfevalMultipleSections.categories
    slots = IfevalMultipleSections.slots
    conflicts: ClassVar[frozenset[str]] = IfevalMultipleSections.conflicts

    def sample(self, instruction: Instruction, rng: Random) -> SpanishSectionsParams | None:
        """Draws a word and a few sections for prose in Spanish."""
        if instruction.language != "es" or wants_code(instruction):
            return None
        return SpanishSectionsParams(
            section_spliter=rng.choice(("Sección", "SECCIÓN", "Parte")),
            num_sections=rng.randint(2, 4),
            relation=rng.choice(("al menos", "como máximo")),
        )

    def values(self, params: SpanishSectionsParams, language: str, variant: int) -> dict[str, Any]:
        """Gives the number with its relation, and the word."""
        amount = Amount(_ours(params.relation), params.num_sections, language, variant)
        return {"q": amount, "section_spliter": params.section_spliter}

    def check(self, params: SpanishSectionsParams, document: Document) -> Check:
        """Counts the sections as the id without a relation does; a text with none at all has no sections."""
        if document.blank:
            return blank_check(document)
        plain = SectionsParams(section_spliter=params.section_spliter, num_sections=params.num_sections)
        found = IfevalMultipleSections().check(plain, document)
        assert isinstance(found.measured, int)
        relation, n = _ours(params.relation), params.num_sections
        # Whoever asks for at most three sections asks for sections.
        outcome = compare(found.measured, relation if found.measured else "at_least", n, document.cut)
        return Check(outcome, f"{found.measured} sections; asked: {asked(relation, n)}", found.measured, found.spans)

    def witness(self, params: SpanishSectionsParams, rng: Random) -> Witness:
        """Gives so many sections, and one too few or too many."""
        n = params.num_sections
        texts = [f"{params.section_spliter} {at}\nUn texto breve." for at in range(1, n + 2)]
        enough, more, fewer = "\n\n".join(texts[:n]), "\n\n".join(texts), "\n\n".join(texts[: n - 1])
        return Witness(enough, more if _ours(params.relation) == "at_most" else fewer or "Un texto breve.")


def _ours(relation: SpanishRelation) -> Relation:
    """Gives our name for a relation."""
    return "at_least" if relation in ("al menos", "at least") else "at_most"
