"""Token counts of the Messages API to `Usage` and back.

Written whole, with every sub-field and never null: clients read them unconditionally (P69), and repeat them at both
ends of a stream (P70).
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

from ...neutral.events import Usage
from .types import decode_usage, encode


def read_usage(raw: Raw | bytes) -> Usage:
    """The counts of a `usage` object; an empty `Usage` where there is none to be read."""
    try:
        usage = decode_usage(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Usage()
    return Usage(
        input=usage.input_tokens,
        output=usage.output_tokens,
        cache_read=usage.cache_read_input_tokens,
        cache_write=usage.cache_creation_input_tokens,
        cache_write_1h=usage.cache_creation.ephemeral_1h_input_tokens if usage.cache_creation else None,
        searches=usage.server_tool_use.web_search_requests if usage.server_tool_use else None,
        fetches=(usage.server_tool_use.web_fetch_requests or None) if usage.server_tool_use else None,
    )


def write_usage(usage: Usage) -> bytes:
    """The `usage` object as JSON."""
    written, hour = usage.cache_write or 0, usage.cache_write_1h or 0
    wire: dict[str, object] = {
        "input_tokens": usage.input or 0,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": usage.cache_read or 0,
        "cache_creation": {
            "ephemeral_5m_input_tokens": max(0, written - hour),
            "ephemeral_1h_input_tokens": hour,
        },
        "output_tokens": usage.output or 0,
        "service_tier": "standard",
    }
    if usage.searches is not None or usage.fetches is not None:
        wire["server_tool_use"] = {
            "web_search_requests": usage.searches or 0,
            "web_fetch_requests": usage.fetches or 0,
        }
    return encode(wire)
