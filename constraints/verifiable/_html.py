"""Reading an HTML fragment: known elements, each opened tag closed in order; one pass, the first fault ends it."""

from __future__ import annotations

import re

from ._judged import Wrong

__all__ = ["check_html"]

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_RAW = frozenset("script style textarea title".split())
"""Elements whose content holds no tags."""
_KNOWN = (
    _VOID
    | _RAW
    | frozenset(
        """a abbr acronym address article aside audio b bdi bdo big blockquote body button canvas caption center cite
        code colgroup data datalist dd del details dfn dialog div dl dt em fieldset figcaption figure font footer form
        h1 h2 h3 h4 h5 h6 head header hgroup html i iframe ins kbd label legend li main map mark math menu meter nav
        noscript object ol optgroup option output p picture pre progress q rp rt ruby s samp search section select slot
        small span strike strong sub summary sup svg table tbody td template tfoot th thead time tr tt u ul var
        video""".split()
    )
)
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_ATTRIBUTE = re.compile(r"""[\s/]*+(?:>|([^\s"'<>/=]+)(?:\s*+=\s*+("[^"]*"|'[^']*'|[^\s"'=<>`]+))?)""")
_MARKUP = re.compile(r"<(?=[a-zA-Z/!?])")
_RAW_ENDS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in sorted(_RAW)}
_DOCTYPE = re.compile(r"<!doctype\s+html\s*>", re.IGNORECASE)


class _Reader:
    """The elements that are open at a place of the text."""

    def __init__(self, text: str, loose_text: bool) -> None:
        self.text, self.loose_text = text, loose_text
        self.open: list[tuple[str, int]] = []
        self.foreign = 0
        self.elements = 0

    def read(self) -> None:
        """Reads the whole text."""
        at = 0
        while match := _MARKUP.search(self.text, at):
            if not self.open:
                self._words(at, match.start())
            at = self._markup(match.start())
        self._words(at, len(self.text))
        if self.open:
            name, start = self.open[-1]
            raise Wrong(f"<{name}> is not closed", start)
        if not self.elements:
            raise Wrong("no HTML element")

    def _words(self, start: int, end: int) -> None:
        """Text stands inside elements."""
        if not self.open and not self.loose_text and (words := self.text[start:end].strip()):
            raise Wrong("text outside the elements", self.text.index(words[0], start))

    def _markup(self, at: int) -> int:
        """Reads a comment, a doctype or a tag; gives where it ends."""
        if self.text.startswith("<!", at):
            return self._declaration(at)
        tag = _TAG.match(self.text, at)
        if tag is None:
            raise Wrong("no tag of HTML", at)
        end, slash = self._attributes(tag.end(), at)
        name = tag.group(2).lower()
        if name not in _KNOWN and (len(name) > 100 or not (self.foreign or ("-" in name and name.isascii()))):
            raise Wrong(f"<{name:.40}> is no element of HTML", at)
        if tag.group(1):
            self._close(name, at)
            return end
        self.elements += 1
        if name in _VOID or (slash and (self.foreign or name in ("svg", "math"))):
            return end
        self.open.append((name, at))
        self.foreign += name in ("svg", "math")
        return self._raw(name, at, end) if name in _RAW and not self.foreign else end

    def _declaration(self, at: int) -> int:
        if self.text.startswith("<!--", at):
            end = self.text.find("-->", at + 4)
            if end < 0:
                raise Wrong("a comment is not closed", at)
            return end + 3
        if (doctype := _DOCTYPE.match(self.text, at)) and not self.elements:
            return doctype.end()
        raise Wrong("no tag of HTML", at)

    def _attributes(self, at: int, tag: int) -> tuple[int, bool]:
        """Reads to the end of a tag; gives it, and whether a slash stands before."""
        if self.text.startswith(">", at):
            return at + 1, False
        while match := _ATTRIBUTE.match(self.text, at):
            at = match.end()
            if match.group(1) is None:
                return at, self.text[at - 2] == "/"
        raise Wrong("a tag is not finished", tag)

    def _close(self, name: str, at: int) -> None:
        if not self.open or self.open[-1][0] != name:
            inside = f", <{self.open[-1][0]}> is open" if self.open else ""
            raise Wrong(f"</{name}> closes nothing{inside}", at)
        self.open.pop()
        self.foreign -= name in ("svg", "math")

    def _raw(self, name: str, at: int, end: int) -> int:
        found = _RAW_ENDS[name].search(self.text, end)
        if found is None:
            raise Wrong(f"<{name}> is not closed", at)
        return found.start()


def check_html(text: str, *, loose_text: bool = False) -> None:
    """Reads an HTML fragment or page of at least one element.

    Args:
        loose_text: whether text may stand outside all elements.

    Raises:
        Wrong: when an element is unknown, or its tags do not nest and close; void elements need no end.
    """
    _Reader(text, loose_text).read()
