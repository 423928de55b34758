"""Verdicts on what models really write: other scripts, markdown, unseen characters, and texts far too long."""

from __future__ import annotations

import time
from typing import Any

import pytest

from benchwright.constraints.constraint import CONSTRAINTS
from benchwright.constraints.document import Document
from benchwright.constraints.extract import extract
from benchwright.schemas.outcome import Outcome

from .constraint_runs import distinct, ran

S, V, U = Outcome.SATISFIED, Outcome.VIOLATED, Outcome.UNKNOWN


def n(relation: str, count: int, **more: Any) -> dict[str, Any]:
    return {"relation": relation, "n": count, **more}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Vive en EE. UU. desde 2010. Bien.", 2),
        ("En 44 a. C. murió César. Fin.", 2),
        ("En el s. XIX no había luz. Ya sí.", 2),
        ("Hay frutas, p. ej. peras. Sí.", 2),
        ("I ate a fig. It was good.", 2),
        ("See Fig. 3 for it. Done.", 2),
        ("Compré una col. Luego volví.", 2),
        ("Gen. Hale left.", 1),
        ("Take vitamin C. It helps.", 2),
        ("J.K. Hale wrote. She won.", 2),
        ("The U.S. Navy came at 5 p.m. Then it left.", 2),
        ("Great!😊 Thanks.", 2),
        ("مرحبا.\u200f كيف حالك؟", 2),
        ("“好吗？”他问。", 1),
        ("“好。”“不好。”", 2),
        ("「はい。」と言った。", 1),
        ("Գնա։ Արի։", 2),
        ("Hello.\r\nBye.\r\n", 2),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert len(Document(text).sentences) == count


@pytest.mark.parametrize(
    ("id", "params", "text", "expected"),
    [
        # Code in a line opens no fence; a fence may stand deep in a list.
        ("format.bullets", n("exactly", 1), "Use ```x``` so:\n- one", S),
        ("format.bullets", n("exactly", 1), "1. Run\n    ```sh\n    - x\n    ```\n- one", S),
        ("format.bullets", n("exactly", 2), "\ufeff- one\r\n- two\r\n", S),
        ("format.highlights", n("at_most", 1), "`*a*` and *b*", S),
        ("format.highlights", n("exactly", 1), "*see `x` there*", S),
        ("format.title", {}, "<<War; and Peace>>", S),
        ("format.title", {}, "cout << x; cin >> y;", V),
        # A heading, a title or a divider is no paragraph; a line that shows nothing is blank.
        ("length.paragraphs", n("exactly", 2), "# Bees\n\nOne.\n\nTwo.", S),
        ("length.paragraphs", n("exactly", 1), "**<<Bees>>**\n\nOne.", S),
        ("length.paragraphs", n("exactly", 1), "# Bees\nOne.", S),
        ("length.paragraphs", n("exactly", 2), "One.\n\u200b\nTwo.", S),
        ("count.numbers", n("exactly", 1), "1,234.56", S),
        ("count.numbers", n("exactly", 1), "1.234.567", S),
        ("count.numbers", n("exactly", 1), "1.234,56", S),
        ("count.numbers", n("exactly", 1), "3,14", S),
        ("count.numbers", n("exactly", 3), "1,2,3", S),
        ("count.numbers", n("exactly", 2), "2020,2021", S),
        ("count.numbers", n("exactly", 2), "٣ و ٤", S),
        ("start_end.quotation", {}, "\u200b“Todo.”\n", S),
        ("start_end.quotation", {}, "»Alles.«", S),
        ("start_end.start_phrase", {"phrase": "首先"}, "\u200b**首先**，好。", S),
        ("start_end.start_phrase", {"phrase": "Let's go"}, "“Let’s go”, he said.", S),
        ("start_end.end_phrase", {"phrase": "谢谢阅读。"}, "好。谢谢阅读。\u200b\r\n", S),
        ("format.json", {}, "\u200b{}\n", S),
        ("keywords.include", {"words": ["mañana"]}, "MAN\u0303ANA", S),
        ("keywords.exclude", {"words": ["cat"]}, "cat's", V),
        ("punctuation.no_comma", {}, "a\u060cb", V),
        ("case.upper", {}, "ЁЛКА 42 好", S),
        ("case.lower", {}, "ёлка Ёлка", V),
    ],
)
def test_verdicts(id: str, params: dict[str, Any], text: str, expected: Outcome) -> None:
    found = ran(id, params, text)
    assert found[0] is expected, found


