"""Fenced code blocks: how many, in which language, whether they parse, whether anything stands beside or in them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, ClassVar, Literal

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check, compare
from ..document import MARGIN, Document, Span
from ..fences import ALIASES, Fence, source
from ._code import PARSERS
from ._comments import COMMENTED, comments
from ._counted import Counted, Draws, Quantity
from ._fit import request, wants_code
from ._judged import Unjudged, Wrong, complete_part
from ._published import NoParams
from ._worded import Worded
from ._wording import Nouns, asked

__all__ = ["CodeBlock", "CodeBlocks", "CodeOnly", "NoComments"]

_NAMES = {
    "python": "Python",
    "json": "JSON",
    "yaml": "YAML",
    "toml": "TOML",
    "xml": "XML",
    "html": "HTML",
    "sql": "SQL",
    "javascript": "JavaScript",
    "typescript": "TypeScript",
    "java": "Java",
    "c": "C",
    "cpp": "C++",
    "csharp": "C#",
    "go": "Go",
    "rust": "Rust",
}
_LAYOUT = frozenset({"format.json", "start_end.quotation", "data"})


def _filled(document: Document) -> list[Fence]:
    """Gives the fenced blocks that are not empty."""
    return [fence for fence in document.code_blocks if document.text[slice(*fence.body)].strip(MARGIN)]


def _written(language: str, body: str) -> str:
    return f"```{language}\n{body}\n```"


class InLanguage(Worded):
    """Looks at the blocks in one language."""

    categories = ("Format", "Content")
    looked_for: ClassVar[tuple[str, ...]]
    """Languages that a request may name."""

    def sample(self, instruction: Instruction, rng: Random) -> Any | None:
        """Draws the language that the request names, else Python where it is about code."""
        if not wants_code(instruction):
            return None
        asked_for = request(instruction).lower()
        named = [language for language in self.looked_for if language in asked_for]
        return self.Params.model_validate({"language": rng.choice(named or ["python"])})

    def values(self, params: Any, language: str, variant: int) -> dict[str, Any]:
        """Names the language as people and as fences write it."""
        return {"name": _NAMES[params.language], "mark": f"```{params.language}"}


class BlockParams(ConstraintParams):
    """A language whose code can be parsed."""

    language: Literal["python", "json", "yaml", "toml", "xml", "html", "sql"]


_GOOD = {
    "python": "print('yes')",
    "json": '{"answer": "yes"}',
    "yaml": "answer: yes",
    "toml": 'answer = "yes"',
    "xml": "<answer>yes</answer>",
    "html": "<p>yes</p>",
    "sql": "SELECT name FROM people WHERE age > 30;",
}
_BAD = {
    "python": "print('yes'",
    "json": '{"answer": yes}',
    "yaml": "answer: [yes",
    "toml": "answer = yes",
    "xml": "<answer>yes",
    "html": "<p>yes</div>",
    "sql": "SELECT FROM WHERE;",
}


class CodeBlock(InLanguage):
    """At least one fenced block names the language, and each that does parses and is not empty; its meaning is open."""

    id = "code.block"
    Params = BlockParams
    looked_for = ("html", "json", "xml", "sql", "yaml")
    slots = frozenset({"code_language"})
    conflicts = _LAYOUT | {"length.sentences", "length.paragraphs", "case", "punctuation"}

    def check(self, params: BlockParams, document: Document) -> Check:
        """Parses every block in the language."""
        if document.blank:
            return blank_check(document)
        whole = complete_part(document)
        found = [fence for fence in whole.code_blocks if fence.language in ALIASES[params.language]]
        unjudged: str | None = None
        for fence in found:
            if document.cut and not fence.closed:
                continue
            try:
                PARSERS[params.language](source(whole, fence))
            except Wrong as error:
                return Check(Outcome.VIOLATED, str(error), len(found), (fence.span,))
            except Unjudged as error:
                unjudged = str(error)
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut")
        if not found:
            return Check(Outcome.VIOLATED, f"no code block marked {params.language}", 0)
        spans = tuple(fence.span for fence in found)
        if unjudged is not None:
            return Check(Outcome.UNKNOWN, unjudged, len(found), spans)
        return Check(Outcome.SATISFIED, f"{len(found)} blocks parse", len(found), spans)

    def witness(self, params: BlockParams, rng: Random) -> Witness:
        """Gives a block that parses and one that does not."""
        return Witness(
            _written(params.language, _GOOD[params.language]), _written(params.language, _BAD[params.language])
        )


class CodeBlocks(Worded, Counted):
    """How many fenced code blocks, of any language or none; an empty one does not count."""

    id = "code.blocks"
    categories = ("Format", "Numerical")
    slots = frozenset({"code_blocks"})
    conflicts = _LAYOUT
    nouns: ClassVar[Nouns] = {"en": ("code block", "code blocks")}
    draws: ClassVar[Draws] = {"at_least": (1, 2), "exactly": (1, 2, 3)}

    def fits(self, instruction: Instruction) -> bool:
        """Fits requests for code."""
        return wants_code(instruction)

    def find(self, params: Quantity, document: Document) -> Sequence[Span]:
        """Gives the blocks."""
        return [fence.span for fence in _filled(document)]

    def check(self, params: Quantity, document: Document) -> Check:
        """Counts; of a cut response whole lines only."""
        if not document.cut or document.blank:
            return super().check(params, document)
        spans = tuple(self.find(params, complete_part(document)))
        outcome = compare(len(spans), params.relation, params.n, True)
        return Check(outcome, f"{len(spans)} code blocks; asked: {asked(params.relation, params.n)}", len(spans), spans)

    def text_with(self, params: Quantity, count: int) -> str:
        """Repeats a block."""
        return "\n\n".join(["Code:", *[_written("", "a = 1")] * count])


class CodeOnly(Worded):
    """Nothing but one fenced code block that is not empty."""

    id = "code.only"
    Params = NoParams
    categories = ("Format",)
    slots = frozenset(
        {
            *("whole_form", "start", "end", "title", "bullets", "highlights", "placeholders", "sentences"),
            *("paragraphs", "table", "table_rows", "code_blocks"),
        }
    )
    conflicts = _LAYOUT | {"case", "punctuation", "start_end", "language", "length", "pattern"}

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits requests for code."""
        return NoParams() if wants_code(instruction) else None

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks at what stands before and after the first block."""
        if document.blank:
            return blank_check(document)
        whole = complete_part(document)
        text, found = whole.text, whole.code_blocks
        first, last = found[0].span if found else (0, 0)
        outside = [(0, first), (last, len(text))]
        spans = tuple(span for span in outside if text[slice(*span)].strip(MARGIN))
        if spans:
            what = "a second code block" if len(found) > 1 else "text beside the code block"
            return Check(Outcome.VIOLATED, what if found else "no code block", len(found), spans)
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut")
        filled = text[slice(*found[0].body)].strip(MARGIN) if found else ""
        reason = "nothing but a code block" if filled else "the code block is empty"
        return Check(Outcome.of(bool(filled)), reason, len(found), (found[0].span,) if found else ())

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a block, and one after a few words."""
        block = _written("", "a = 1")
        return Witness(block, f"Here it is:\n\n{block}")


