"""A small build with soft constraints that nobody but people rates, and the model server that answers it."""

from contextlib import contextmanager

from .servers import FakeServer, reply_body, reply_text
from .test_cli import last_json, run, write_lines

__all__ = ["ROWS", "annotate", "draws_items", "model_server", "write_case"]

ROWS = [
    {"prompt": f"Tell me about river number {n}, please.", "checklist": ["It is friendly.", "It names a town."]}
    for n in range(6)
]
RECIPE = """\
name: small
scenarios:
  - id: single_turn
    sources: [{id: messages, files: rows.jsonl, checklist: checklist}]
constraints:
  attach: {min: 1, max: 1, use: [punctuation.no_comma]}
sampling:
  models: [{id: openai/fake}]
  responses: 3
"""
_ITEMS = "Analysis: a river.\nQuestions:\n[Style; Single] Is it brief?\n[Content; Single] Does it name a big town?"


def _answer(body):
    """Answers with a comma for the first seed and without one for the others; the other model draws a checklist."""
    if body["model"] == "other":
        return reply_body(_ITEMS)
    comma = "," if body["seed"] == 0 else ""
    return reply_body(f"So{comma} here it is: {reply_text(body)}")


def write_case(folder):
    """Writes the recipe and its rows."""
    write_lines(folder / "rows.jsonl", ROWS)
    (folder / "small.yaml").write_text(RECIPE, encoding="utf-8")
    return folder


@contextmanager
def model_server():
    """Serves both models; gives the environment that names them."""
    with FakeServer(answer=_answer) as server:
        yield {"OPENAI_BASE_URL": server.base_url}


def draws_items():
    """Gives options of a build for which a model draws two items for each instruction."""
    return "--set", "constraints.checklists=[{id: instruction, model: openai/other}]"


def annotate(place, folder, *arguments, code=0):
    """Runs ``annotate --no-serve`` beside a build; gives the object that it prints."""
    where, env = place
    return last_json(run("annotate", folder, *arguments, "--no-serve", "--json", cwd=where, env=env, code=code))
