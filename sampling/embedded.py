"""The embedded model: a small real one, served on loopback by a child process that ends with us."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO

from ..errors import MissingExtra, ModelError
from .providers import Endpoint
from .serve import READY

__all__ = ["EmbeddedServer", "require_engine"]

_TAIL = 2000
"""Bytes of the child's last words that a message may hold."""


def require_engine() -> str:
    """Gives the inference engine's version.

    Raises:
        MissingExtra: when it is not installed.
    """
    if find_spec("xllamacpp") is None:
        raise MissingExtra("xllamacpp", "local")
    try:
        return version("xllamacpp")
    except PackageNotFoundError:
        return "unknown"


class EmbeddedServer:
    """Serves one model. Use as a context manager: entering it gives the endpoint.

    Answers are a function of the request on one machine: text is bit-identical over processes and order of requests.
    """

    def __init__(self, weights: Path, name: str, *, threads: int = 1, timeout: float = 60.0) -> None:
        """Starts nothing yet.

        Args:
            weights: a GGUF file whose sha256 has been checked.
            name: the model's name on the server.
            threads: for one answer; no answer depends on it. The engine's threads spin while they wait for each
                other: with a third process on two cores, two threads took ten times as long as one.
            timeout: seconds the server may take to start.
        """
        self.weights = weights
        self.name = name
        self._threads = threads
        self._timeout = timeout
        self._child: subprocess.Popen[bytes] | None = None
        self._words: IO[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id; null while none runs."""
        return self._child.pid if self._child else None

    def __enter__(self) -> Endpoint:
        engine = require_engine()
        # A file, not a pipe: nobody reads while it serves, and a full pipe would stop it.
        self._words = tempfile.TemporaryFile()
        # -P as the installed command has it: a module in the current folder must not stand in for ours.
        argv = [sys.executable, "-P", "-m", f"{__package__}.serve", str(self.weights), self.name, str(self._threads)]
        try:
            # A session of its own, so that Ctrl-C reaches the parent, which then ends the child in good order.
            self._child = subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._words, start_new_session=True
            )
            address = self._address(self._child)
        except BaseException:
            if self._child is not None:
                self._child.kill()
            self.close()
            raise
        return Endpoint(
            base_url=f"{address}/v1",
            name=self.name,
            extra={"cache_prompt": False},
            label="embedded",
            # The server's own says b0-unknown, whatever it is.
            fingerprint=f"xllamacpp {engine}",
            concurrency=1,
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the child; may be called again."""
        child, self._child = self._child, None
        if child is not None:
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()
            try:
                child.wait(2)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        words, self._words = self._words, None
        if words is not None:
            words.close()

    def _address(self, child: subprocess.Popen[bytes]) -> str:
        """Reads the child's output until it says where it listens."""
        assert child.stdout is not None
        deadline = time.monotonic() + self._timeout
        said = b""
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([child.stdout], [], [], left)[0]:
                break
            data = os.read(child.stdout.fileno(), 4096)
            if not data:
                child.wait()
                raise ModelError(self._failed(f"ended with code {child.returncode}"))
            said += data
            for line in said.split(b"\n")[:-1]:
                if line.startswith(READY.encode("ascii")):
                    return line.decode("ascii").removeprefix(READY).strip()
        raise ModelError(self._failed(f"did not start within {self._timeout:g} s"))

    def _failed(self, how: str) -> str:
        return f"the embedded model {self.name!r} ({str(self.weights)!r}) {how}; its last words: {self._tail()}"

    def _tail(self) -> str:
        assert self._words is not None
        size = self._words.seek(0, os.SEEK_END)
        self._words.seek(max(0, size - _TAIL))
        lines = self._words.read().decode("utf-8", "replace").split("\n")
        return " | ".join([line.strip() for line in lines if line.strip()][-4:]) or "none"
