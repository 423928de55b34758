"""Tasks to a real Label Studio and annotations back: two people with accounts, through its API, its files and its page.

One server is started for all of them: its first start takes a minute or two.
"""

import json
import time
from collections import Counter
from pathlib import Path

import httpx2
import pytest

from benchwright.labels.annotation.records import human_labels, item_decisions, pair_checks
from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.annotation.task import KINDS
from benchwright.labels.label_studio.client import LabelStudio
from benchwright.labels.label_studio.config import TARGET, labelling_config
from benchwright.labels.label_studio.tasks import Verdict, export_tasks

from .label_studio_server import NASTY, NEEDED, PROGRAM, Server, item_task, label_task, pair_task
from .test_cli import last_json, run

pytestmark = pytest.mark.skipif(not PROGRAM, reason=NEEDED)
TASKS = {"label": [label_task(number) for number in range(12)], "pair": [pair_task()], "item": [item_task()]}
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("label_studio")) as started:
        yield started


def verb(server, person, folder, *arguments):
    env = {"LABEL_STUDIO_URL": server.url, "LABEL_STUDIO_API_KEY": person.key}
    return last_json(run("label-studio", *arguments, "--json", cwd=folder, env=env))


def made(folder, *tasks):
    """Makes an annotation project in a folder."""
    with AnnotationStore(folder / ANNOTATIONS) as store:
        store.add_tasks(tasks)


def answers(folder):
    with AnnotationStore.read(folder / ANNOTATIONS) as store:
        return store.given(latest=False)


def pushed(server, folder):
    """Pushes a folder's tasks; gives the server's task numbers by our id."""
    told = verb(server, server.owner, folder, "push", ".")
    with LabelStudio(server.url, server.owner.key) as asked:
        return {
            row["meta"]["task_id"]: row["id"]
            for kind in told["kinds"]
            for row in asked.tasks(asked.project(kind["project"]))
        }


def test_the_two_are_two(server):
    """Both are users of one organisation, one by a legacy token, one by a personal access token."""
    users = server.ask(server.owner, "GET", "/api/users/")
    assert [user["email"] for user in users] == ["owner@example.org", "second@example.org"]
    assert server.owner.id != server.second.id
    assert (server.owner.key.count("."), server.second.key.count(".")) == (0, 2)


def test_there_and_back_with_two_annotators(server, tmp_path):
    folder = tmp_path / "there"
    folder.mkdir()
    made(folder, *TASKS["label"], *TASKS["pair"], *TASKS["item"])
    numbers = pushed(server, folder)
    assert set(numbers) == {task.id for tasks in TASKS.values() for task in tasks}
    again = verb(server, server.second, folder, "push", ".")
    assert {(row["kind"], row["made"], row["sent"], row["already_there"]) for row in again["kinds"]} == {
        (kind, False, 0, len(TASKS[kind])) for kind in KINDS
    }

    said = {}
    for number, task in enumerate(TASKS["label"]):
        said[task.id] = ("yes", "no") if number % 3 == 0 else ("no", "no")
        for person, answer in zip((server.owner, server.second), said[task.id], strict=True):
            server.annotate(person, numbers[task.id], answer, TARGET["label"], note=f"{answer} <b>it is</b>")
    server.annotate(server.second, numbers[TASKS["pair"][0].id], "b", TARGET["pair"])
    edit = [
        {"from_name": "answer", "to_name": "constraint", "type": "choices", "value": {"choices": ["edit"]}},
        {"from_name": "wording", "to_name": "constraint", "type": "textarea", "value": {"text": ["No commas."]}},
    ]
    item = numbers[TASKS["item"][0].id]
    server.ask(server.second, "POST", f"/api/tasks/{item}/annotations/", json={"result": edit, "lead_time": 2})

    told = verb(server, server.second, folder, "pull", ".")
    assert (told["tasks"], told["annotations"], told["new"], told["problems"]) == (14, 26, 26, {})
    with AnnotationStore.read(folder / ANNOTATIONS) as store:
        names = {one.name: one.pseudonym for one in store.annotators()}
        tasks, given = store.tasks(), store.given()
    first, second = (names[f"label-studio:{person.id}"] for person in (server.owner, server.second))
    labels = human_labels(tasks, given)
    told_of = {(row["response_id"], row["rater_id"]): row["outcome"] for row in labels.iter_rows(named=True)}
    outcome = {"yes": "satisfied", "no": "violated"}
    for task in TASKS["label"]:
        response = task.body["response_id"]
        got = told_of[response, f"human:{first}"], told_of[response, f"human:{second}"]
        assert got == tuple(outcome[answer] for answer in said[task.id])
    assert len(labels) == 24
    assert {row["reason"] for row in labels.iter_rows(named=True)} == {"yes <b>it is</b>", "no <b>it is</b>"}
    assert pair_checks(tasks, given)["answer"].to_list() == ["worse"]
    assert [(one.answer, one.text) for one in item_decisions(tasks, given)] == [("edit", "No commas.")]
    assert {one.seconds for one in given} == {3.5, 2.0}
    assert all(abs(one.at - time.time()) < 300 for one in given)

    # Once more, by the other person and by files: everything is there.
    assert verb(server, server.owner, folder, "pull", ".")["there"] == 26
    for project in again["kinds"]:
        path = f"/api/projects/{project['project']}/export?exportType=JSON"
        rows = server.ask(server.owner, "GET", path)
        (folder / f"{project['kind']}.json").write_text(json.dumps(rows), encoding="utf-8")
    files = [f"{kind}.json" for kind in KINDS]
    told = verb(server, server.owner, folder, "import", ".", *files)
    assert (told["annotations"], told["there"], told["problems"]) == (26, 26, {})
    assert answers(folder) == given


