"""The table of search services: where each is, how it takes its key, and its module."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import Struct

from . import brave, exa, searxng, serper, tavily
from .query import Ask, Query, Result


class Service(Struct, frozen=True):
    """One service."""

    name: str
    """As people know it."""
    base_url: str
    """Empty: the user says where it is."""
    variable: str
    """Environment variable its key usually stands in; empty: it needs none."""
    header: str
    """Header the key goes into."""
    scheme: str
    """What stands before the key in that header."""
    longest: int
    """Characters of a query it takes."""
    write_query: Callable[[Query], Ask]
    read_results: Callable[[bytes], list[Result]]
    """Raises `Unreadable`."""
    spent: tuple[int, ...] = (429,)
    """Statuses that mean: no more of them now."""
    closed: str = ""
    """What a 403 means, where it does not mean the key."""
    key_refused: str = ""
    """The service's code for a wrong key, where the status alone does not say so."""


SERVICES = {
    "brave": Service(
        name="Brave Search",
        base_url="https://api.search.brave.com",
        variable="BRAVE_API_KEY",
        header="x-subscription-token",
        scheme="",
        longest=400,
        write_query=brave.write_query,
        read_results=brave.read_results,
        key_refused="SUBSCRIPTION_TOKEN_INVALID",
    ),
    "exa": Service(
        name="Exa",
        base_url="https://api.exa.ai",
        variable="EXA_API_KEY",
        header="x-api-key",
        scheme="",
        longest=4000,
        write_query=exa.write_query,
        read_results=exa.read_results,
        spent=(402, 429),
    ),
    "searxng": Service(
        name="SearXNG",
        base_url="",
        variable="",
        header="authorization",
        scheme="Bearer ",
        longest=2000,
        write_query=searxng.write_query,
        read_results=searxng.read_results,
        closed="it gives no JSON; add json to search.formats in its settings.yml",
    ),
    "serper": Service(
        name="Serper",
        base_url="https://google.serper.dev",
        variable="SERPER_API_KEY",
        header="x-api-key",
        scheme="",
        longest=2048,
        write_query=serper.write_query,
        read_results=serper.read_results,
    ),
    "tavily": Service(
        name="Tavily",
        base_url="https://api.tavily.com",
        variable="TAVILY_API_KEY",
        header="authorization",
        scheme="Bearer ",
        longest=400,
        write_query=tavily.write_query,
        read_results=tavily.read_results,
        spent=(429, 432, 433),
    ),
}
"""By the word in the settings."""


class _Said(Struct):
    """Where services put the words of an error."""

    detail: msgspec.Raw = msgspec.Raw(b"")
    message: msgspec.Raw = msgspec.Raw(b"")
    error: msgspec.Raw = msgspec.Raw(b"")


_said = msgspec.json.Decoder(_Said).decode
_string = msgspec.json.Decoder(str).decode
_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def words(body: bytes, depth: int = 2) -> str:
    """What an error answer says for itself; nothing where that cannot be told (HTML)."""
    try:
        said = _said(body)
    except _FAULTS:
        return ""
    for raw in (said.detail, said.message, said.error):
        try:
            return _string(raw)[:200]
        except _FAULTS:
            if depth and (inner := words(bytes(raw), depth - 1)):
                return inner
    return ""
