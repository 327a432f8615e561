"""Hosted tools of clients to what they wish for: a search or a fetch, and its limits.

Anthropic   {"type": "web_search_20250305", "max_uses": 8, "allowed_domains": [...], "user_location": {...}}
Responses   {"type": "web_search", "filters": {"allowed_domains": [...]}, "search_context_size": "low"}
Gemini      {"googleSearch": {}}, {"urlContext": {}}
OpenAI chat "web_search_options": {"search_context_size": "low", "user_location": {"approximate": {...}}}
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from ...neutral.request import HostedTool
from ..search.query import Place
from .outcome import Kind

CHARACTERS_PER_TOKEN = 4
SIZES = {"low": 0.5, "high": 2.0}
"""OpenAI's `search_context_size`, as a share of the usual number of results."""

_object = msgspec.json.Decoder(dict[str, Any]).decode


class Wish(Struct, frozen=True, omit_defaults=True):
    """A tool as the client wants it to be."""

    kind: Kind
    name: str
    """What the model calls it."""
    max_uses: int | None = None
    allowed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    place: Place = Place()
    share: float = 1.0
    """Of the usual number of results."""
    characters: int | None = None
    """Most of a page."""


def wish_of(tool: HostedTool) -> Wish | None:
    """What the tool is for; None for one that nobody but its provider can run."""
    read = _READERS.get(tool.dialect)
    try:
        return None if read is None else read(tool, _object(tool.raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _anthropic(tool: HostedTool, fields: dict[str, Any]) -> Wish | None:
    kind = next((kind for start, kind in _ANTHROPIC.items() if tool.type.startswith(start)), None)
    if kind is None:
        return None
    tokens = _count(fields.get("max_content_tokens"))
    return Wish(
        kind=kind,
        name=tool.name or ("web_search" if kind == "search" else "web_fetch"),
        max_uses=_count(fields.get("max_uses")),
        allowed=_texts(fields.get("allowed_domains")),
        blocked=_texts(fields.get("blocked_domains")),
        place=_place(fields.get("user_location")),
        characters=None if tokens is None else tokens * CHARACTERS_PER_TOKEN,
    )


def _responses(tool: HostedTool, fields: dict[str, Any]) -> Wish | None:
    if not tool.type.startswith("web_search") or fields.get("external_web_access") is False:
        return None  # without access: from an index only the provider has
    filters = fields.get("filters")
    filters = filters if isinstance(filters, dict) else {}
    return Wish(
        kind="search",
        name="web_search",
        allowed=_texts(filters.get("allowed_domains")),
        blocked=_texts(filters.get("blocked_domains")),
        place=_place(fields.get("user_location")),
        share=SIZES.get(str(fields.get("search_context_size")), 1.0),
    )


def _chat(tool: HostedTool, fields: dict[str, Any]) -> Wish | None:
    if tool.type != "web_search_options":
        return None
    where = fields.get("user_location")
    share = SIZES.get(str(fields.get("search_context_size")), 1.0)
    place = _place(where.get("approximate")) if isinstance(where, dict) else Place()
    return Wish(kind="search", name="web_search", place=place, share=share)


def _gemini(tool: HostedTool, fields: dict[str, Any]) -> Wish | None:
    match tool.type:
        case "googleSearch" | "googleSearchRetrieval":
            inner = fields.get(tool.type)
            blocked = _texts(inner.get("excludeDomains")) if isinstance(inner, dict) else ()
            return Wish(kind="search", name="google_search", blocked=blocked)
        case "urlContext":
            return Wish(kind="fetch", name="url_context")
    return None


_ANTHROPIC: dict[str, Kind] = {"web_search_": "search", "web_fetch_": "fetch"}
_READERS = {"anthropic": _anthropic, "openai_chat": _chat, "openai_responses": _responses, "gemini": _gemini}


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str) and each) if isinstance(value, list) else ()


def _place(value: Any) -> Place:
    if not isinstance(value, dict):
        return Place()
    named = {name: value.get(name) for name in ("country", "region", "city", "timezone")}
    return Place(**{name: text for name, text in named.items() if isinstance(text, str)})
