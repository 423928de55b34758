"""M-IFEval's Spanish formats: *Sí.*, *No.* or *Quizás.*; sections with a relation."""

from __future__ import annotations

import re
from random import Random
from typing import Any, ClassVar

from ...schemas.instruction import Instruction
from ..constraint import Check, Witness, blank_check, compare
from ..document import Document
from ._fit import wants_code
from ._options import OneOption
from ._published import Published
from ._worded import Amount
from ._wording import asked
from .es_special_character import SpanishRelation, ours_relation
from .ifeval_detectable_format import IfevalMultipleSections, SectionsParams, sections_of

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
        amount = Amount(ours_relation(params.relation), params.num_sections, language, variant)
        return {"q": amount, "section_spliter": params.section_spliter}

    def check(self, params: SpanishSectionsParams, document: Document) -> Check:
        """Counts the sections as the id without a relation does; a text with none at all has no sections."""
        if document.blank:
            return blank_check(document)
        sections = sections_of(params.section_spliter, document)
        count, relation, n = len(sections), ours_relation(params.relation), params.num_sections
        # Whoever asks for at most three sections asks for sections.
        outcome = compare(count, relation if count else "at_least", n, document.cut)
        return Check(outcome, f"{count} sections; asked: {asked(relation, n)}", count, sections)

    def witness(self, params: SpanishSectionsParams, rng: Random) -> Witness:
        """Gives so many sections, and one too few or too many."""
        n = params.num_sections
        texts = [f"{params.section_spliter} {at}\nUn texto breve." for at in range(1, n + 2)]
        enough, more, fewer = "\n\n".join(texts[:n]), "\n\n".join(texts), "\n\n".join(texts[: n - 1])
        return Witness(enough, more if ours_relation(params.relation) == "at_most" else fewer or "Un texto breve.")
