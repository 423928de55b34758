"""The OpenAI protocol, chat completions and completions: requests rendered, and what came back read. Pure."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

from ..schemas.model import Answer, Failure, Reply, Request, TokenLogprob, Wasted
from .events import assemble
from .providers import Endpoint
from .trouble import Again, Refusal, Throttled, clean, read_error

__all__ = ["PATHS", "RESERVED", "Outcome", "body_of", "read_response", "render"]

RESERVED = ("messages", "prompt", "model", "n", "stream", "stream_options", "response_format")
"""Fields of the request body that are not sampling parameters."""
PATHS = {"chat": "/chat/completions", "completions": "/completions"}
"""What each protocol appends to the base URL."""

_IMPOSSIBLE = -9999.0
"""The log-probability of a token that cannot be."""

Outcome = Answer | Again | Throttled | Refusal


def body_of(request: Request, endpoint: Endpoint) -> dict[str, Any]:
    """Gives the body of a request: parameters, then what the protocol and the endpoint ask for."""
    body: dict[str, Any] = {**request.parameters, "model": endpoint.name}
    if request.protocol == "completions":
        body["prompt"] = request.messages[-1]["content"]
    else:
        body["messages"] = [dict(message) for message in request.messages]
    if request.response_schema is not None:
        schema = {"name": "answer", "schema": dict(request.response_schema), "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    if endpoint.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return body | dict(endpoint.extra)


def render(request: Request, endpoint: Endpoint) -> bytes:
    """Gives the body of a request as it is sent."""
    # ASCII escapes carry any string, lone surrogates too.
    return json.dumps(body_of(request, endpoint)).encode("ascii")


def read_response(status: int, body: bytes, endpoint: Endpoint, request: Request, origin: str | None = None) -> Outcome:
    """Reads what came back.

    Args:
        status: the HTTP status.
        body: the whole body.
        endpoint: who answered; its key is blotted out wherever the server repeats it.
        request: what was asked.
        origin: where the answer comes from; null takes the endpoint's.
    """
    payload = assemble(body) if endpoint.stream and status == 200 else _json(body)
    if status != 200:
        return read_error(status, payload, body, endpoint)
    if not isinstance(payload, dict):
        said = clean(body.decode("utf-8", "replace"), endpoint)
        return Again("parse", f"the body is no JSON object: {said!r}")
    error = payload.get("error")
    # Routers answer 200 and put the error of the server behind them into the body.
    if error and not payload.get("choices"):
        code = error.get("code") if isinstance(error, dict) else None
        status = code if isinstance(code, int) and 400 <= code < 600 else 502
        return read_error(status, payload, body, endpoint)
    return _read_answer(payload, endpoint, request, origin or endpoint.origin)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _read_answer(payload: dict[str, Any], endpoint: Endpoint, request: Request, origin: str) -> Reply | Failure | Again:
    """Reads a payload without an error; what is no answer says what it took all the same."""
    given = payload.get("usage")
    usage = given if isinstance(given, dict) else {}
    read = _read_choice(payload, usage, endpoint, request, origin)
    wasted = Wasted(_count(usage.get("prompt_tokens")) or 0, _count(usage.get("completion_tokens")) or 0)
    return read if isinstance(read, Reply) or not any(wasted) else replace(read, wasted=wasted)


def _read_choice(
    payload: dict[str, Any], usage: dict[str, Any], endpoint: Endpoint, request: Request, origin: str
) -> Reply | Failure | Again:
    choices = payload.get("choices")
    if isinstance(choices, list) and not choices:
        return Again("empty", "the reply has no choices")
    choice = choices[0] if isinstance(choices, list) else None
    if not isinstance(choice, dict):
        return Again("parse", "the reply has no choices[0]")
    message = choice if request.protocol == "completions" else choice.get("message")
    if not isinstance(message, dict):
        return Again("parse", "the reply has no choices[0].message")
    finish = _string(choice.get("finish_reason"))
    if finish == "content_filter":
        return Failure("content_filter", "the server withheld the answer", permanent=True)
    if choice.get("error"):
        return Again("server", f"the answer broke off: {clean(str(choice['error']), endpoint)}")
    text = _content(message.get("text" if request.protocol == "completions" else "content"))
    thinking = _content(message.get("reasoning_content")) or _content(message.get("reasoning")) or None
    if problem := _problem(text, thinking, finish, request):
        return problem
    details = usage.get("prompt_tokens_details")
    return Reply(
        text=text or "",
        finish_reason=finish,
        thinking=thinking,
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        cached_tokens=_count(details.get("cached_tokens")) if isinstance(details, dict) else None,
        served_model=_string(payload.get("model")),
        system_fingerprint=endpoint.fingerprint or _string(payload.get("system_fingerprint")),
        origin=origin,
        logprobs=_logprobs(choice.get("logprobs")),
    )


def _problem(text: str | None, thinking: str | None, finish: str | None, request: Request) -> Failure | Again | None:
    """Says what is wrong with an answer's text, or gives null for an answer that counts."""
    if text is None or (text == "" and (finish is None or (finish == "length" and thinking))):
        if finish is None:
            return Again("empty", "the reply has no content and no finish reason")
        cause = " after thinking" if thinking else ""
        return Failure("empty", f"no content{cause}, finish reason {finish!r}", permanent=True)
    if request.response_schema is not None and finish != "length":
        try:
            json.loads(text)
        except (ValueError, RecursionError) as error:
            return Again("parse", f"the answer is no JSON, as its schema asks: {error}")
    return None


def _content(value: Any) -> str | None:
    """Reads a content: a string, or a list of text parts; null where there is none."""
    if isinstance(value, list):
        parts = [part.get("text") for part in value if isinstance(part, dict) and part.get("type", "text") == "text"]
        value = "".join(part for part in parts if isinstance(part, str)) if parts else None
    if not isinstance(value, str):
        return None
    if value.isascii():
        return value
    # Half a surrogate pair, which JSON can carry and no UTF-8 file can, becomes the replacement character.
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def _string(value: Any) -> str | None:
    return _content(value) if isinstance(value, str) and value else None


def _logprobs(value: Any) -> tuple[TokenLogprob, ...] | None:
    """Reads log-probabilities: chat's list of tokens, or the parallel lists of completions."""
    if not isinstance(value, dict):
        return None
    try:
        if isinstance(value.get("content"), list):
            return tuple(
                TokenLogprob(
                    _token(one["token"]),
                    _number(one["logprob"]),
                    tuple((_token(top["token"]), _number(top["logprob"])) for top in one.get("top_logprobs") or ()),
                )
                for one in value["content"]
            )
        tokens, chosen = value["tokens"], value["token_logprobs"]
        tops = value.get("top_logprobs") or [None] * len(tokens)
        return tuple(
            TokenLogprob(
                _token(token), _number(logprob), tuple((_token(k), _number(v)) for k, v in (top or {}).items())
            )
            # The first token of an echoed prompt has none.
            for token, logprob, top in zip(tokens, chosen, tops, strict=True)
            if logprob is not None
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _token(value: Any) -> str:
    return _content(value) or str(value)


def _number(value: Any) -> float:
    """Reads a log-probability: what is impossible, and what JSON has no number for, is as vLLM writes it."""
    number = float(value)
    if number == math.inf:
        raise ValueError("no log-probability")
    return number if number == number and number > _IMPOSSIBLE else _IMPOSSIBLE
