"""What is searched for and what is found, whichever service finds it."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

MAX_TEXT = 2000
"""Characters of a page that a result shows; services that have whole pages are asked for no more."""

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_object = msgspec.json.Decoder(dict[str, Any]).decode


class Place(Struct, frozen=True, omit_defaults=True):
    """About where the user is, as far as the client says."""

    country: str = ""
    """Two letters (ISO 3166-1)."""
    region: str = ""
    city: str = ""
    timezone: str = ""


class Query(Struct, frozen=True, omit_defaults=True):
    """One search."""

    text: str
    count: int = 8
    """Results wanted."""
    allowed: tuple[str, ...] = ()
    """Only pages of these domains, where there are any."""
    blocked: tuple[str, ...] = ()
    """No pages of these."""
    place: Place = Place()


class Result(Struct, frozen=True, omit_defaults=True):
    """One page that was found."""

    url: str
    title: str
    text: str = ""
    """What of it the service shows."""
    age: str = ""
    """How old it is, in the service's words."""


class Ask(Struct, frozen=True):
    """The request for a service, below its base URL and without its credential."""

    method: str
    path: str
    """With the query string."""
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Unreadable(ValueError):
    """The answer is none of this service."""


def read_list(body: bytes, *path: str) -> list[dict[str, Any]]:
    """The list of objects at `path` in an answer; an empty one where there is none. Raises `Unreadable`."""
    try:
        found: Any = _object(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unreadable("it is not a JSON object") from None
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    if found is None:
        return []
    if not isinstance(found, list):
        raise Unreadable(f"its '{'.'.join(path)}' is no list")
    return [each for each in found if isinstance(each, dict)]


def word(value: Any) -> str:
    """A text without tags and entities, in one piece; nothing for what is no text."""
    if not isinstance(value, str):
        return ""
    return " ".join(html.unescape(_TAG.sub("", value)).split())


def result(url: Any, title: Any, text: str, age: Any) -> Result | None:
    """A result; None without an address one could go to."""
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        return None
    return Result(url, word(title) or url, text[:MAX_TEXT], word(age))
