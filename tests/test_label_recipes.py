"""What is wrong with a recipe's checklists, judges and people's files: told once, with places; nothing is asked."""

import json
import sys

import pytest
import yaml

from benchwright.cli.app import main
from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.outlook import idle_judges
from benchwright.schemas.constraint import Constraints
from benchwright.schemas.recipe import JudgeUse
from benchwright.schemas.tables import empty

from .label_flow_case import answer, asked, write_recipe
from .servers import FakeServer
from .small_build import build, refused
from .test_cli import write_lines

OTHER = "openai/other"
FEEDBACK = {"id": "feedback", "model": OTHER, "feedback": "remarks.jsonl", "embedder": "small"}


def judge(id="item", **more):
    return {"id": id, **{"model": OTHER, **more}}


def failed(folder, monkeypatch, capsys, command="plan"):
    """Runs a command in this process; gives the exit code and what it said."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["benchwright", command, "small.yaml", "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    first, *problems = err.splitlines()
    assert first.startswith("error: ") and all(line.startswith("  - ") for line in problems), err
    assert json.loads(out.splitlines()[-1])["exit_code"] == ended.value.code
    return ended.value.code, err


def line_of(folder, key):
    """Gives the line, from 1, of the last place where the recipe says something."""
    lines = (folder / "small.yaml").read_text(encoding="utf-8").splitlines()
    return max(number for number, line in enumerate(lines, start=1) if key in line)


@pytest.mark.parametrize(
    ("use", "at", "said"),
    [
        (
            {"judges": [judge("itme")]},
            "id: itme",
            "labels.judges.0.id: no labeller is called 'itme'",
        ),
        (
            {"judges": [judge(votes=4)]},
            "votes",
            "labels.judges.0.votes: labeller 'item': votes: an even number",
        ),
        ({"judges": [judge(vots=3)]}, "vots", "labels.judges.0.vots: labeller 'item': no parameter is called 'vots'"),
        ({"judges": [judge(over="sfot")]}, "sfot", "labels.judges.0.over: cannot be 'sfot'; did you mean 'soft'?"),
        ({"judges": [{"id": "item"}]}, "id: item", "labels.judges.0.model: missing, and required"),
        (
            {"judges": [{"id": "item", "model": "opnai/x"}]},
            "opnai",
            "labels.judges.0.model: no provider is called 'opnai'",
        ),
        ({"judges": [judge(), judge()]}, "id: item", "listed twice alike"),
        (
            {"judges": [{"id": "token", "model": {"id": OTHER, "parameters": {"max_tokens": 9}}}]},
            "max_tokens",
            "labels.judges.0.model.parameters.max_tokens: labeller 'token' sets 'max_tokens' itself",
        ),
        (
            {"lists": [{"id": "reference", "model": OTHER, "answers": "opnai/x"}]},
            "opnai",
            "constraints.checklists.0.answers: no provider is called 'opnai'",
        ),
        (
            {"lists": [{"id": "spans", "model": {"id": OTHER, "parameters": {"n": 2}}}]},
            "n: 2",
            "constraints.checklists.0.model.parameters.n: checklist 'spans': 'n' is no sampling parameter",
        ),
        ({"lists": [{**FEEDBACK, "embedder": None}]}, "embedder", "checklists.0.embedder: embedder: name a model"),
        (
            {"lists": [{**FEEDBACK, "feedback": None}]},
            "id: feedback",
            "feedback names the file of checklist 'feedback'",
        ),
        ({"lists": ["instrction"]}, "instrction", "constraints.checklists.0.id: cannot be 'instrction'"),
    ],
)
def test_mistakes_are_told_with_file_line_and_key(tmp_path, monkeypatch, capsys, use, at, said):
    folder = write_recipe(tmp_path, **use)
    code, told = failed(folder, monkeypatch, capsys)
    assert code == 2
    assert f"  - small.yaml:{line_of(folder, at)}: " in told and said in told and told.count("  - ") == 1


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({"judges": [judge()]}, "raters has 'judge' exactly where labels.judges names some"),
        ({"raters": ["code", "judge"]}, "raters has 'judge' exactly where labels.judges names some"),
        ({"raters": ["code", "human"]}, "raters has 'human' exactly where labels.annotations names folders"),
    ],
)
def test_raters_and_who_they_are_go_together(tmp_path, monkeypatch, capsys, labels, said):
    folder = write_recipe(tmp_path)
    text = (folder / "small.yaml").read_text(encoding="utf-8") + yaml.safe_dump({"labels": labels})
    (folder / "small.yaml").write_text(text, encoding="utf-8")
    code, told = failed(folder, monkeypatch, capsys)
    assert (code, told.count("  - ")) == (2, 1) and f"small.yaml:{line_of(folder, 'labels:')}: labels: {said}" in told


def test_all_that_is_missing_of_people_is_told_at_once(tmp_path, monkeypatch, capsys):
    folder = write_recipe(tmp_path, lists=[FEEDBACK], constraints__review="decisions.csv")
    labels = {"labels": {"raters": ["code", "human"], "annotations": ["people"]}}
    with (folder / "small.yaml").open("a", encoding="utf-8") as file:
        file.write(yaml.safe_dump(labels))
    code, told = failed(folder, monkeypatch, capsys)
    assert code == 3
    for key in ("constraints.checklists: no file 'remarks.jsonl'", "constraints.review: there is no decisions.csv"):
        assert f"  - {key}" in told
    assert f"  - labels.annotations: people holds no {ANNOTATIONS}" in told


def test_files_of_people_that_cannot_be_read_are_told_line_by_line(tmp_path, monkeypatch, capsys):
    folder = write_recipe(tmp_path, lists=[FEEDBACK])
    write_lines(folder / "remarks.jsonl", [{"prompt": "x", "response": "y", "feedback": "z"}, {"response": "y"}])
    code, told = failed(folder, monkeypatch, capsys)
    assert code == 3 and "remarks.jsonl: 2 rows are no remarks" in told
    assert "remarks.jsonl:1: annotator names nobody" in told
    assert "remarks.jsonl:2: names no instruction" in told and "remarks.jsonl:2: feedback is neither" in told
    (folder / "remarks2.jsonl").write_text("", encoding="utf-8")
    folder = write_recipe(folder, lists=[{**FEEDBACK, "feedback": "remarks*.jsonl"}])
    assert "names 2 files" in failed(folder, monkeypatch, capsys)[1]
    folder = write_recipe(folder, lists=["instruction"], constraints__review="decisions.jsonl")
    write_lines(folder / "decisions.jsonl", [{"answer": "aprove", "constraint_id": "c"}, {"answer": "edit"}])
    code, told = failed(folder, monkeypatch, capsys)
    assert code == 3 and "decisions.jsonl:1: answer 'aprove' is none: did you mean 'approve'?" in told
    assert told.count("constraints.review: decisions.jsonl:2: ") == 2


def test_a_review_folder_and_a_folder_of_something_else(tmp_path, monkeypatch, capsys):
    folder = write_recipe(tmp_path, lists=["instruction"], constraints__review="reviewed")
    (folder / "reviewed").mkdir()
    code, told = failed(folder, monkeypatch, capsys)
    assert code == 3 and f"reviewed holds no {ANNOTATIONS}" in told
    with AnnotationStore(folder / "reviewed" / ANNOTATIONS):
        pass
    monkeypatch.setattr(sys, "argv", ["benchwright", "plan", "small.yaml", "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code, "nothing was decided yet"


def test_a_missing_embedder_is_told_before_anything_is_asked(tmp_path):
    folder = write_recipe(tmp_path, lists=[FEEDBACK])
    write_lines(folder / "remarks.jsonl", [{"prompt": "x", "response": "y", "feedback": ["z", "z"]}])
    (folder / "sentence_transformers.py").write_text("raise ImportError\n", encoding="utf-8")
    with FakeServer(answer=answer) as server:
        refused(build(folder, server, PYTHONPATH=str(folder)), 2, "sentence-transformers", "pip install")
        assert server.requests == 0


def test_a_judge_with_nothing_to_judge_ends_the_build_before_responses_are_asked(tmp_path):
    folder = write_recipe(tmp_path, judges=["item"], lists=["spans"], constraints__checklist=False)

    def barren(body):
        said = answer(body)
        said["choices"][0]["message"]["content"] = "I see none."
        return said

    with FakeServer(answer=barren) as server:
        refused(
            build(folder, server),
            3,
            "some judges have nothing to judge",
            "labels.judges[0]: openai/other with labeller 'item' is over: soft",
            "checklist: 4 × unparsed",
        )
        assert set(asked(server)) == {"spans"} and server.requests == 8, "each list was asked for twice"


def test_idle_judges_are_told_by_what_they_are_over():
    uses = [JudgeUse(id="item", model=OTHER, over=over) for over in ("soft", "unchecked", "all")]
    assert len(idle_judges(uses, empty(Constraints))) == 3
