"""Annotations as Label Studio exports them, made by hand."""

from hypothesis import strategies as st

from benchwright.labels.label_studio.annotations import read_annotations
from benchwright.labels.label_studio.tasks import export_tasks

from .label_studio_server import item_task, label_task, pair_task

__all__ = ["AT", "JSON", "LATER", "MADE", "annotation", "choice", "exported", "read", "typed"]

MADE = {"label": label_task(1), "pair": pair_task(1), "item": item_task(1, {"message": 1, "start": 0, "end": 13})}
AT = "2026-03-01T10:00:00.250000Z"
LATER = "2026-03-01T10:05:00Z"


def choice(*answers, name="answer"):
    return {"from_name": name, "to_name": "response", "type": "choices", "value": {"choices": list(answers)}}


def typed(text, name="note"):
    return {"from_name": name, "to_name": "response", "type": "textarea", "value": {"text": [text]}}


def annotation(*result, id=1, by=1, at=AT, **more):
    written = {"created_at": at, "updated_at": at, "lead_time": 12.5, "was_cancelled": False, "updated_by": by}
    return {"id": id, "completed_by": by, "result": list(result), **written, **more}


def exported(task, *annotations, **more):
    (row,) = export_tasks([task], "demo")
    return {"id": 7, **row, "annotations": list(annotations), "drafts": [], **more}


def read(*annotations, kind="label", **more):
    return read_annotations(exported(MADE[kind], *annotations, **more), {task.id: task for task in MADE.values()})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["yes", "no", "answer", AT]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
"""Whatever a file of JSON may hold."""
