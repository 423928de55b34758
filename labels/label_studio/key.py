"""The key to a Label Studio server: it goes into the header that asks for it, and is shown nowhere."""

from __future__ import annotations

from collections.abc import Generator

import httpx2

from ...errors import InputError, UsageError

__all__ = ["Key", "authorisation"]

_NEEDED = (
    "set LABEL_STUDIO_API_KEY to a personal access token or a legacy token, which the server shows under Account & "
    "Settings; no option takes it, since options are seen by others"
)
_SECRET = 8
"""Characters from which on a key is looked for in what a server says."""


class Key:
    """A personal access token (three parts, the first of which is JSON in base64) or a legacy token."""

    def __init__(self, value: str) -> None:
        """Takes a key as it stands in the environment.

        Raises:
            UsageError: when it is empty or holds what no header can.
        """
        value = value.strip()
        if not value:
            raise UsageError(f"no key for Label Studio: {_NEEDED}")
        if not value.isascii() or not value.isprintable() or " " in value:
            raise UsageError(f"LABEL_STUDIO_API_KEY holds characters that no key has: {_NEEDED}")
        self._value = value
        self.personal = value.startswith("eyJ") and value.count(".") == 2

    def __repr__(self) -> str:
        return "Key(***)"

    def reveal(self) -> str:
        """Gives the key itself, for a header alone."""
        return self._value

    def masked(self, text: str) -> str:
        """Gives a text without the key."""
        return text.replace(self._value, "***") if len(self._value) >= _SECRET else text


def authorisation(key: Key, refresh: str) -> httpx2.Auth:
    """Gives how requests are signed.

    Args:
        refresh: the URL where a personal access token is changed for one that requests may bear.
    """
    return _Personal(key, refresh) if key.personal else _Legacy(key)


class _Legacy(httpx2.Auth):
    """``Token KEY`` with each request."""

    def __init__(self, key: Key) -> None:
        self._key = key

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers["Authorization"] = f"Token {self._key.reveal()}"
        yield request


class _Personal(httpx2.Auth):
    """``Bearer ACCESS`` with each request; an access token lasts minutes and is asked for again when it is refused."""

    requires_response_body = True

    def __init__(self, key: Key, refresh: str) -> None:
        self._key, self._refresh = key, refresh
        self._access: Key | None = None

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        fresh = self._access is None
        if self._access is None:
            self._access = self._read((yield self._ask()))
        request.headers["Authorization"] = f"Bearer {self._access.reveal()}"
        response = yield request
        if response.status_code == 401 and not fresh:
            self._access = self._read((yield self._ask()))
            request.headers["Authorization"] = f"Bearer {self._access.reveal()}"
            yield request

    def _ask(self) -> httpx2.Request:
        return httpx2.Request("POST", self._refresh, json={"refresh": self._key.reveal()})

    def _read(self, response: httpx2.Response) -> Key:
        if response.status_code >= 500 or response.status_code == 429:
            raise httpx2.ReadError(f"{response.status_code} where the key is exchanged")  # tried again
        try:
            return Key(response.json()["access"])
        except (ValueError, KeyError, TypeError, AttributeError, UsageError):
            raise InputError(
                f"the server answers {response.status_code} to the personal access token in LABEL_STUDIO_API_KEY: it "
                "may have been revoked or have ended; copy a new one from Account & Settings there"
            ) from None
