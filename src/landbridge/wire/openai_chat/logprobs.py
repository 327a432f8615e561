"""Log probabilities of a streamed answer as those of a whole one: each chunk has them for its own tokens only."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw, Struct


class _Logprobs(Struct):
    content: list[Raw] | None = None
    refusal: list[Raw] | None = None


_decode = msgspec.json.Decoder(_Logprobs).decode


def joined(parts: Sequence[Raw]) -> Raw:
    """The log probabilities of all chunks, in their order. What is no such object is left out."""
    if len(parts) == 1:
        return parts[0]
    found: list[_Logprobs] = []
    for part in parts:
        try:
            found.append(_decode(part))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    whole = {
        "content": [entry for each in found for entry in each.content or ()],
        "refusal": [entry for each in found for entry in each.refusal or ()] or None,
    }
    return Raw(msgspec.json.encode(whole))
