"""Providers: from ``provider/name`` to the endpoint that answers, with URL and key from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ..errors import UsageError, nearest

__all__ = ["PROVIDERS", "Endpoint", "Provider", "resolve"]


@dataclass(frozen=True)
class Provider:
    """Who serves models under an OpenAI-compatible protocol."""

    url_variable: str
    """The environment variable that overrides the URL."""
    url: str
    """The base URL where that is not set; ``/chat/completions`` is appended."""
    key_variable: str
    """The environment variable that holds the key."""
    needs_key: bool
    """Whether the default URL refuses requests without a key."""


PROVIDERS: Mapping[str, Provider] = {
    "anthropic": Provider("ANTHROPIC_BASE_URL", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", True),
    "gemini": Provider(
        "GEMINI_BASE_URL", "https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY", True
    ),
    "llamacpp": Provider("LLAMACPP_BASE_URL", "http://127.0.0.1:8080/v1", "LLAMACPP_API_KEY", False),
    "ollama": Provider("OLLAMA_BASE_URL", "http://127.0.0.1:11434/v1", "OLLAMA_API_KEY", False),
    "openai": Provider("OPENAI_BASE_URL", "https://api.openai.com/v1", "OPENAI_API_KEY", True),
    "openrouter": Provider("OPENROUTER_BASE_URL", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", True),
    "sglang": Provider("SGLANG_BASE_URL", "http://127.0.0.1:30000/v1", "SGLANG_API_KEY", False),
    "together": Provider("TOGETHER_BASE_URL", "https://api.together.xyz/v1", "TOGETHER_API_KEY", True),
    "vllm": Provider("VLLM_BASE_URL", "http://127.0.0.1:8000/v1", "VLLM_API_KEY", False),
}


@dataclass(frozen=True)
class Endpoint:
    """Where one model is asked. Nothing of it bears identity but ``origin``, and that only for unpinned models."""

    base_url: str
    """Without a slash at the end."""
    name: str
    """What the server calls the model."""
    api_key: str | None = field(default=None, repr=False)
    """Sent as a bearer token; never shown, logged or stored."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields that every request body carries, over the sampling parameters."""
    label: str | None = None
    """What stands for the URL as the origin of answers; null takes the URL itself."""
    fingerprint: str | None = None
    """Stands for the server's ``system_fingerprint`` where the server's own says nothing."""
    concurrency: int | None = None
    """Requests in flight at most; null takes the settings' number."""
    peers: tuple[str, ...] = ()
    """Base URLs of further servers of the same model; each request goes to the least busy one."""

    @property
    def origin(self) -> str:
        """Where answers come from, as the ledger notes it."""
        return self.label or self.base_url

    @property
    def loopback(self) -> bool:
        """Whether the server is on this machine: then no proxy stands between."""
        host = (urlsplit(self.base_url).hostname or "").lower()
        return host in {"localhost", "::1"} or host.startswith("127.")


def resolve(model: str, environ: Mapping[str, str]) -> Endpoint:
    """Gives the endpoint of ``provider/name``.

    Args:
        environ: the environment, where URLs and keys are looked up.

    Raises:
        UsageError: for an unknown provider, a URL that is none, or a key that is needed and not set.
    """
    id, _, name = model.partition("/")
    if not name:
        raise UsageError(f"{model!r} is not of the form provider/name, as in 'openai/gpt-4o-mini'")
    if id not in PROVIDERS:
        raise UsageError(
            f"no provider is called {id!r} (in {model!r}): {nearest(id, [*PROVIDERS, 'embedded'])}; "
            "any OpenAI-compatible server can be asked as openai/NAME with OPENAI_BASE_URL set to its URL"
        )
    provider = PROVIDERS[id]
    given = environ.get(provider.url_variable, "").strip()
    key = environ.get(provider.key_variable, "").strip()
    if not key and provider.needs_key and not given:
        raise UsageError(
            f"{model!r} needs a key: set {provider.key_variable}, "
            f"or {provider.url_variable} to a server that asks for none"
        )
    if not key.isascii() or not key.isprintable():
        raise UsageError(f"{provider.key_variable} holds characters that no key has: check what was pasted there")
    url = _checked(given, provider.url_variable) if given else provider.url
    return Endpoint(url, name, key or None)


def _checked(url: str, variable: str) -> str:
    """Gives a base URL without its last slash; keys inside URLs are refused because URLs are shown and stored."""
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise UsageError(f"{variable} is no URL: the address or port in it cannot be read") from None
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError(
            f"{variable} must be a plain URL, without user, password, query or fragment: a key goes into "
            f"{variable.replace('_BASE_URL', '_API_KEY')}"
        )
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_fine:
        raise UsageError(f"{variable} is {url!r}, which is no http(s) URL; one looks like http://127.0.0.1:8000/v1")
    return url.rstrip("/")
