"""IFBench's ``format`` constraints, judged by what their sentences ask."""

from __future__ import annotations

import re
from itertools import islice
from random import Random

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, Witness, blank_check
from ..document import EVIDENCE, MARGIN, Document
from ._fit import has_case, wants_code
from ._ifbench_format_base import CHOICES, ListParams, OptionsParams, Plain, asks_yes_or_no, open_ended
from ._ifbench_format_emoji import ends_with_emoji
from ._ifbench_format_lists import bare_stars, marked_items, period_sentences, written_lines
from ._ifbench_format_nesting import deepest_brackets, outermost, quotations, wholly_quoted
from ._ifbench_format_options import chosen, options_of
from ._ifbench_format_template import LABELS, read_template
from ._ifbench_format_thesis import sections_without_thesis
from ._ifbench_format_titles import against_title_case, settled_end
from ._ifbench_format_words import crowded_lines, explained, indents
from ._judged import ALL_FAMILIES
from ._published import Published

__all__ = [
    "Emoji",
    "LineIndent",
    "ListMark",
    "Newline",
    "NoBulletsBullets",
    "NoWhitespace",
    "Options",
    "OutputTemplate",
    "Parentheses",
    "QuoteUnquote",
    "Quotes",
    "SubBullets",
    "Thesis",
    "TitleCase",
]

_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
"""Signs that look like a space and are none."""
_BLANK = re.compile(f"[\\s{_BLANKS}]")
_UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my"})


_ALL = frozenset(
    "bullets case end highlights lines paragraphs placeholders quotes sentences start title whole_form words".split()
)


class Parentheses(Plain):
    """Brackets of any kind nested at least 5 deep, each closed by its own kind; published, one has to be closed."""

    id = "format:parentheses"
    slots = frozenset({"brackets"})
    examples = Witness("So (a [b {c (d [e] d) c} b] a).", "So (a [b {c (d) c} b] a).")

    def judge(self, document: Document) -> Check:
        """Measures the deepest nesting that is closed."""
        depth, place = deepest_brackets(document.text)
        outcome = Outcome.of(True if depth >= 5 else None if document.cut else False)
        return Check(outcome, f"nested {depth} deep; asked: at least 5", depth, (place,) if place else ())


class Quotes(Plain):
    """Quotations nested at least 3 deep, double and single marks alternating, straight or curly; no apostrophes."""

    id = "format:quotes"
    slots = frozenset({"quotes"})
    examples = Witness(
        '"He told me \'she only said "no" once\' and left," I wrote.', "\"He told me 'no' and left,\" I wrote."
    )

    def judge(self, document: Document) -> Check:
        """Measures the deepest nesting that is closed."""
        found = max(quotations(document), key=lambda each: each.levels, default=None)
        levels = found.levels if found else 0
        outcome = Outcome.of(True if levels >= 3 else None if document.cut else False)
        spans = ((found.start, found.end),) if found else ()
        return Check(outcome, f"quotations {levels} deep; asked: at least 3", levels, spans)


class Options(Published):
    """The response is one option and nothing else, whatever its case and the marks and space around it."""

    id = "format:options"
    Params = OptionsParams
    categories = ("Content", "Format")
    slots = _ALL | {"language", "letter", "numbers"}
    conflicts = ALL_FAMILIES

    def sample(self, instruction: Instruction, rng: Random) -> OptionsParams | None:
        """Draws options for a question that yes or no may answer."""
        return OptionsParams(options=rng.choice(CHOICES)) if asks_yes_or_no(instruction) else None

    def check(self, params: OptionsParams, document: Document) -> Check:
        """Compares the whole response; more text would make it another."""
        if document.blank:
            return blank_check(document)
        options = options_of(params.options)
        option = chosen(options, document.text)
        if document.cut:
            begun = " ".join(document.text.strip(MARGIN + "\"'“‘*_`(").casefold().replace("’", "'").split())
            going = option is not None or any(each.lstrip("(").startswith(begun) for each in options)
            reason = f"the reply was cut; so far {'an' if going else 'no'} option"
            # Marks alone may stand before one.
            return Check(Outcome.of(None if going or not any(map(str.isalnum, begun)) else False), reason)
        if option is None:
            return Check(Outcome.VIOLATED, f"not one of the {len(options)} options alone", document.text.strip()[:40])
        return Check(Outcome.SATISFIED, "one of the options", option)

    def witness(self, params: OptionsParams, rng: Random) -> Witness:
        """Gives the first option, and one with an explanation."""
        first = options_of(params.options)[0]
        return Witness(first, f"{first}, because the facts that we know of speak for it.")