class CommentParams(ConstraintParams):
    """A language whose comments can be told from its code."""

    language: Literal[
        "python", "javascript", "typescript", "java", "c", "cpp", "csharp", "go", "rust", "sql", "html", "xml"
    ]


class NoComments(InLanguage):
    """At least one fenced block names the language, and none that does holds a comment; docstrings are none."""

    id = "code.no_comments"
    Params = CommentParams
    looked_for = ("html", "javascript", "sql", "xml")
    slots = frozenset({"code_comments"})
    conflicts = _LAYOUT

    def check(self, params: CommentParams, document: Document) -> Check:
        """Looks for comments outside strings."""
        if document.blank:
            return blank_check(document)
        whole = complete_part(document)
        found = [fence for fence in _filled(whole) if fence.language in ALIASES[params.language]]
        spans = tuple(
            (fence.body[0] + start, fence.body[0] + end)
            for fence in found
            for start, end in comments(params.language, whole.text[slice(*fence.body)])
        )
        if spans:
            return Check(Outcome.VIOLATED, f"{len(spans)} comments", len(spans), spans)
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut")
        reason = "no comment" if found else f"no code block marked {params.language}"
        return Check(Outcome.of(bool(found)), reason, 0, tuple(fence.span for fence in found))

    def witness(self, params: CommentParams, rng: Random) -> Witness:
        """Gives code without a comment and with one."""
        mark = COMMENTED[params.language].example
        code = _GOOD.get(params.language, "x = 1;")
        return Witness(_written(params.language, code), _written(params.language, f"{mark}\n{code}"))
