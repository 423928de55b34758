"""Who may talk to the annotation server: the Host and Origin checks, the token, and the headers of every response.

A page of another site can send a browser to loopback (DNS rebinding), or open a WebSocket there; both name another host
in Host or Origin. Pure ASGI, so that WebSockets pass through it too.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

__all__ = ["Guard", "is_loopback"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_NAMED = re.compile(r"[A-Za-z0-9._\-\[\]:]+")
_OURS = re.compile(r"/|/_nicegui[A-Za-z0-9_]*/[A-Za-z0-9_.@+/-]*")
"""Paths that there are: the page, and what it loads. Any other would be drawn, and named in the log, by NiceGUI."""


def is_loopback(host: str) -> bool:
    """Tells whether an address or name is of this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """Middleware that lets through what may come in.

    Without a token only requests to a loopback name are taken. With one, every request must bear it: once as
    ``?token=…``, which sets a cookie, then by the cookie.
    """

    def __init__(self, app: App, *, token: str | None, port: int) -> None:
        self.app, self._token = app, token
        # Cookies are shared by all ports of a host.
        self._cookie = f"benchwright_{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or hands it on."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refuse_host(headers) or await self._refuse_token(scope, headers, send)
        if refusal == "":
            return
        if refusal is not None:
            await _answer(scope, send, 403, refusal)
        elif not _OURS.fullmatch(scope["path"]):
            await _answer(scope, send, 404, "There is one page here, at /.")
        else:
            await self.app(scope, receive, _with_headers(send, headers["host"]))

    def _refuse_host(self, headers: dict[str, str]) -> str | None:
        host = headers.get("host", "")
        if not _NAMED.fullmatch(host):
            return "This request names no host."
        if self._token is None and not is_loopback(_name(host)):
            return "This server answers on loopback only: open it as http://127.0.0.1 or http://localhost."
        origin = headers.get("origin")
        if origin is not None and origin.lower().partition("://")[2] != host.lower():
            return "This request comes from a page of another site."
        # Browsers say so of what a page of another site loads; to follow a link from one is another thing.
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            return "This request comes from a page of another site."
        return None

    async def _refuse_token(self, scope: Scope, headers: dict[str, str], send: Send) -> str | None:
        """Gives why a request is refused, null where it is not, or ``""`` where it was answered here."""
        if self._token is None:
            return None
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if scope["type"] == "http" and any(name == "token" and self._is_token(value) for name, value in query):
            rest = urlencode([(name, value) for name, value in query if name != "token"])
            # Only the path: what a request calls its host is not ours to send anybody to.
            where = "/" + quote(scope["path"].lstrip("/")) + (f"?{rest}" if rest else "")
            # Not Strict: who follows the address from a page of another site, such as a mail, would be refused here.
            # Nothing is done by a GET, and a WebSocket opened by another site is told by its Origin.
            cookie = f"{self._cookie}={self._token}; HttpOnly; SameSite=Lax; Path=/"
            await _answer(scope, send, 303, "", location=where, **{"set-cookie": cookie})
            return ""
        if self._bears(headers.get("cookie", "")):
            return None
        return "This server asks for a token: open the address that benchwright annotate printed, with ?token=…"

    def _bears(self, cookies: str) -> bool:
        # By hand: the standard library's reader gives up at another server's cookie of a form it does not know.
        pairs = (pair.strip().partition("=") for pair in cookies.split(";"))
        return any(name == self._cookie and self._is_token(value) for name, _, value in pairs)

    def _is_token(self, given: str) -> bool:
        return compare_digest(given.encode("utf-8", "surrogatepass"), (self._token or "").encode())


def _name(host: str) -> str:
    """Gives a Host header's name without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def _headers(host: str) -> list[tuple[bytes, bytes]]:
    """Gives what every response says: nothing is loaded from, sent to or framed by another host."""
    sockets = f" ws://{host} wss://{host}" if _NAMED.fullmatch(host) else ""
    # NiceGUI's page has inline scripts and makes functions of templates; data reaches it as text nodes only.
    policy = (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data:; font-src 'self' data:; connect-src 'self'{sockets}; "
        "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return [
        (b"content-security-policy", policy.encode()),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
    ]


def _with_headers(send: Send, host: str) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_headers(host)]
        await send(message)

    return sending


async def _answer(scope: Scope, send: Send, status: int, text: str, **headers: str) -> None:
    """Answers with plain text; a WebSocket is closed before it opens."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    named = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
    plain = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    start = {"type": "http.response.start", "status": status, "headers": [*plain, *named, *_headers("")]}
    await send(start)
    await send({"type": "http.response.body", "body": text.encode()})