class Newline(Plain):
    """No line holds two words; a word may have marks around it. Up to 4 Chinese or Japanese characters may be one."""

    id = "format:newline"
    slots = _ALL
    one_word = True
    conflicts = ALL_FAMILIES
    examples = Witness("Warm\nsoup\nhelps.", "Warm soup\nhelps.")

    def fits(self, instruction: Instruction) -> bool:
        """Fits where spaces separate words."""
        return instruction.language not in _UNSPACED

    def judge(self, document: Document) -> Check:
        """Looks for lines with more than one word."""
        lines, crowded = crowded_lines(document)
        reason = f"{len(crowded)} of {lines} lines with several words"
        if not lines:
            return Check(Outcome.of(None if document.cut else False), "no words", 0)
        return Check(open_ended(not crowded, document.cut), reason, len(crowded), tuple(crowded))


class Emoji(Plain):
    """Every sentence has an emoji, flags and joined ones too, last before its end mark or after it on the same line."""

    id = "format:emoji"
    categories = ("Format", "Style")
    slots = frozenset({"emoji"})
    conflicts = frozenset({"start_end"})
    examples = Witness("Soup warms you 🍲. Bread helps too! 🍞", "Soup warms you 🍲. Bread helps too!")

    def judge(self, document: Document) -> Check:
        """Looks at the end of each sentence; the last two of a cut response are open."""
        verdicts = ends_with_emoji(document)
        settled = verdicts[:-2] if document.cut else verdicts
        bare = tuple(span for span, ends in settled if not ends)
        reason = f"{len(bare)} of {len(verdicts)} sentences do not end with an emoji"
        return Check(open_ended(not bare, document.cut), reason, len(bare), bare)


class LineIndent(Plain):
    """At least two lines, each begins further right than the one before; blank lines and code fences do not count.

    The published check lets one line pass and misses lines after blank ones.
    """

    id = "format:line_indent"
    slots = frozenset({"whole_form", "lines", "bullets", "paragraphs", "title"})
    conflicts = frozenset({"format"})
    examples = Witness("Wake\n  Wash\n    Work", "Wake\n  Wash\n  Work")

    def judge(self, document: Document) -> Check:
        """Compares each line with the one before; the last line of a cut response is open."""
        lines = written_lines(document)
        if document.cut:
            lines = lines[:-1]
        depths = indents(document.text, lines)
        flat = tuple(line for at, line in enumerate(lines) if at and depths[at] <= depths[at - 1])
        if not document.cut and len(lines) < 2:
            return Check(Outcome.VIOLATED, f"{len(lines)} line makes no stairs", len(lines))
        return Check(
            open_ended(not flat, document.cut),
            f"{len(flat)} lines not indented more than the one before",
            len(flat),
            flat,
        )


class QuoteUnquote(Plain):
    """After each quotation, in double or single marks, come words outside of quotations, more than *and* or *or*.

    Curly marks, guillemets and corner brackets count as straight ones do; apostrophes, code and what is quoted inside
    a quotation do not. Without a quotation nothing has to follow.
    """

    id = "format:quote_unquote"
    categories = ("Format", "Content")
    slots = frozenset({"quotes", "end"})
    one_word = True
    conflicts = frozenset({"start_end"})
    examples = Witness('They call it "slow food", which means local.', 'They call it "slow food", or "terroir".')

    def judge(self, document: Document) -> Check:
        """Looks at what stands between a quotation and the next; what follows the last of a cut response is open."""
        outer = outermost(quotations(document))
        nexts = [quotation.start for quotation in outer[1:]] + [len(document.text)]
        pairs = list(zip(outer, nexts, strict=False))
        bare = tuple(
            (quotation.start, quotation.end)
            for quotation, end in (pairs[:-1] if document.cut else pairs)
            if not explained(document.text, quotation.end, end)
        )
        if not outer and wholly_quoted(document):
            return Check(Outcome.of(None if document.cut else False), "nothing but one quotation", 1)
        reason = f"{len(bare)} of {len(outer)} quotations without an explanation" if outer else "no quotations"
        return Check(open_ended(not bare, document.cut), reason, len(bare), bare)


