"""A small Hub on a loopback port: just what listing, asking about and streaming one dataset takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class _Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    dataset = "someone/chats"
    files: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[str]] = []

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.asked.append(f"POST {self.path}")
        if "/paths-info/" in self.path:
            paths = json.loads(body)["paths"]
            self._json([self._entry(path) for path in paths if path in self.files])
        else:
            self._missing("EntryNotFound")

    def do_GET(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        path = self.path.partition("?")[0]
        if path.startswith("/api/datasets/someone/gated"):
            return self._send(403, b"{}", {"X-Error-Code": "GatedRepo", "X-Error-Message": "ask first"})
        if not path.startswith((f"/api/datasets/{self.dataset}", f"/datasets/{self.dataset}/")):
            return self._missing("RepoNotFound")
        if "/nowhere" in path:
            return self._missing("RevisionNotFound")
        if match := re.fullmatch(rf"/datasets/{self.dataset}/resolve/[^/]+/(.+)", path):
            return self._file(match[1])
        if "/tree/" in path:
            return self._json(self._tree(path.partition("/tree/")[2].partition("/")[2]))
        self._json({"id": self.dataset, "sha": COMMIT, "siblings": [{"rfilename": name} for name in self.files]})

    def _entry(self, name: str) -> dict[str, object]:
        return {"type": "file", "oid": "a" * 40, "size": len(self.files[name]), "path": name}

    def _tree(self, folder: str) -> list[dict[str, object]]:
        start = f"{folder}/" if folder else ""
        rest = {name: name.removeprefix(start) for name in self.files if name.startswith(start)}
        folders = sorted({start + tail.partition("/")[0] for tail in rest.values() if "/" in tail})
        entries = [{"type": "directory", "oid": "b" * 40, "size": 0, "path": path} for path in folders]
        return entries + [self._entry(name) for name, tail in rest.items() if "/" not in tail]

    def _file(self, name: str) -> None:
        if name not in self.files:
            return self._missing("EntryNotFound")
        data, status = self.files[name], 200
        headers = {"ETag": f'"{name}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        if match := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            start, end = int(match[1]), min(int(match[2] or len(data) - 1), len(data) - 1)
            headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
            data, status = data[start : end + 1], 206
        self._send(status, data, headers)

    def _missing(self, code: str) -> None:
        self._send(404, b"{}", {"X-Error-Code": code, "X-Error-Message": code})

    def _json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


@contextmanager
def hub(files: dict[str, bytes]) -> Iterator[tuple[str, list[str]]]:
    """Serves a dataset's files; gives the endpoint and the list of requests made."""
    handler = type("Hub", (_Hub,), {"files": files, "asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", handler.asked
        server.shutdown()
