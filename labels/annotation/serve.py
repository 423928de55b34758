"""Starting the annotation server: where it listens, who may come in, and how it ends."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from secrets import token_urlsafe
from typing import NamedTuple

from ...errors import UsageError
from .guard import Guard, is_loopback
from .page import add_page
from .screens import import_nicegui
from .session import Desk

__all__ = ["Door", "open_door", "serve"]

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,}")


class Door(NamedTuple):
    """Where a server listens."""

    listener: socket.socket
    url: str
    """What to open, with the token where there is one."""
    token: str | None


def open_door(host: str, port: int, token: str | None = None) -> Door:
    """Listens, and draws a token where others than this machine can reach it.

    Args:
        host: an address or name of this machine.
        port: 0 takes any free one.
        token: given by the user; null draws one where needed.

    Raises:
        UsageError: when the address cannot be listened at, or the token is too short to keep anybody out.
    """
    if token is not None and not _TOKEN.fullmatch(token):
        raise UsageError("--token takes 16 or more letters, digits, - or _; with none given one is made where needed")
    if token is None and not is_loopback(host):
        token = token_urlsafe(24)
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError as error:
        raise UsageError(
            f"cannot listen at {host!r}, port {port}: {error.strerror}; another --port, or 0 for any"
        ) from None
    return Door(listener, _url(host, listener.getsockname()[1], token), token)


def _url(host: str, port: int, token: str | None) -> str:
    everywhere = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}
    name = everywhere.get(host, host)
    name = f"[{name}]" if ":" in name else name
    return f"http://{name}:{port}/" + (f"?token={token}" if token else "")


def serve(desk: Desk, door: Door, ready: Callable[[], None]) -> None:
    """Serves until Ctrl-C.

    Args:
        ready: called once, before the first request is taken.

    Raises:
        MissingExtra: when NiceGUI is not installed.
    """
    nicegui = import_nicegui()
    import uvicorn
    from fastapi import FastAPI

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_page(desk)
    nicegui.ui.run_with(
        app,
        title="Annotation",
        favicon="☑️",
        # A browser that lays out a long text answers no ping meanwhile: it is given 4 seconds.
        reconnect_timeout=10.0,
        tailwind=False,
        binding_refresh_interval=None,
        show_welcome_message=False,
    )
    guarded = Guard(app, token=door.token, port=door.listener.getsockname()[1])
    config = uvicorn.Config(
        guarded, log_level="error", access_log=False, timeout_graceful_shutdown=1, server_header=False
    )
    ready()
    try:
        uvicorn.Server(config).run(sockets=[door.listener])
    except KeyboardInterrupt:
        pass  # how it is meant to end
    finally:
        door.listener.close()
