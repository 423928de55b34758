"""Which characters and marks the response does without: emoji, anything beyond ASCII, Markdown."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from random import Random
from typing import ClassVar

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, Witness, blank_check
from ..document import Document, Span
from ._fit import request, wants_code, wants_data
from ._ifbench_format_emoji import emoji
from ._markdown import markdown
from ._published import NoParams
from ._worded import Worded

__all__ = ["Ascii", "NoEmoji", "NoMarkdown"]

# Half a flag, or a skin tone without what it colours: a reader sees a picture or a box.
_LONE = re.compile("[\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]")
_PICTURED = re.compile("[©®\u203c-\U0010ffff]")
"""What every emoji has at least one of."""
_BEYOND = re.compile(r"[^\x00-\x7f]+")
_ABOUT_EMOJI = re.compile(r"emoji|emoticon|表情|絵文字|émoji", re.IGNORECASE)


class Banned(Worded):
    """None of the places occurs; a cut response is judged as it stands."""

    Params = NoParams
    categories: ClassVar[tuple[str, ...]] = ("Format", "Linguistic")
    one_word = True
    examples: ClassVar[Witness]

    def fits(self, instruction: Instruction) -> bool:
        """Tells whether the ban suits the request."""
        return True

    @abstractmethod
    def find(self, document: Document) -> Sequence[Span]:
        """Gives the places that break the ban, in order."""

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Gives no parameters where the ban suits the request."""
        return NoParams() if self.fits(instruction) else None

    def stays(self, document: Document, span: Span) -> bool:
        """Tells whether a place breaks the ban whatever follows."""
        return span[1] < len(document.text)

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for what is banned."""
        if document.blank:
            return blank_check(document)
        spans = tuple(self.find(document))
        if not spans:
            return Check(Outcome.SATISFIED, "none found", 0)
        certain = not document.cut or any(self.stays(document, span) for span in spans)
        return Check(Outcome.of(False if certain else None), f"{len(spans)} found", len(spans), spans)

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a text that keeps the ban and one that breaks it."""
        return self.examples


class NoEmoji(Banned):
    """No emoji, flags and joined ones included; signs that show as text (©, ™, →) are none, nor is ``:-)``."""

    id = "charset.no_emoji"
    slots = frozenset({"emoji"})
    examples = Witness("Well done", "Well done \U0001f44d")

    def fits(self, instruction: Instruction) -> bool:
        """Fits unless the request is about emoji."""
        asked = request(instruction)
        return not _ABOUT_EMOJI.search(asked) and not emoji(asked)

    def find(self, document: Document) -> Sequence[Span]:
        """Gives the emoji."""
        text = document.text
        if text.isascii():
            return ()
        found = emoji(text) if _PICTURED.search(text) else []
        if not _LONE.search(text):
            return found
        gaps = zip([0, *(end for _, end in found)], [*(start for start, _ in found), len(text)], strict=True)
        lone = [match.span() for gap in gaps if gap[0] < gap[1] for match in _LONE.finditer(text, *gap)]
        return sorted([*found, *lone]) if lone else found


class Ascii(Banned):
    """No character beyond ASCII, in code neither: no accents, curly quotation marks, long dashes, emoji."""

    id = "charset.ascii"
    slots = frozenset({"emoji", "charset"})
    conflicts = frozenset({"language"})
    examples = Witness("Well done", "Well done \u2026")

    def fits(self, instruction: Instruction) -> bool:
        """Fits English requests that are ASCII themselves."""
        return instruction.language == "en" and request(instruction).isascii()

    def find(self, document: Document) -> Sequence[Span]:
        """Gives the runs of other characters."""
        return [match.span() for match in _BEYOND.finditer(document.text)]

    def stays(self, document: Document, span: Span) -> bool:
        """A character stays."""
        return True


class NoMarkdown(Banned):
    """No Markdown heading, emphasis, bullet, table, code (fenced or in backticks) or link.

    Numbered lists, dividers, bare addresses and what is escaped by a backslash are none of these.
    """

    id = "charset.no_markdown"
    categories = ("Format",)
    slots = frozenset({"bullets", "highlights", "headings", "table", "code_blocks", "markdown"})
    conflicts = frozenset({"code", "table"})
    examples = Witness("Well done", "# Well done\n\nIt is **good**.")

    def fits(self, instruction: Instruction) -> bool:
        """Fits requests for prose."""
        return not wants_code(instruction) and not wants_data(instruction)

    def find(self, document: Document) -> Sequence[Span]:
        """Gives the Markdown."""
        return markdown(document)
