"""Token counts of Gemini to `Usage` and back.

`promptTokenCount` includes what came from the cache, `Usage.input` does not (P71, P72); `candidatesTokenCount` excludes
the thoughts, `Usage.output` includes them. What Google's own tools put into the prompt is counted apart there, and is
input here.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw, Struct

from ...neutral.events import Usage
from ..counts import read_count


class _Counts(Struct, rename="camel"):
    prompt_token_count: Any = None
    cached_content_token_count: Any = None
    candidates_token_count: Any = None
    thoughts_token_count: Any = None
    tool_use_prompt_token_count: Any = None


_decode = msgspec.json.Decoder(_Counts).decode


def read_usage(raw: Raw | bytes) -> Usage | None:
    """The counts of `usageMetadata`; None if it says nothing that counts."""
    try:
        counts = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    prompt, cached = _count(counts.prompt_token_count), _count(counts.cached_content_token_count)
    answer, thoughts = _count(counts.candidates_token_count), _count(counts.thoughts_token_count)
    if not prompt and not answer and not thoughts:
        return None
    used = _count(counts.tool_use_prompt_token_count) or 0
    return Usage(
        input=None if prompt is None else max(0, prompt - (cached or 0)) + used,
        output=None if answer is None and thoughts is None else (answer or 0) + (thoughts or 0),
        cache_read=cached,
        reasoning=thoughts,
    )


def write_usage(usage: Usage) -> dict[str, int]:
    """`usageMetadata`; parts stand only where something was said about them."""
    output = usage.output or 0
    thoughts = min(usage.reasoning or 0, output)
    wire = {"promptTokenCount": usage.prompt, "candidatesTokenCount": output - thoughts}
    if usage.cache_read is not None:
        wire["cachedContentTokenCount"] = usage.cache_read
    if usage.reasoning is not None:
        wire["thoughtsTokenCount"] = thoughts
    return wire | {"totalTokenCount": usage.prompt + output}


def _count(value: Any) -> int | None:
    """A token count; int64 fields of protocol buffers may come as strings of digits."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    return read_count(value)