def test_edits_skips_and_drafts(server, tmp_path):
    folder = tmp_path / "edits"
    folder.mkdir()
    tasks = [label_task(number) for number in range(20, 24)]
    made(folder, *tasks)
    numbers = pushed(server, folder)
    edited, skipped, drafted, taken = (numbers[task.id] for task in tasks)
    first = server.annotate(server.owner, edited, "yes", "response")
    cancelled = {"result": [], "was_cancelled": True, "lead_time": 1}
    server.ask(server.owner, "POST", f"/api/tasks/{skipped}/annotations/", json=cancelled)
    server.ask(server.second, "POST", f"/api/tasks/{drafted}/drafts", json={"result": first["result"], "lead_time": 1})
    others = server.annotate(server.second, taken, "no", "response")
    told = verb(server, server.owner, folder, "pull", ".")
    assert (told["new"], told["cancelled"], told["drafts"]) == (2, 1, 1)

    time.sleep(1.2)  # the server tells who changed an annotation, not whether
    result = [{**first["result"][0], "value": {"choices": ["no"]}}]
    server.ask(server.owner, "PATCH", f"/api/annotations/{first['id']}/", json={"result": result, "lead_time": 9})
    server.ask(server.owner, "PATCH", f"/api/annotations/{others['id']}/", json={"result": result})
    told = verb(server, server.owner, folder, "pull", ".")
    assert (told["changed"], told["there"], told["problems"]) == (1, 0, {"edited_by_another": 1})
    given = [one for one in answers(folder) if one.task_id == tasks[0].id]
    assert [(one.answer, one.seconds) for one in given] == [("yes", 3.5), ("no", 9.0)]


def test_predictions_are_there_where_they_were_asked_for(server, tmp_path):
    tasks = [label_task(number) for number in range(30, 33)]
    verdicts = {
        (tasks[0].body["response_id"], tasks[0].body["constraint_id"]): Verdict(True, 0.875),
        (tasks[1].body["response_id"], tasks[1].body["constraint_id"]): Verdict(False, 0.25),
    }
    with LabelStudio(server.url, server.owner.key) as asked:
        project, created = asked.find_or_create("predicted", labelling_config("label"), 2, True)
        assert created
        asked.push(project, export_tasks(tasks, "demo", verdicts))
        rows = server.ask(server.owner, "GET", f"/api/tasks/?project={project.id}&fields=all")["tasks"]
    found = {row["meta"]["task_id"]: [one["score"] for one in row["predictions"]] for row in rows}
    assert found == {tasks[0].id: [0.875], tasks[1].id: [0.75], tasks[2].id: []}