class ListMark(Published):
    """At least two items begin with the mark, the first of a line at its start, and no ordinary bullet is used.

    The published check counts the mark anywhere.
    """

    id = "format:list"
    Params = ListParams
    categories = ("Format",)
    slots = frozenset({"bullets"})
    conflicts = frozenset({"length.paragraphs", "length.sentences"})

    def sample(self, instruction: Instruction, rng: Random) -> ListParams | None:
        """Draws a mark."""
        return (
            None
            if wants_code(instruction)
            else ListParams(sep=rng.choice(("->", "~~", "SEPARATOR", "!?!?", "-", "#>")))
        )

    def check(self, params: ListParams, document: Document) -> Check:
        """Counts the items; a bullet of another kind breaks the list."""
        if document.blank:
            return blank_check(document)
        items, bullets = marked_items(document, params.sep)
        if bullets:
            return Check(Outcome.VIOLATED, f"{len(bullets)} other bullets", len(bullets), tuple(bullets))
        outcome = open_ended(True, document.cut) if len(items) >= 2 else Outcome.of(None if document.cut else False)
        return Check(outcome, f"{len(items)} items with the mark; asked: a list", len(items), tuple(items))

    def witness(self, params: ListParams, rng: Random) -> Witness:
        """Gives a list, and one with numbers."""
        return Witness(f"{params.sep} apples\n{params.sep} pears", "1. apples\n2. pears")


class Thesis(Plain):
    """Each section begins, after its heading, with words in HTML italics, and text follows; markdown has no say.

    Sections have headings; a text without any is one section, after its title.
    """

    id = "format:thesis"
    categories = ("Format", "Content")
    slots = frozenset({"start", "sections"})
    examples = Witness("<i>Soup is good for you.</i> It warms and feeds.", "Soup is <i>good</i> for you. It warms.")

    def judge(self, document: Document) -> Check:
        """Looks at the beginning of each section; what the sections of a cut response are cannot be told."""
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut")
        theses, without, followed = sections_without_thesis(document)
        if without:
            return Check(Outcome.VIOLATED, f"{len(without)} sections begin otherwise", len(without), tuple(without))
        if not (theses and followed):
            return Check(Outcome.VIOLATED, "no thesis with text after it", len(theses), tuple(theses))
        return Check(Outcome.SATISFIED, f"{len(theses)} sections begin with one", len(theses), tuple(theses))


class SubBullets(Plain):
    """At least one ``*`` bullet, and under each of them a ``-`` bullet; the published check looks for any hyphen."""

    id = "format:sub-bullets"
    slots = frozenset({"bullets"})
    conflicts = frozenset({"length.paragraphs", "length.sentences"})
    examples = Witness("* Soup\n  - warm\n* Bread\n  - fresh", "* Soup\n  - warm\n* Bread")

    def judge(self, document: Document) -> Check:
        """Looks under each bullet; those of a cut response that may still get one are open."""
        count, bare, last = bare_stars(document)
        if not document.cut:
            bare = sorted(bare + last)
        reason = f"{len(bare)} of {count} bullets without a sub-bullet"
        if not count:
            return Check(Outcome.of(None if document.cut else False), "no bullets denoted by a star", 0)
        return Check(open_ended(not bare, document.cut), reason, len(bare), tuple(bare))


