"""What a server and a line may do to the client: faults that a real Label Studio does not make when it is asked to."""

import base64
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from benchwright.errors import InputError, UsageError
from benchwright.labels.label_studio import client
from benchwright.labels.label_studio.client import LabelStudio, Project, Pushed, checked_url
from benchwright.labels.label_studio.tasks import export_tasks

from .label_studio_server import label_task

KEY = "legacy-4f9Qx7Rm2ZtLw8"
PERSONAL = base64.urlsafe_b64encode(b'{"alg":"none"}').decode() + ".e30." + KEY
PROJECT = {"id": 3, "title": "demo (label)", "label_config": "<View/>"}
WAITS = (0.0, 0.0, 0.0)


class State:
    """A server's memory, and what it does wrong.

    ``faults`` are taken from the front, one a request to ``path``: a status, ``drop`` (no answer) or ``late`` (carried
    out, no answer).
    """

    def __init__(self):
        self.tasks, self.projects, self.requests = [], [], []
        self.faults, self.path = [], "/"
        self.access = "access-token-1"
        self.body = None
        self.headers = {}
        self.expired = set()
        self.most, self.claimed = 10_000, ...


@contextmanager
def serving(state):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do(self):
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            url = urlsplit(self.path)
            state.requests.append((self.command, url.path, self.headers.get("Authorization")))
            fault = state.faults.pop(0) if state.faults and url.path.startswith(state.path) else None
            if fault == "drop":
                self.close_connection = True
                return
            status, said = carried_out(state, self.command, url, body, self.headers)
            if fault == "late":
                self.close_connection = True
                return
            if fault:
                status, said = fault, {"detail": f"injected, you sent {self.headers.get('Authorization')}"}
            data = state.body if state.body is not None else json.dumps(said).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **state.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def carried_out(state, method, url, body, headers):
    """Does what a request asks; gives status and answer."""
    if url.path == "/api/token/refresh/":
        good = body == {"refresh": PERSONAL}
        return (200, {"access": state.access}) if good else (401, {"detail": "Token is invalid"})
    if headers.get("Authorization", "").removeprefix("Bearer ") in state.expired:
        return 401, {"detail": "Given token not valid"}
    if url.path == "/api/projects/" and method == "POST":
        state.projects.append({**PROJECT, "title": body["title"], "label_config": body["label_config"]})
        return 201, state.projects[-1]
    if url.path == "/api/projects/":
        return 200, {"results": state.projects, "next": None}
    if url.path.endswith("/import"):
        state.tasks += body
        return 201, {"task_count": len(body)}
    if url.path == "/api/tasks/":
        asked = parse_qs(url.query)
        page, size = int(asked["page"][0]), min(state.most, int(asked["page_size"][0]))
        rows = [
            {"id": number, **{name: task[name] for name in asked["include"][0].split(",") if name in task}}
            for number, task in enumerate(state.tasks)
        ]
        total = len(rows) if state.claimed is ... else state.claimed
        return 200, {"total": total, "tasks": rows[(page - 1) * size : page * size]}
    return 200, PROJECT


@pytest.fixture
def state():
    return State()


@pytest.fixture
def server(state):
    waited = []
    with serving(state) as url, LabelStudio(url, KEY, waits=WAITS, sleep=waited.append) as asked:
        yield SimpleNamespace(asked=asked, url=url, waited=waited)


def rows(*numbers):
    return list(export_tasks([label_task(number) for number in numbers], "demo"))


def ids(state):
    return [task["data"]["task_id"] for task in state.tasks]


DEMO = Project(3, "demo (label)", "<View/>")


@pytest.mark.parametrize("fault", [500, 502, 503, 429, "drop", "late"])
def test_no_task_is_sent_twice_or_lost_whatever_becomes_of_the_answer(monkeypatch, state, server, fault):
    monkeypatch.setattr(client, "_BATCH", 4)
    state.path, state.faults = "/api/projects/3/import", [None, fault, fault]
    assert server.asked.push(DEMO, rows(*range(10))) == Pushed(10, 0)
    assert sorted(ids(state)) == [f"tsk_{number:016x}" for number in range(10)]
    assert server.asked.push(DEMO, rows(*range(12))) == Pushed(2, 10)
    assert len(ids(state)) == 12


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_time_is_given_it(state, server, status):
    state.path, state.faults, state.headers = "/api/projects/3/import", [status], {"Retry-After": "7"}
    assert server.asked.push(DEMO, rows(1, 2)) == Pushed(2, 0)
    assert server.waited == [7.0] and len(state.tasks) == 2
    state.path, state.faults, state.headers = "/api/tasks/", [status], {"Retry-After": "-1"}
    assert len(list(server.asked.tasks(DEMO))) == 2
    assert server.waited == [7.0, 0.0]
    state.path, state.faults, state.headers = "/api/projects/3/", [status], {"Retry-After": "86400"}
    with pytest.raises(InputError, match=f"answers {status} .and asks for 86400 seconds of rest"):
        server.asked.project(3)
    assert len(server.waited) == 2, "nobody waits for a day"


def test_a_listing_of_smaller_pages_than_asked_for_is_read_whole(monkeypatch, state, server):
    state.most = 3
    state.tasks = [{**row, "annotations": []} for row in rows(*range(8))]
    assert [row["id"] for row in server.asked.tasks(DEMO)] == list(range(8))
    state.claimed = 9
    with pytest.raises(InputError, match="lists 8 of 9 tasks"):
        list(server.asked.tasks(DEMO))
    for claimed in (None, "many", True):
        state.claimed = claimed
        with pytest.raises(InputError, match="how many tasks there are"):
            list(server.asked.tasks(DEMO))


