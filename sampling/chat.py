"""The chat completions protocol: requests rendered, and what came back read as one of five outcomes. Pure.

Servers differ in what they send for the same thing. What is told apart here: an answer; a failure that asking again
would repeat; trouble that may pass; a wish for fewer requests; and a refusal that every further request would meet.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ..schemas.model import Answer, Failure, Reply, Request
from .providers import Endpoint

__all__ = ["RESERVED", "Again", "Outcome", "Refusal", "Throttled", "read_response", "render"]

RESERVED = ("messages", "model", "n", "stream")
"""Fields of the request body that are not sampling parameters."""
_SHOWN = 300
"""Characters of a server's message that are kept."""


@dataclass(frozen=True)
class Again:
    """Trouble that may pass: worth a retry."""

    reason: str
    """What the failure is called when retries are used up: ``server``, ``timeout``, ``parse`` or ``empty``."""
    detail: str


@dataclass(frozen=True)
class Throttled:
    """The server wants fewer requests, or is not ready."""

    detail: str


@dataclass(frozen=True)
class Refusal:
    """The server refuses us, whatever we ask."""

    detail: str
    unknown_model: bool = False
    """Whether it is the model's name that it does not know."""


Outcome = Answer | Again | Throttled | Refusal

_TOO_LONG = re.compile(
    r"exceed_context_size|context_length_exceeded|maximum context length|context (window|size|length)|"
    r"prompt is too long|input is too long|too many (input )?tokens",
    re.I,
)
_FILTERED = re.compile(r"content_?filter|content_policy|ResponsibleAIPolicy|flagged|moderation|safety", re.I)
_UNKNOWN_MODEL = re.compile(
    r"model_not_found|invalid_model|not a valid model|model .{0,80}(not found|does not exist)|unknown model", re.I
)
_KEY = re.compile(r"api[ _-]?key|invalid_api_key|unauthori[sz]ed|authentication", re.I)
_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|billing|insufficient (credits|balance)", re.I)


def render(request: Request, endpoint: Endpoint) -> bytes:
    """Gives the body of a request: parameters, then what the protocol and the endpoint ask for."""
    body = {
        **request.parameters,
        "model": endpoint.name,
        "messages": [dict(message) for message in request.messages],
        **endpoint.extra,
    }
    # ASCII escapes carry any string, lone surrogates too.
    return json.dumps(body).encode("ascii")


def read_response(status: int, body: bytes, endpoint: Endpoint) -> Outcome:
    """Reads what came back.

    Args:
        status: the HTTP status.
        body: the whole body.
        endpoint: who answered; its key is blotted out wherever the server repeats it.
    """
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        payload = None
    if status == 200:
        if not isinstance(payload, dict):
            return Again("parse", f"the body is no JSON object: {_shown(body, endpoint)!r}")
        error = payload.get("error")
        # Routers answer 200 and put the error of the server behind them into the body.
        if error and not payload.get("choices"):
            code = error.get("code") if isinstance(error, dict) else None
            status = code if isinstance(code, int) and 400 <= code < 600 else 502
            return _read_error(status, payload, body, endpoint)
        return _read_answer(payload, endpoint)
    return _read_error(status, payload, body, endpoint)


def _read_answer(payload: dict[str, Any], endpoint: Endpoint) -> Outcome:
    choices = payload.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        return Again("parse", "the reply has no choices[0].message")
    finish = choice.get("finish_reason")
    finish = finish if isinstance(finish, str) and finish else None
    if finish == "content_filter":
        return Failure("content_filter", "the server withheld the answer", permanent=True)
    if choice.get("error"):
        return Again("server", f"the answer broke off: {_clean(str(choice['error']), endpoint)}")
    text = _content(message.get("content"))
    thinking = _content(message.get("reasoning_content")) or _content(message.get("reasoning")) or None
    if text is None or (text == "" and (finish is None or (finish == "length" and thinking))):
        if finish is None:
            return Again("empty", "the reply has no content and no finish reason")
        cause = " after thinking" if thinking else ""
        return Failure("empty", f"no content{cause}, finish reason {finish!r}", permanent=True)
    usage = payload.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    fingerprint = payload.get("system_fingerprint")
    return Reply(
        text=text,
        finish_reason=finish,
        thinking=thinking,
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        served_model=_string(payload.get("model")),
        system_fingerprint=endpoint.fingerprint or _string(fingerprint),
        origin=endpoint.origin,
    )


def _read_error(status: int, payload: Any, body: bytes, endpoint: Endpoint) -> Outcome:
    said, message = _said(payload, body)
    detail = f"HTTP {status}: {_clean(message, endpoint)}"
    if status in {400, 403} and _FILTERED.search(said) and not _TOO_LONG.search(said):
        return Failure("content_filter", detail, permanent=True)
    if status in {401, 402, 403, 405} or 300 <= status < 400 or (status == 429 and _QUOTA.search(said)):
        return Refusal(detail)
    if status in {429, 503, 529}:
        return Throttled(detail)
    if status in {400, 413, 422} and _TOO_LONG.search(said):
        return Failure("context_length", detail, permanent=True)
    if status == 404 or (status == 400 and _UNKNOWN_MODEL.search(said)):
        return Refusal(detail, unknown_model=True)
    # Gemini answers a wrong key with 400; kept as an answer it would spoil every request of a run.
    if status == 400 and _KEY.search(said):
        return Refusal(detail)
    if status == 408 or status == 504:
        return Again("timeout", detail)
    if status in {409, 425} or status >= 500 or status < 400:
        return Again("server", detail)
    return Failure("bad_request", detail, permanent=True)


def _said(payload: Any, body: bytes) -> tuple[str, str]:
    """Gives what to recognise an error by, and its message.

    Recognised are codes and the beginning of the message: behind it, servers may repeat the user's own words.
    """
    if not isinstance(payload, dict):
        text = body.decode("utf-8", "replace") or "no body"
        return text[:_SHOWN], text
    error = payload.get("error") or payload
    if not isinstance(error, dict):
        return str(error)[:_SHOWN], str(error)
    message = error.get("message") or error.get("detail")
    message = message if isinstance(message, str) and message else json.dumps(error, ensure_ascii=False)
    codes = [str(error[name]) for name in ("code", "type", "status") if error.get(name) is not None]
    return " ".join([*codes, message[:_SHOWN]]), message


def _content(value: Any) -> str | None:
    """Reads a content: a string, or a list of text parts; null where there is none."""
    if isinstance(value, list):
        parts = [part.get("text") for part in value if isinstance(part, dict) and part.get("type", "text") == "text"]
        value = "".join(part for part in parts if isinstance(part, str)) if parts else None
    if not isinstance(value, str):
        return None
    # Half a surrogate pair, which JSON can carry and no UTF-8 file can, becomes the replacement character.
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def _string(value: Any) -> str | None:
    return _content(value) if isinstance(value, str) and value else None


def _shown(body: bytes, endpoint: Endpoint) -> str:
    return _clean(body.decode("utf-8", "replace"), endpoint)


def _clean(text: str, endpoint: Endpoint) -> str:
    """Blots out the key, makes one line of it and cuts it."""
    if endpoint.api_key:
        text = text.replace(endpoint.api_key, "***")
    text = " ".join((_content(text) or "").split())
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
