"""Layouts of files that hold recorded responses: one class of parameters and one reader each.

A reader turns a row of a file into responses. Layouts are those of published result files: IFEval's checker output,
InFoBench's judged runs, MT-Bench's model answers and the sampling reports of Open Assistant, and any table with a
response column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from ..builders.sources.infobench import asked_text, questions_of

__all__ = ["LAYOUTS", "Found", "Layout", "LayoutParams", "Unreadable"]


class Unreadable(Exception):
    """A row that holds no response. Raised by readers, becomes a drop."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Found:
    """One recorded response, as a row has it."""

    model: str
    text: str | None
    """Null where the source has none."""
    prompt: str | None = None
    """The user's turn it answers; null where the row is joined by id."""
    row: str | None = None
    """The instruction's row id in its source; null where the row is joined by prompt. Without both it joins none."""
    labels: tuple[int | None, ...] | None = None
    """Published verdicts by constraint position: 1, 0, or null where the source could not tell."""
    rater: str | None = None
    reasons: tuple[str | None, ...] | None = None
    """Why a verdict is null, by position, where the row says more than that it is."""
    asked: tuple[str, ...] | None = None
    """The constraints as the row words them; null where it does not. Other words are other constraints."""


class LayoutParams(BaseModel):
    """What every layout takes; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    files: str | tuple[str, ...]
    """Paths or patterns, relative to the data folder."""
    rater: str | None = None
    """What the source's verdicts are published under; null derives it from the layout."""

    @field_validator("files")
    @classmethod
    def _some(cls, files: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if not files or not all(files):
            raise ValueError("name at least one file")
        return files

    @property
    def patterns(self) -> tuple[str, ...]:
        """The paths or patterns as a tuple."""
        return (self.files,) if isinstance(self.files, str) else self.files


class FlatParams(LayoutParams):
    """A table with one response a row."""

    prompt: str | None = None
    """The column that holds the user's turn; give this or ``key``."""
    key: str | None = None
    """The column that holds the instruction's row id in its source; give this or ``prompt``."""
    response: str = "response"
    model: str | None = None
    """The column that names the model; null takes the file's name."""
    model_pattern: str | None = None
    """A regular expression over the file's name whose group ``model``, or first group, names the model."""
    labels: str | None = None
    """The column with a list of verdicts, one per given constraint."""

    @field_validator("model_pattern")
    @classmethod
    def _with_group(cls, pattern: str | None) -> str | None:
        return _checked_pattern(pattern)

    @model_validator(mode="after")
    def _one_join(self) -> FlatParams:
        if (self.prompt is None) == (self.key is None):
            raise ValueError("give either prompt or key: the column that says what a response answers")
        if self.model is not None and self.model_pattern is not None:
            raise ValueError("give model or model_pattern, not both")
        return self


class IFEvalParams(LayoutParams):
    """Output of IFEval's checker, a file per model, named ``[language__]model__strict.jsonl`` or ``…__loose.jsonl``."""

    model_pattern: str = r"^(?:[a-z]{2}__)?(?P<model>.+?)(?:__(?P<mode>strict|loose))?\.jsonl$"
    """Over the file's name; ``__`` within the model's name stands for a slash."""

    @field_validator("model_pattern")
    @classmethod
    def _with_group(cls, pattern: str) -> str | None:
        return _checked_pattern(pattern)


class ArenaParams(LayoutParams):
    """Model answers as FastChat's MT-Bench tools write them; joined by ``question_id``."""


class InfoBenchParams(LayoutParams):
    """A judged run in InFoBench's layout, a file per model and judge, named ``model__judge.jsonl``."""

    model_pattern: str = r"^(?P<model>.+?)__(?P<mode>.+?)_?\.jsonl?$"
    """Over the file's name; the group ``mode`` names the judge, under which its verdicts are published."""

    @field_validator("model_pattern")
    @classmethod
    def _with_group(cls, pattern: str) -> str | None:
        return _checked_pattern(pattern)


class OasstEvalParams(LayoutParams):
    """Open Assistant's sampling reports: one JSON object a file, outputs by prompt and sampling configuration."""

    configs: tuple[str, ...] | None = None
    """Sampling configurations that are taken; null takes all."""


def _checked_pattern(pattern: str | None) -> str | None:
    if pattern is not None:
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
        if not groups:
            raise ValueError(f"{pattern!r} has no group that names the model")
    return pattern


def _flat(values: Mapping[str, Any], file: str, params: FlatParams) -> Iterator[Found]:
    labels = _labels(_column(values, params.labels)) if params.labels else None
    if params.model:
        model = _text(values, params.model)
    else:
        model = _from_name(file, params.model_pattern or r"^(.+?)(?:\.[A-Za-z]+)+$")[0]
    yield Found(
        model=model,
        text=_response(_column(values, params.response), params.response),
        prompt=_text(values, params.prompt) if params.prompt else None,
        row=str(_column(values, params.key)) if params.key else None,
        labels=labels,
        rater=(params.rater or "published:flat") if labels is not None else None,
    )


def _ifeval(values: Mapping[str, Any], file: str, params: IFEvalParams) -> Iterator[Found]:
    model, mode = _from_name(file, params.model_pattern)
    yield Found(
        model=model.replace("__", "/"),
        text=_response(_column(values, "response"), "response"),
        prompt=_text(values, "prompt"),
        labels=_labels(_column(values, "follow_instruction_list")),
        rater=params.rater or f"published:ifeval-{mode or 'strict'}",
    )


def _arena(values: Mapping[str, Any], file: str, params: ArenaParams) -> Iterator[Found]:
    model, question = _text(values, "model_id"), str(_column(values, "question_id"))
    choices = _column(values, "choices")
    if not isinstance(choices, list) or not choices:
        raise Unreadable("no_choices", f"choices is {choices!r:.80}")
    for choice in choices:
        turns = choice.get("turns") if isinstance(choice, Mapping) else None
        if not isinstance(turns, list) or not turns:
            raise Unreadable("no_turns", f"a choice has turns {turns!r:.80}")
        yield Found(model=model, text=_response(turns[0], "turns[0]"), row=question)
        # Later turns follow on the model's own first answer: no instruction has them, they join none and are counted.
        for i, turn in enumerate(turns[1:], 1):
            yield Found(model=model, text=_response(turn, f"turns[{i}]"))


def _infobench(values: Mapping[str, Any], file: str, params: InfoBenchParams) -> Iterator[Found]:
    """Reads a row with its verdicts, one per question; the last ones may be missing, where the judge broke off."""
    model, judge = _from_name(file, params.model_pattern)
    prompt, questions = asked_text(values), questions_of(values)
    if not prompt:
        raise Unreadable("no_text", f"instruction is {values.get('instruction')!r:.80}, not a text")
    if questions is None:
        shown = values.get("decomposed_questions")
        raise Unreadable("no_questions", f"decomposed_questions is {shown!r:.80}, not a list of texts")
    verdicts = _column(values, "eval")
    if not isinstance(verdicts, list) or not all(isinstance(one, bool | None) for one in verdicts):
        raise Unreadable("no_labels", f"eval is {verdicts!r:.80}, not a list of true, false and null")
    if len(verdicts) > len(questions):
        raise Unreadable("verdicts_do_not_fit", f"{len(verdicts)} verdicts for {len(questions)} questions")
    missing = [None] * (len(questions) - len(verdicts))
    yield Found(
        model=model,
        text=_response(_column(values, "output"), "output"),
        prompt=prompt,
        labels=tuple(None if one is None else int(one) for one in [*verdicts, *missing]),
        rater=params.rater or f"published:{judge or 'infobench'}",
        reasons=(
            *(None for _ in verdicts),
            *(f"the source has {len(verdicts)} of {len(questions)} verdicts" for _ in missing),
        ),
        asked=tuple(one.strip() for one in questions),
    )


def _oasst_eval(values: Mapping[str, Any], file: str, params: OasstEvalParams) -> Iterator[Found]:
    model, prompts = _text(values, "model_name"), _column(values, "prompts")
    if not isinstance(prompts, list):
        raise Unreadable("no_prompts", f"prompts is {prompts!r:.80}")
    for i, prompt in enumerate(prompts):
        if not isinstance(prompt, Mapping) or not isinstance(prompt.get("results"), list):
            raise Unreadable("no_results", f"prompts[{i}] has no list of results")
        asked = _text(prompt, "prompt")
        for result in prompt["results"]:
            if not isinstance(result, Mapping) or not isinstance(result.get("outputs"), list):
                raise Unreadable("no_outputs", f"a result of prompts[{i}] has no list of outputs")
            if params.configs is None or result.get("sampling_config") in params.configs:
                for output in result["outputs"]:
                    yield Found(model=model, text=_response(output, "an output"), prompt=asked)


def _column(values: Mapping[str, Any], name: str) -> Any:
    if name not in values:
        raise Unreadable("missing_column", f"no column {name!r}; the row has {', '.join(map(str, values)) or 'none'}")
    return values[name]


def _text(values: Mapping[str, Any], name: str) -> str:
    value = _column(values, name)
    if not isinstance(value, str) or not value:
        raise Unreadable("no_text", f"{name} is {value!r:.80}, not a text")
    return value


def _response(value: Any, name: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise Unreadable("no_text", f"{name} is {value!r:.80}, not a text")
    return value


def _labels(value: Any) -> tuple[int | None, ...]:
    """Reads verdicts; what is neither true nor false, in whatever dress, is one that could not be told."""
    if not isinstance(value, list | tuple):
        raise Unreadable("no_labels", f"expected a list of verdicts, got {value!r:.80}")
    return tuple(int(item) if isinstance(item, bool | int | float) and item in {0, 1} else None for item in value)


def _from_name(file: str, pattern: str) -> tuple[str, str | None]:
    """Gives what a pattern finds in a file's name: the model, and the group ``mode`` where there is one."""
    match = re.search(pattern, file)
    groups = match.groupdict() if match else {}
    model = groups.get("model") or (match.group(1) if match else None)
    if not model:
        raise Unreadable("no_model", f"the file's name {file!r} does not match {pattern!r}")
    return model, groups.get("mode")


@dataclass(frozen=True)
class Layout:
    """How files of one kind are read."""

    params: type[LayoutParams]
    read: Callable[[Mapping[str, Any], str, Any], Iterator[Found]]
    """Takes a row, the file's name and the parameters."""


LAYOUTS: Mapping[str, Layout] = {
    "arena": Layout(ArenaParams, _arena),
    "flat": Layout(FlatParams, _flat),
    "ifeval": Layout(IFEvalParams, _ifeval),
    "infobench": Layout(InfoBenchParams, _infobench),
    "oasst_eval": Layout(OasstEvalParams, _oasst_eval),
}