def test_a_push_that_gave_up_goes_on_from_there(monkeypatch, state, server):
    monkeypatch.setattr(client, "_BATCH", 4)
    state.path, state.faults = "/api/projects/3/import", [None, *["drop"] * 4]
    with pytest.raises(InputError, match="is Label Studio running there"):
        server.asked.push(DEMO, rows(*range(10)))
    assert len(server.waited) == len(WAITS)
    assert server.asked.push(DEMO, rows(*range(10))) == Pushed(6, 4)
    assert len(set(ids(state))) == len(ids(state)) == 10


@pytest.mark.parametrize("fault", [500, "drop", "late"])
def test_no_project_is_made_twice(state, server, fault):
    state.path, state.faults = "/api/projects/", [None, fault]
    project, _ = server.asked.find_or_create("demo (label)", "<View/>", 2, False)
    assert (project, len(state.projects)) == (DEMO, 1)
    assert server.asked.find_or_create("demo (label)", "<View/>", 2, False) == (DEMO, False)


def test_tasks_are_sent_in_requests_of_bounded_size(monkeypatch, state, server):
    monkeypatch.setattr(client, "_BATCH_BYTES", 10_000)
    server.asked.push(DEMO, rows(*range(30)))
    sent = [request for request in state.requests if request[1].endswith("/import")]
    assert len(state.tasks) == 30 and len(sent) >= 3
    state.tasks.clear()
    big = list(export_tasks([label_task(1, response="x" * 50_000), label_task(2)], "demo"))
    assert server.asked.push(DEMO, big) == Pushed(2, 0)


def test_a_listing_is_read_page_by_page_and_each_task_once(monkeypatch, state, server):
    monkeypatch.setattr(client, "_PAGE", 3)
    state.tasks = [{**row, "annotations": []} for row in rows(*range(8))]
    assert [row["id"] for row in server.asked.tasks(DEMO)] == list(range(8))
    assert "data" not in next(server.asked.tasks(DEMO)), "the texts came too"
    for task in state.tasks[4:]:
        del task["meta"]  # as somebody's own import may have it
    assert len(server.asked.task_ids(DEMO)) == 8


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (401, "refuses the key in LABEL_STUDIO_API_KEY"),
        (403, "ask its owner for the right"),
        (404, "has no project 3 that this key may see"),
        (400, "refuses GET /api/projects/3/ with 400"),
        (302, "give that server with --url"),
    ],
)
def test_a_refusal_says_what_to_do_and_never_the_key(state, server, fault, said):
    state.faults = [fault]
    with pytest.raises(InputError, match=said) as error:
        server.asked.project(3)
    assert KEY not in str(error.value)
    assert "***" in str(error.value) or fault == 302
    assert len(state.requests) == 1, "a refusal was asked again"


def test_trouble_that_does_not_pass_is_worded_without_the_key(state, server):
    state.faults = [500] * 9
    with pytest.raises(InputError, match=r"answers 500 .*\*\*\*") as error:
        server.asked.project(3)
    assert KEY not in str(error.value)
    assert len(state.requests) == len(WAITS) + 1


def test_a_server_that_is_none(state, server):
    for body, said in [(b"<html>", "is it one?"), (b"[]", "is it one?"), (b'{"id": 1}', "without its number")]:
        state.body = body
        with pytest.raises(InputError, match=said):
            server.asked.project(3)
    state.body = b'{"tasks": 3, "total": 1}'
    with pytest.raises(InputError, match="is it Label Studio"):
        list(server.asked.tasks(DEMO))
    with pytest.raises(InputError, match="does not answer"):
        LabelStudio("http://127.0.0.1:9", KEY, waits=()).project(3)


def test_two_projects_of_one_title_are_told_apart_by_number(state, server):
    state.projects = [PROJECT, {**PROJECT, "id": 4}]
    with pytest.raises(InputError, match=r"by its number \(3, 4\)"):
        server.asked.find("demo (label)")
    assert server.asked.find("demo") is None
    with pytest.raises(UsageError, match="3 to 50 characters"):
        server.asked.find_or_create("x" * 51, "<View/>", 2, False)


def test_a_configuration_is_sent_where_it_differs(state, server):
    assert server.asked.configure(DEMO, "<View/>\n", False) == DEMO
    assert state.requests == []
    server.asked.configure(DEMO, "<View><Text/></View>", False)
    assert [request[0] for request in state.requests] == ["PATCH"]


def test_a_legacy_token_signs_each_request(state, server):
    server.asked.project(3)
    assert state.requests == [("GET", "/api/projects/3/", f"Token {KEY}")]
    assert KEY not in repr(vars(server.asked))


def test_a_personal_token_is_changed_for_one_that_lasts_minutes_and_again_when_it_ended(state):
    with serving(state) as url, LabelStudio(url, PERSONAL, waits=WAITS) as asked:
        asked.project(3)
        asked.project(3)
        assert [request[1] for request in state.requests].count("/api/token/refresh/") == 1
        state.expired.add(state.access)
        state.access = "access-token-2"
        asked.project(3)
        assert state.requests[-1][2] == "Bearer access-token-2"
        assert all(PERSONAL not in (request[2] or "") for request in state.requests)
        assert PERSONAL not in repr(vars(asked))


def test_a_personal_token_that_ended_is_worded(state):
    with serving(state) as url, LabelStudio(url, f"{PERSONAL}x", waits=WAITS) as asked:
        with pytest.raises(InputError, match="may have been revoked or have ended") as error:
            asked.project(3)
    assert KEY not in str(error.value)


def test_urls():
    assert checked_url("https://host.example/studio/") == "https://host.example/studio"
    for bad in ["", "host:8080", "ftp://host", "http://", "http://h:x", "http://u:p@host", "http://h/?q=1"]:
        with pytest.raises(UsageError, match="no server's URL"):
            checked_url(bad)
