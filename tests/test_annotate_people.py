"""What people answered, through a build into a release: labels, verdicts, edges, checks of pairs, and no name."""

import json
from collections import Counter, defaultdict
from hashlib import sha256
from types import SimpleNamespace

import polars as pl
import pytest

from benchwright.labels.agreement_report import agreement_report
from benchwright.labels.annotation.assignment import next_task
from benchwright.labels.annotation.records import human_labels, pair_checks
from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.intervals import Sampling

from .annotate_case import annotate, model_server, write_case
from .small_build import built, proven
from .test_cli import last_json, run

LABELLERS = ("Zebulon Quist", "Quirina Valeska", "Ottokar Umsel")
CHECKERS = ("Wimbert Daalder", "Xenia Ruudman")
PEOPLE = "labels={raters: [code, human], annotations: [project]}"


def drawn(*parts):
    """Gives a number that hangs on the parts alone."""
    return int(sha256("\n".join(parts).encode()).hexdigest(), 16)


def label_of(task, who):
    """Two of three answers are met by a constraint; Ottokar sees some otherwise, and Quirina cannot tell some."""
    truth = drawn(task.body["response"], task.body["constraint"]) % 3 > 0
    if who == LABELLERS[1] and drawn(task.id) % 11 == 0:
        return "unsure"
    return "yes" if truth != (who == LABELLERS[2] and drawn(task.id) % 5 == 0) else "no"


def check_of(task, who):
    """Both find what the graph says, but for every third pair, in which Xenia sees no difference."""
    return "same" if who == CHECKERS[1] and drawn(task.id) % 3 == 0 else task.body["better"]


def work(folder, names, most=None):
    """Lets people answer in turns what they are asked, until nobody is asked any more, or up to so many answers."""
    with AnnotationStore(folder / ANNOTATIONS) as store:
        tasks, at, asked = store.tasks(), 0, True
        people = {store.register(name).pseudonym: name for name in names}
        while asked:
            asked = False
            for who, name in people.items():
                task = next_task(tasks, store.given(), who, store.settings, {})
                if task is not None and (most is None or at < most):
                    asked, at = True, at + 1
                    answer = (label_of if task.kind == "label" else check_of)(task, name)
                    note = "It says so." if at % 5 == 0 else None
                    store.answer(task.id, who, answer, note=note, seconds=9.0, at=at * 15)
    return at


def said(folder, kind):
    """Gives the tasks of a kind with their answers by annotator."""
    with AnnotationStore.read(folder / ANNOTATIONS) as store:
        answers, names = defaultdict(dict), {one.pseudonym: one.name for one in store.annotators()}
        for one in store.given():
            answers[one.task_id][one.annotator] = one.answer
        return [(task, answers[task.id]) for task in store.tasks(kind)], names


def build(place, name):
    """Builds with what people answered; gives figures, release and what was printed."""
    folder, env = place
    done = run("build", "small.yaml", "--set", PEOPLE, "-o", name, "-q", "--json", cwd=folder, env=env)
    figures = built(SimpleNamespace(code=0, stdout=done.stdout, stderr=done.stderr))
    assert last_json(run("audit", name, "--json", cwd=folder))["ok"]
    return SimpleNamespace(figures=figures, folder=folder / name, release=proven(folder / name / "release"))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = write_case(tmp_path_factory.mktemp("place"))
    with model_server() as env:
        run("build", "small.yaml", "-o", "code", "-q", cwd=folder, env=env)
        yield folder, env


@pytest.fixture(scope="module")
def labelled(place):
    """The release that three people's labels lead to."""
    annotate(place, "project", "--recipe", "small.yaml")
    assert work(place[0] / "project", LABELLERS) > 2 * 54
    return build(place, "labelled")


@pytest.fixture(scope="module")
def checked(place, labelled):
    """The release after its pairs were shown to two others, the last of them to one."""
    folder, edges = place[0] / "project", labelled.figures["counts"]["edges"]
    told = annotate(place, "project", "--recipe", "small.yaml", "--set", PEOPLE, "--tasks", "pairs")
    assert told["tasks"] == {"label": 54, "pair": edges}
    assert work(folder, CHECKERS, 2 * edges - 1) == 2 * edges - 1
    return build(place, "checked")


