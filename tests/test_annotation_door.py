"""Who the annotation server lets in: its own names on loopback, a token elsewhere, no page of another site."""

from __future__ import annotations

import http.client
import re
import socket
from pathlib import Path

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
        assert "HttpOnly" in headers["set-cookie"] and "SameSite=Strict" in headers["set-cookie"]
        cookie = headers["set-cookie"].partition(";")[0]
        assert ask(server.port, cookie=cookie)[0] == 200
        assert upgrade(server.port, Cookie=cookie) == 101
        assert upgrade(server.port, Cookie=cookie, Origin="http://evil.example") == 403


@pytest.mark.parametrize(
    ("options", "told"), [(["--token", "short"], "16 or more"), (["--host", "192.0.2.1"], "listen")]
)
def test_a_door_that_cannot_open(tmp_path: Path, options: list[str], told: str) -> None:
    folder = make_project(tmp_path / "project", [label(1)])
    with pytest.raises(AssertionError, match=told):
        AnnotationServer(folder, *options)