class NoBulletsBullets(Plain):
    """Two sentences that end in a period, no bullet between them, and two ``*`` bullets somewhere after.

    Text after the bullets and blank lines between them are allowed, unlike in the published check.
    """

    id = "format:no_bullets_bullets"
    slots = frozenset({"bullets"})
    conflicts = frozenset({"length.paragraphs", "length.sentences"})
    examples = Witness("Soup helps. Try these.\n\n* leek\n* miso", "Soup helps\n\n* leek\n* miso")

    def judge(self, document: Document) -> Check:
        """Counts the sentences before the bullets, and the bullets."""
        sentences, bullets = period_sentences(document, 2)
        enough = sentences >= 2 and len(bullets) >= 2
        if document.cut and enough and bullets[-1][1] == len(document.text) and len(bullets) == 2:
            enough = False
        outcome = Outcome.of(True if enough else None if document.cut else False)
        reason = f"{sentences} sentences that end in a period, then {len(bullets)} bullets; asked: at least 2 of each"
        return Check(outcome, reason, len(bullets), tuple(bullets))


class TitleCase(Plain):
    """No major word begins with a small letter and most are not all in capitals.

    Articles, conjunctions and prepositions may be small but for the first word; code, formulas and addresses do not
    count. A response without letters that have a case is unknown.
    """

    id = "format:title_case"
    categories = ("Format", "Linguistic")
    slots = frozenset({"case"})
    one_word = True
    examples = Witness("The Taste of Soup", "The taste of Soup")

    def fits(self, instruction: Instruction) -> bool:
        """Fits scripts that have capital letters."""
        return has_case(instruction.language)

    def judge(self, document: Document) -> Check:
        """Looks for words against title case; a cut response is judged as it stands."""
        judged, small, capitals = against_title_case(document)
        if document.cut:
            end = settled_end(document.text)
            small = [span for span in small if span[1] < end]
        if not judged:
            return Check(Outcome.UNKNOWN, "no letters that have a case")
        if small or not capitals:
            return Check(Outcome.of(not small), f"{len(small)} of {judged} words begin small", len(small), tuple(small))
        outcome = Outcome.of(None if document.cut else False)
        return Check(outcome, f"{len(capitals)} of {judged} words are in capitals", len(capitals), tuple(capitals))


class OutputTemplate(Plain):
    """The three labels in their order, the first one at the start, each with an answer that is not the placeholder.

    Emphasis and headings around the labels do not matter. The published check takes any order and empty parts.
    """

    id = "format:output_template"
    slots = frozenset({"whole_form", "start", "title", "sections"})
    conflicts = frozenset({"start_end.quotation", "format.json", "case"})
    examples = Witness(
        "My Answer: soup\nMy Conclusion: warm\nFuture Outlook: more", "Future Outlook: more\nMy Answer: soup"
    )

    def judge(self, document: Document) -> Check:
        """Finds the labels and what stands after each."""
        at_start, parts = read_template(document.text)
        spans = tuple(span for span, _ in parts)
        if not at_start:
            begun = document.cut and LABELS[0].startswith(document.text.strip(MARGIN + "*_#>"))
            return Check(Outcome.of(None if begun else False), f"does not begin with {LABELS[0]}", 0)
        filled = sum(full for _, full in parts)
        if document.cut:
            return Check(Outcome.UNKNOWN, f"the reply was cut; {filled} of 3 parts", filled, spans)
        return Check(Outcome.of(filled == 3), f"{filled} of 3 parts in order and filled", filled, spans)


class NoWhitespace(Plain):
    """No space of any kind, no line break, not even at the ends, nor a blank that only looks like one."""

    id = "format:no_whitespace"
    slots = _ALL
    one_word = True
    conflicts = ALL_FAMILIES
    examples = Witness("warm-soup-helps", "warm soup")

    def judge(self, document: Document) -> Check:
        """Looks for space; a cut response is judged as it stands."""
        text = document.text
        count = len(text) - len("".join(text.split())) + sum(map(text.count, _BLANKS))
        spans = tuple([match.span() for match in islice(_BLANK.finditer(text), EVIDENCE)]) if count else ()
        return Check(Outcome.of(not count), f"{count} found" if count else "none found", count, spans)
