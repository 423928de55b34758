"""The formats of JSON Schema that are checked: dates and times, addresses, identifiers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from ipaddress import IPv4Address, IPv6Address

__all__ = ["FORMATS"]

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:[zZ]|([+-])([0-9]{2}):([0-9]{2}))")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*+")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})++")


def _date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    try:
        return found is not None and bool(date(*map(int, found.groups())))
    except ValueError:
        return False


def _time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    if found is None:
        return False
    hour, minute, second = (int(part) for part in found.groups()[:3])
    sign, hours, minutes = found.group(4), int(found.group(5) or 0), int(found.group(6) or 0)
    if hour > 23 or minute > 59 or hours > 23 or minutes > 59:
        return False
    # A leap second ends the last minute of a day in UTC.
    utc = (hour * 60 + minute + (hours * 60 + minutes) * (1 if sign == "-" else -1)) % 1440
    return second <= 59 or (second == 60 and utc == 1439)


def _date_time(text: str) -> bool:
    return len(text) > 11 and text[10] in "tT" and _date(text[:10]) and _time(text[11:])


def _hostname(text: str) -> bool:
    return 0 < len(text) <= 253 and all(_LABEL.fullmatch(label) for label in text.split("."))


def _email(text: str) -> bool:
    local, at, host = text.rpartition("@")
    return bool(at) and _LOCAL.fullmatch(local) is not None and _hostname(host)


def _address(kind: type[IPv4Address] | type[IPv6Address]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            return len(text) < 64 and "%" not in text and text.isascii() and bool(str(kind(text)))
        except ValueError:
            return False

    return check


FORMATS: dict[str, Callable[[str], bool]] = {
    "date": _date,
    "time": _time,
    "date-time": _date_time,
    "email": _email,
    "hostname": _hostname,
    "ipv4": _address(IPv4Address),
    "ipv6": _address(IPv6Address),
    "uri": lambda text: _URI.fullmatch(text) is not None,
    "uuid": lambda text: _UUID.fullmatch(text) is not None,
}
"""Tells by name whether a string has a format."""