def graph_of(made):
    """Gives a release's edges as (better, worse) ids, with whether they were confirmed."""
    return {
        (item["responses"][edge["chosen"]]["id"], item["responses"][edge["rejected"]]["id"]): edge["confirmed"]
        for item in made.release.table("items").to_dicts()
        for edge in item["preference_graph"]
    }


def test_everything_is_asked_of_two_and_what_they_differ_on_of_a_third(place, labelled):
    tasks, names = said(place[0] / "project", "label")
    assert len(tasks) == 54 and set(names.values()) >= {*LABELLERS}
    numbers = Counter()
    for task, answers in tasks:
        assert all(answer == label_of(task, names[who]) for who, answer in answers.items())
        first = [answers[who] for who in answers][:2]
        numbers[len(answers)] += 1
        assert len(answers) == (2 if first[0] == first[1] != "unsure" else 3)
    assert numbers[3] > 3, numbers


def test_the_release_has_their_labels_under_pseudonyms(place, labelled):
    tasks, _ = said(place[0] / "project", "label")
    outcomes = {"yes": "satisfied", "no": "violated", "unsure": "unknown"}
    labels = labelled.release.table("labels").filter(pl.col("rater_kind") == "human")
    released = {one["id"] for item in labelled.release.table("items").to_dicts() for one in item["responses"]}
    wanted = {
        (task.body["response_id"], task.body["constraint_id"], f"human:{who}"): outcomes[answer]
        for task, answers in tasks
        for who, answer in answers.items()
        if task.body["response_id"] in released
    }
    columns = ("response_id", "constraint_id", "rater_id", "outcome")
    assert {row[:3]: row[3] for row in labels.select(columns).iter_rows()} == wanted
    assert len(labels) == len(wanted) and "It says so." in set(labels["reason"])
    taken = sum(len(answers) for _, answers in tasks)
    assert labelled.figures["human"] == {"taken": taken, "of_other_records": 0}


def test_verdicts_are_the_majority_and_edges_follow_from_them(place, labelled):
    tasks, _ = said(place[0] / "project", "label")
    votes = {(task.body["response_id"], task.body["constraint_id"]): answers.values() for task, answers in tasks}
    derived = set()
    for item in labelled.release.table("items").to_dicts():
        assert item["rated_positions"] == [0, 1, 2, 3], "what people rated is compared with what code did"
        rows = {one["id"]: one["labels"] for one in item["responses"]}
        for id, row in rows.items():
            for constraint, label in zip(item["constraints"], row, strict=True):
                if constraint["kind"] == "soft":
                    count = Counter(votes[id, constraint["id"]])
                    most = count["yes"] - count["no"]
                    assert label == (None if most == 0 else int(most > 0))
        derived |= {
            (u, v)
            for u in rows
            for v in rows
            if all(a == 1 or b == 0 for a, b in zip(rows[u], rows[v], strict=True))
            and any((a, b) == (1, 0) for a, b in zip(rows[u], rows[v], strict=True))
        }
    assert graph_of(labelled) == dict.fromkeys(derived)
    code = graph_of(SimpleNamespace(release=proven(place[0] / "code" / "release")))
    assert set(code) != derived, "people changed the graph"


def test_checks_of_pairs_by_two_others_take_edges_away_and_add_none(place, labelled, checked):
    tasks, names = said(place[0] / "project", "pair")
    labels, _ = said(place[0] / "project", "label")
    labelled_by = defaultdict(set)
    for task, answers in labels:
        labelled_by[task.body["response_id"]] |= answers.keys()
    before, expected, refused = graph_of(labelled), {}, 0
    for task, answers in tasks:
        a, b = task.body["a_id"], task.body["b_id"]
        edge = (a, b) if task.body["better"] == "a" else (b, a)
        assert edge in before and not (labelled_by[a] | labelled_by[b]) & answers.keys()
        if len(answers) < 2:
            expected[edge] = None
        elif all(answer == task.body["better"] for answer in answers.values()):
            expected[edge] = True
        else:
            refused += 1
    assert sorted(map(len, (answers for _, answers in tasks))) == [1] + [2] * (len(before) - 1)
    assert refused > 0 and True in expected.values()
    assert graph_of(checked) == expected
    (row,) = (row for row in checked.figures["funnel"] if row["noun"] == "edges")
    assert (row["given"], row["kept"], row["dropped"]) == (len(before), len(expected), {"edge_rejected": refused})
    stats = checked.figures["edges"]
    assert (stats["edges_confirmed"], stats["edges_rejected"]) == (len(expected) - 1, refused)
    kept = [check for item in checked.release.table("items")["pair_checks"] for check in item]
    assert {check["rater_id"] for check in kept} == {
        f"human:{who}" for who, name in names.items() if name in CHECKERS
    }  # fmt: skip


