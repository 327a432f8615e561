"""Token counts of Chat Completions to `Usage` and back.

`prompt_tokens` includes what came from the cache; `Usage.input` does not (P71, P72). Cached counts are read from
`prompt_tokens_details.cached_tokens` (OpenAI, vLLM, OpenRouter), `prompt_cache_hit_tokens` (DeepSeek) and
`cached_tokens` (Moonshot); llama.cpp's `timings` stand in where there is no usage.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw, Struct

from ...neutral.events import Usage
from ..counts import read_count


class Details(Struct):
    """Parts of a count."""

    cached_tokens: Any = None
    cache_write_tokens: Any = None
    reasoning_tokens: Any = None


class WireUsage(Struct):
    """`usage`."""

    prompt_tokens: Any = None
    completion_tokens: Any = None
    cached_tokens: Any = None
    prompt_cache_hit_tokens: Any = None
    prompt_tokens_details: Details | None = None
    completion_tokens_details: Details | None = None


class Timings(Struct):
    """llama.cpp's `timings`; `prompt_n` counts only what was not in its cache."""

    prompt_n: Any = None
    cache_n: Any = None
    predicted_n: Any = None


_decode_usage = msgspec.json.Decoder(WireUsage).decode
_decode_timings = msgspec.json.Decoder(Timings).decode
_NO_DETAILS = Details()


def read_usage(raw: Raw | bytes) -> Usage | None:
    """The counts of a `usage` object; None if it is null, all zero (a placeholder) or no such object."""
    try:
        usage = _decode_usage(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return to_usage(usage)


def to_usage(usage: WireUsage) -> Usage | None:
    """The counts of a decoded `usage`; None if it is all zero."""
    of_prompt = usage.prompt_tokens_details or _NO_DETAILS
    of_answer = usage.completion_tokens_details or _NO_DETAILS
    prompt, output = read_count(usage.prompt_tokens), read_count(usage.completion_tokens)
    if not prompt and not output:
        return None
    cached = _first(of_prompt.cached_tokens, usage.prompt_cache_hit_tokens, usage.cached_tokens)
    written = read_count(of_prompt.cache_write_tokens)
    return Usage(
        input=None if prompt is None else max(0, prompt - (cached or 0) - (written or 0)),
        output=output,
        cache_read=cached,
        cache_write=written,
        reasoning=read_count(of_answer.reasoning_tokens),
    )


def read_timings(raw: Raw | bytes) -> Usage | None:
    """The counts of llama.cpp's `timings`, or None."""
    try:
        timings = _decode_timings(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    prompt, output = read_count(timings.prompt_n), read_count(timings.predicted_n)
    if prompt is None and output is None:
        return None
    return Usage(input=prompt, output=output, cache_read=read_count(timings.cache_n))


def write_usage(usage: Usage) -> dict[str, object]:
    """The `usage` object; details stand only where something was said about them."""
    output = usage.output or 0
    wire: dict[str, object] = {
        "prompt_tokens": usage.prompt,
        "completion_tokens": output,
        "total_tokens": usage.prompt + output,
    }
    of_prompt = {"cached_tokens": usage.cache_read, "cache_write_tokens": usage.cache_write}
    of_answer = {"reasoning_tokens": usage.reasoning}
    for name, details in (("prompt_tokens_details", of_prompt), ("completion_tokens_details", of_answer)):
        if said := {key: count for key, count in details.items() if count is not None}:
            wire[name] = said
    return wire


def _first(*values: Any) -> int | None:
    for value in values:
        if value is not None and (count := read_count(value)) is not None:
            return count
    return None
