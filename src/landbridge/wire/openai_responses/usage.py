"""Token counts of Responses to `Usage` and back.

`input_tokens` includes what came from the cache and went into it; `Usage.input` does not (P71, P72).
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw, Struct

from ...neutral.events import Usage
from ..counts import read_count
from .types import FAULTS


class Details(Struct):
    """Parts of a count."""

    cached_tokens: Any = None
    cache_write_tokens: Any = None
    reasoning_tokens: Any = None


class WireUsage(Struct):
    """`usage`."""

    input_tokens: Any = None
    output_tokens: Any = None
    input_tokens_details: Details | None = None
    output_tokens_details: Details | None = None


class Searches(Struct):
    """`tool_usage.web_search`."""

    num_requests: Any = None


class ToolUsage(Struct):
    """`tool_usage`."""

    web_search: Searches | None = None


_decode_usage = msgspec.json.Decoder(WireUsage).decode
_decode_tools = msgspec.json.Decoder(ToolUsage).decode
_NO_DETAILS = Details()


def read_usage(raw: Raw | bytes, tools: Raw | bytes = b"") -> Usage | None:
    """The counts of `usage` and `tool_usage`; None if there are none."""
    try:
        usage = _decode_usage(raw)
    except FAULTS:
        return None
    of_input = usage.input_tokens_details or _NO_DETAILS
    of_output = usage.output_tokens_details or _NO_DETAILS
    total, output = read_count(usage.input_tokens), read_count(usage.output_tokens)
    if not total and not output:
        return None
    cached, written = read_count(of_input.cached_tokens), read_count(of_input.cache_write_tokens)
    return Usage(
        input=None if total is None else max(0, total - (cached or 0) - (written or 0)),
        output=output,
        cache_read=cached,
        cache_write=written,
        reasoning=read_count(of_output.reasoning_tokens),
        searches=_searches(tools),
    )


def _searches(raw: Raw | bytes) -> int | None:
    try:
        found = _decode_tools(raw).web_search
    except FAULTS:
        return None
    return read_count(found.num_requests) or None if found is not None else None


def write_usage(usage: Usage) -> dict[str, Any]:
    """The `usage` object, every count a number (P69)."""
    output = usage.output or 0
    return {
        "input_tokens": usage.prompt,
        "input_tokens_details": {
            "cached_tokens": usage.cache_read or 0,
            "cache_write_tokens": usage.cache_write or 0,
        },
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
        "total_tokens": usage.prompt + output,
    }