LONG_ENGLISH = "The keeper walks along the quiet harbour wall every morning and counts the boats that have come in. "
LONG_SPANISH = "El guardián camina todas las mañanas por el muro tranquilo del puerto y cuenta los barcos que llegan. "


def test_an_answer_in_two_languages_is_unknown() -> None:
    both = f"{LONG_ENGLISH * 6}\n\n{LONG_SPANISH * 2}"
    assert ran("language.response", '{"language": "en"}', LONG_ENGLISH * 6)[0] is S
    found = ran("language.response", '{"language": "en"}', both)
    assert found[0] is U and found[1] == "en, but a paragraph reads as es"
    assert ran("language.response", '{"language": "es"}', both)[0] is V


def test_lists_read_as_the_check_does() -> None:
    """Of excluded words none is allowed, which *a and b* leaves open; a bullet may begin with either sign."""
    exclude, include = CONSTRAINTS.get("keywords.exclude"), CONSTRAINTS.get("keywords.include")
    both = exclude.Params.model_validate({"words": ["mar", "isla"]})
    assert all('"mar" or "isla"' in exclude.render(both, "en", variant) for variant in range(3))
    assert all('"mar" ni "isla"' in exclude.render(both, "es", variant) for variant in range(3))
    assert all('"mar" e "isla"' in include.render(both, "es", variant) for variant in range(3))
    assert all('"mar" and "isla"' in include.render(both, "en", variant) for variant in range(3))
    bullets = CONSTRAINTS.get("format.bullets")
    for language in ("en", "zh", "es"):
        for variant in range(12):
            text = bullets.render(bullets.Params.model_validate(n("exactly", 2)), language, variant)
            assert "“- 这是" in text or '"- This' in text or '"- Esto' in text or ("- " in text and "* " in text)


SIZE = 60_000
LONG = {
    unit: unit * (SIZE // len(unit))
    for unit in (
        "a ", "a", "*", "*a", "[", "[a", '"', "\n", "\r\n", " ", "\t", ".", "a. ", "`", "`a", "`a`*b*", "```\n", "- ",
        "<<", "<<a", "1,", "1.", "{", "好", "好。", "“", "e\u0301", "😀", "# ", "'a ", "J. ", "\u200b", "write in ",
    )
}  # fmt: skip
LONG |= {
    f"{unit!r} inside": f"x{unit * SIZE}x" for unit in (" ", "\t", "\u200b", "*", "#", "-", "_", "`", "<", '"', "1")
}
LONG |= {
    f"{unit!r} before": f"{unit * SIZE}x" for unit in (" ", "\t", "\u200b", "*", "#", "-", "_", "`", "<", '"', "1")
}


@pytest.mark.parametrize("id", CONSTRAINTS.ids())
def test_no_check_takes_the_square_of_a_long_text(id: str) -> None:
    kwargs = distinct(id)[0].model_dump_json()
    for unit, text in LONG.items():
        began = time.process_time()
        found = ran(id, kwargs, text)
        assert not found.reason.startswith(("bad_params", "check_crashed")), (unit, found)
        assert time.process_time() - began < 2, unit


@pytest.mark.parametrize("role", ["user", "system"])
def test_no_wish_takes_the_square_of_a_long_text(role: str) -> None:
    for unit, text in LONG.items():
        messages: Any = ({"role": "user", "content": text},)
        if role == "system":
            messages = ({"role": "system", "content": text}, {"role": "user", "content": "Hi"})
        began = time.process_time()
        extract(messages)
        assert time.process_time() - began < 2, unit