def test_a_project_somebody_made_by_hand_is_named_by_its_number(server, tmp_path):
    """From the files that ``export`` writes, as a person would import them."""
    made(tmp_path, *TASKS["label"])
    verb(server, server.owner, tmp_path, "export", ".", "-o", "files")
    config = (tmp_path / "files" / "label" / "config.xml").read_text("utf-8")
    project = server.ask(server.owner, "POST", "/api/projects/", json={"title": "By hand", "label_config": config})
    with (tmp_path / "files" / "label" / "tasks.json").open("rb") as file:
        path = f"/api/projects/{project['id']}/import"
        server.ask(server.owner, "POST", path, files={"file": ("tasks.json", file, "application/json")})
    told = verb(server, server.owner, tmp_path, "push", ".", "--project", project["id"])
    assert [(row["sent"], row["already_there"]) for row in told["kinds"]] == [(0, 12)]
    assert verb(server, server.owner, tmp_path, "pull", ".", "--project", project["id"])["tasks"] == 12


def test_what_the_server_refuses(server, tmp_path):
    made(tmp_path, *TASKS["label"])
    for key, url, code, said in [
        ("wrong" * 5, server.url, 3, "refuses the key"),
        (server.second.key[:-3] + "abc", server.url, 3, "may have been revoked or have ended"),
        (server.owner.key, f"{server.url}/elsewhere", 3, "has no"),
    ]:
        env = {"LABEL_STUDIO_API_KEY": key}
        refused = run("label-studio", "push", ".", "--url", url, cwd=tmp_path, env=env, code=code).stderr
        assert said in refused and key not in refused
    env = {"LABEL_STUDIO_API_KEY": server.owner.key, "LABEL_STUDIO_URL": server.url}
    for project, said in [("999999", "has no project 999999"), ("nowhere", "has no project 'nowhere (label)'")]:
        refused = run("label-studio", "pull", ".", "--project", project, cwd=tmp_path, env=env, code=3).stderr
        assert said in refused
    config = labelling_config("label")
    with LabelStudio(server.url, server.owner.key) as asked, pytest.raises(Exception, match="label_config"):
        asked.find_or_create("not valid", config.replace("<Choices", "<Choice"), 2, False)


@pytest.fixture(scope="module")
def page(server):
    """A browser in which the owner has logged in."""
    if not CHROMIUM.exists():
        pytest.skip("needs a browser")
    playwright = pytest.importorskip("playwright.sync_api", reason="needs a browser")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1280, "height": 1400})
        opened.set_default_timeout(60_000)
        opened.goto(f"{server.url}/user/login/")
        opened.fill("input[name=email]", server.owner.email)
        opened.fill("input[name=password]", server.password)
        opened.click("button[type=submit]")
        opened.wait_for_url(lambda url: "login" not in url, wait_until="commit")
        yield opened
        browser.close()


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_shows_texts_as_texts_and_is_answered_by_keys(server, page, tmp_path, kind):
    folder = tmp_path / f"page {kind}"
    folder.mkdir()
    made(folder, TASKS[kind][0])
    told = verb(server, server.owner, folder, "push", ".")
    (project,) = [row["project"] for row in told["kinds"]]
    page.goto(f"{server.url}/projects/{project}/data?labeling=1", wait_until="commit")
    page.locator("textarea").last.wait_for()
    shown = page.inner_text("body")
    for line in NASTY.replace("\u202e", "⟨U+202E⟩").replace("\u202c", "⟨U+202C⟩").split("\n"):
        assert line.replace("\x00", "⟨U+0000⟩") in shown, line
    assert page.title() != "taken"
    assert page.locator("b:has-text('bold'), img[src=x]").count() == 0
    page.keyboard.press("2")
    page.locator("textarea").last.fill("typed, not added")
    page.get_by_test_id("bottombar-submit-button").click()
    deadline = time.monotonic() + 30
    while not (found := verb(server, server.owner, folder, "pull", ".")["new"]) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert found == 1
    assert [(one.answer, one.note) for one in answers(folder)] == [
        ({"label": "no", "pair": "b", "item": "reject"}[kind], "typed, not added")
    ]


def test_several_hundred_tasks_go_in_batches_and_come_back_in_pages(server, tmp_path):
    tasks = [label_task(number) for number in range(100, 1_300)]
    with LabelStudio(server.url, server.second.key) as asked:
        project, _ = asked.find_or_create("many", labelling_config("label"), 2, False)
        pushed = asked.push(project, export_tasks(tasks, "demo"))
        assert (pushed.sent, pushed.there) == (1_200, 0)
        counted = Counter(row["meta"]["task_id"] for row in asked.tasks(project))
    assert counted == Counter(task.id for task in tasks)
    assert httpx2.get(f"{server.url}/health", trust_env=False).is_success
