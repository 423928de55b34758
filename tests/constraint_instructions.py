"""Instructions for the tests of constraints, in three languages and of several kinds."""

from __future__ import annotations

from benchwright.schemas.instruction import Given, Instruction, instruction_id
from benchwright.schemas.messages import Messages

REQUESTS = {
    "en": "Describe how a lighthouse keeper spends a quiet winter evening beside the harbour.",
    "zh": "请介绍一下秋天的山村和那里的人们怎样过节。",
    "es": "Describe cómo pasa una tarde tranquila el guardián del faro cerca del puerto.",
    "fr": "Décris une soirée tranquille du gardien de phare près du port.",
    "de": "Beschreibe einen ruhigen Abend des Leuchtturmwärters am Hafen.",
}
DATA = {
    "en": "List three garden vegetables with the months in which each is planted.",
    "zh": "列出三种蔬菜的名字和播种月份。",
    "es": "Dame una lista de tres verduras con los meses de siembra.",
}
CODE = "Write a python function that reverses a list."


def instruction(
    text: str, language: str | None = "en", *, system: str | None = None, given: tuple[Given, ...] = ()
) -> Instruction:
    """Gives an instruction of one turn, with a system message if wanted."""
    messages: Messages = ({"role": "user", "content": text},)
    if system is not None:
        messages = ({"role": "system", "content": system}, *messages)
    return Instruction(
        id=instruction_id("tests", "1", text, messages),
        scenario="single_turn",
        instruction_type="single_turn",
        language=language,
        source_messages=messages,
        messages=messages,
        source="tests",
        source_revision="1",
        source_row=text[:20],
        source_license=None,
        given=given,
    )
