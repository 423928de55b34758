"""A loopback model server whose answer is a function of the request, and which counts what it is asked.

It stands in for recorded answers behind an OpenAI-compatible endpoint: asked the same, it says the same, whoever asks
and whenever, so that a killed and resumed build can be compared byte for byte with one that was never killed.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

__all__ = ["AnsweringServer", "request_hash", "serve"]

_SENTENCES = (
    "The garden opens at nine and closes at dusk.",
    "First, measure the wood twice, then cut it once.",
    "Our train was late, but nobody minded!",
    "Keep the soup warm until your guests arrive.",
    "Nobody knows who painted the old bridge.",
    "Two clouds crossed the valley, slowly, without a sound.",
    "Ask the librarian for the map of the harbour.",
    "A good knife, a hot pan and patience are enough.",
)


def request_hash(messages: list[dict[str, str]], seed: int) -> str:
    """Gives what the server counts by: a hash over the conversation and the seed."""
    return hashlib.sha256(json.dumps([messages, seed], sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def answer(messages: list[dict[str, str]], seed: int) -> str:
    """Writes a text that is a function of the request: some long, some short, some lower case, some a list."""
    rng = Random(request_hash(messages, seed))
    sentences = rng.sample(_SENTENCES, rng.randint(1, 5))
    words = messages[-1]["content"].replace('"', " ").split()
    sentences.append(" ".join(rng.sample(words, min(len(words), rng.randint(1, 12)))) + ".")
    style = rng.randint(0, 4)
    if style == 0:
        return "\n".join(f"- {sentence}" for sentence in sentences)
    text = " ".join(sentences)
    return {1: text.lower(), 2: text.upper(), 3: text.replace(",", "")}.get(style, text)


class AnsweringServer:
    """Counts requests by hash; ``in_flight`` at any moment and at its most."""

    def __init__(self, latency: float) -> None:
        self.latency = latency
        self.lock = threading.Lock()
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.base_url = ""

    def reply(self, body: dict[str, Any]) -> dict[str, Any]:
        """Answers one chat completion."""
        messages, seed = body["messages"], body.get("seed", 0)
        key = request_hash(messages, seed)
        with self.lock:
            self.asked[key] += 1
        time.sleep(self.latency)
        text = answer(messages, seed)
        with self.lock:
            self.answered[key] += 1
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 20, "completion_tokens": len(text.split()), "total_tokens": 20 + len(text.split())}
        return {"id": key[:8], "object": "chat.completion", "model": body["model"], "choices": [choice], "usage": usage}


@contextmanager
def serve(latency: float = 0.02) -> Iterator[AnsweringServer]:
    """Runs the server on a free loopback port for the length of the block."""
    state = AnsweringServer(latency)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            payload = json.dumps(state.reply(body)).encode()
            try:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client was killed: what these proofs are about

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: object) -> None:
            pass  # a killed client leaves half a request

    server = Server(("127.0.0.1", 0), Handler)
    state.base_url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