def test_what_was_answered_is_not_picked_again(place, checked):
    """Of the pairs only the one that one person has seen is left, in the build and in its release."""
    asked = ("--budget", 50, "--tasks", "pairs")
    assert annotate(place, "again", "--release", "checked", *asked)["picked"] == {"pair": 1}
    same = annotate(place, "project", "--recipe", "small.yaml", "--set", PEOPLE, *asked)
    assert (same["picked"], same["new"]) == ({"pair": 1}, 0)


def test_no_name_is_in_any_file_of_a_release(place, labelled, checked):
    words = {word.casefold() for name in (*LABELLERS, *CHECKERS) for word in (name, *name.split())}
    for made in (labelled, checked):
        paths = [path for path in made.folder.rglob("*") if path.is_file()]
        assert {".parquet", ".json", ".md"} <= {path.suffix for path in paths}
        for path in paths:
            frame = path.suffix == ".parquet"
            text = json.dumps(pl.read_parquet(path).to_dicts()) if frame else path.read_text("utf-8")
            assert not [word for word in words if word in f"{path} {text}".casefold()], path
            assert not [word for word in words if word.encode() in path.read_bytes().lower()], path


def test_agreement_over_the_project(place, checked):
    folder = place[0]
    with AnnotationStore.read(folder / "project" / ANNOTATIONS) as store:
        tasks, given = store.tasks(), store.given()
    labels, checks = human_labels(tasks, given), pair_checks(tasks, given)
    report = agreement_report(labels, None, None, checks, Sampling(0, 100))
    told = last_json(run("agreement", "project", "--json", "--draws", 100, cwd=folder))
    (everything,) = (one for one in told["everybody"]["groups"] if one["of"] == "all")
    assert everything["alpha"]["value"] == pytest.approx(report.everybody.groups[0].alpha.value)
    assert 0.3 < everything["alpha"]["value"] < 1 and everything["unknown"] > 0
    assert {(one["first"], one["second"]): one["kappa"]["value"] for one in told["everybody"]["pairs"]} == {
        (one.first, one.second): one.kappa.value for one in report.everybody.pairs
    }  # fmt: skip
    assert {one["annotator"] for one in told["annotators"]["label"]} == {
        id.removeprefix("human:") for id in labels["rater_id"]
    }  # fmt: skip
    shown = run("agreement", "project", "--draws", 100, cwd=folder).stdout
    for part in ("Agreement", "pair checks", "Pairs of raters", "Annotators: labels", "Annotators: pairs of responses"):
        assert part in shown
    assert not [name for name in (*LABELLERS, *CHECKERS) if name.split()[0] in shown + json.dumps(told)]


def test_agreement_over_the_release(place, checked):
    told = last_json(run("agreement", "checked", "--json", "--draws", 100, cwd=place[0]))
    labels = checked.release.table("labels")
    people = labels.filter(pl.col("rater_kind") == "human")
    report = agreement_report(people, sampling=Sampling(0, 100))
    (everything,) = (one for one in told["humans"]["groups"] if one["of"] == "all")
    assert (everything["labels"], everything["raters"]) == (len(people), 3)
    assert everything["alpha"]["value"] == pytest.approx(report.everybody.groups[0].alpha.value)
    assert {one["name"] for one in told["everybody"]["groups"] if one["of"] == "kind"} == {"soft", "verifiable"}
    assert [one for one in told["everybody"]["groups"] if one["of"] == "pair checks"]
    shown = run("agreement", "checked", "--draws", 100, cwd=place[0]).stdout
    assert "Agreement, all raters" in shown and "Agreement, people alone" in shown
