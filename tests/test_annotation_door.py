"""Who the annotation server lets in: its own names on loopback, a token elsewhere, no page of another site."""

from __future__ import annotations

import http.client
import re
import socket
from pathlib import Path
from urllib.parse import quote

import pytest

from .annotation_server import AnnotationServer, label, make_project

pytest.importorskip("nicegui", reason="needs the extra annotate")


def ask(port: int, path: str = "/", **headers: str) -> tuple[int, dict[str, str], str]:
    """Asks as any program could; ``host`` is said, whatever the address."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    reply = connection.getresponse()
    text = reply.read().decode()
    connection.close()
    return reply.status, {name.lower(): value for name, value in reply.getheaders()}, text


def upgrade(port: int, **headers: str) -> int:
    """Opens a WebSocket; gives the status."""
    sent = {"Host": f"127.0.0.1:{port}", "Upgrade": "websocket", "Connection": "Upgrade", **headers}
    sent |= {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    lines = [f"{name}: {value}" for name, value in sent.items()]
    path = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
        opened.sendall("\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode())
        return int(opened.recv(64).split()[1])


def test_loopback_answers_to_its_own_names_alone(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "project", [label(1)])
    with AnnotationServer(folder) as server:
        own = f"127.0.0.1:{server.port}"
        status, headers, text = ask(server.port)
        assert status == 200 and "connect-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert not re.search(r"https?://(?!127\.0\.0\.1)[a-z]", text), "the page names no other host"
        assert ask(server.port, host=f"localhost:{server.port}")[0] == 200
        assert ask(server.port, host="rebound.example")[0] == 403
        assert ask(server.port, host="")[0] in {400, 403}
        assert ask(server.port, origin="http://evil.example")[0] == 403
        for origin in ("null", "http://[", "http://127.0.0.1", f"http://somebody@{own}", f"{own}"):
            assert ask(server.port, origin=origin)[0] == 403
        assert ask(server.port, sec_fetch_site="cross-site", sec_fetch_mode="no-cors")[0] == 403
        assert ask(server.port, sec_fetch_site="cross-site", sec_fetch_mode="navigate")[0] == 200
        assert upgrade(server.port, Origin=f"http://{own}") == 101
        assert upgrade(server.port, Origin="http://evil.example") == 403
        assert upgrade(server.port, Host="rebound.example", Origin="http://rebound.example") == 403


def test_other_addresses_ask_for_a_token(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "project", [label(1)])
    with AnnotationServer(folder, "--host", "0.0.0.0") as server:
        token = server.url.partition("?token=")[2]
        assert len(token) >= 24
        status, _, text = ask(server.port)
        assert (status, "token" in text, "Your name" in text) == (403, True, False)
        assert ask(server.port, "/?token=wrong")[0] == 403
        assert ask(server.port, "/_nicegui_ws/socket.io/?EIO=4&transport=polling")[0] == 403
        assert upgrade(server.port) == 403
        status, headers, _ = ask(server.port, f"/?token={token}")
        assert (status, headers["location"]) == (303, "/")
        assert "HttpOnly" in headers["set-cookie"] and "SameSite=Lax" in headers["set-cookie"]
        cookie = headers["set-cookie"].partition(";")[0]
        assert ask(server.port, cookie=cookie)[0] == 200
        for other in ('x={"a": 1}; ', "a/b=1; ", "bad[]=[1,2]; ", "flag; "):
            # Of other servers of this host; what they are called is theirs.
            assert ask(server.port, cookie=other + cookie)[0] == 200
            assert ask(server.port, cookie=f"{other}{cookie}x")[0] == 403
        assert ask(server.port, f"/?token={token}", cookie=cookie)[0] == 303, "the token leaves the address again"
        assert upgrade(server.port, Cookie=cookie) == 101
        assert upgrade(server.port, Cookie=cookie, Origin="http://evil.example") == 403


def test_there_is_one_page(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "project", [label(1)])
    token = "a-token-of-our-own"
    with AnnotationServer(folder, "--token", token) as server:
        cookie = f"benchwright_{server.port}={token}"
        version = re.findall(r"/_nicegui/[0-9.]+", ask(server.port, cookie=cookie)[2])[0]
        static = f"{version}/static/nicegui.js"
        assert (ask(server.port, static, cookie=cookie)[0], ask(server.port, static)[0]) == (200, 403)
        up = "..%2f" * 12
        for path in (
            *("/docs", "/openapi.json", "/annotations.sqlite", "/%2e%2e/%2e%2e/etc/passwd", "//example.org/"),
            *(f"{version}/static/{up}etc/passwd", f"{version}/components/{up}etc%2fpasswd", "/%1b[31mred%0aforged"),
        ):
            status, _, text = ask(server.port, path, cookie=cookie)
            assert (status, "root:" in text) == (404, False)
            assert ask(server.port, path)[0] == 403
        for path in ("/%0d%0aSet-Cookie:%20x=1", "/%5cexample.org", "//example.org", "/ü"):
            status, headers, _ = ask(server.port, f"{quote(path, safe='/%')}?token={token}")
            assert status == 303 and re.fullmatch(r"/[A-Za-z0-9%._-]*", headers["location"]), headers["location"]
        server.process.terminate()
        assert server.process.communicate(timeout=20)[1] == "", "no request writes to the terminal"


@pytest.mark.parametrize(
    ("options", "told"), [(["--token", "short"], "16 or more"), (["--host", "192.0.2.1"], "listen")]
)
def test_a_door_that_cannot_open(tmp_path: Path, options: list[str], told: str) -> None:
    folder = make_project(tmp_path / "project", [label(1)])
    with pytest.raises(AssertionError, match=told):
        AnnotationServer(folder, *options)
