"""Log probabilities as this format has them: four lists side by side, and where in the text each token begins."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw, Struct

from .types import DIALECT


class _Odds(Struct):
    token: str = ""
    logprob: Any = None


class _Entry(_Odds):
    top_logprobs: list[_Odds] | None = None


class _Chat(Struct):
    """The newer form, which engines give here, too."""

    content: list[_Entry] | None = None


_decode = msgspec.json.Decoder(_Chat).decode


def legacy_form(raw: Raw, offset: int) -> Raw:
    """`logprobs` of a choice whose first token stands at `offset`. What is in that form already is left as it is."""
    try:
        content = _decode(raw).content
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return raw
    if content is None:
        return raw
    offsets = []
    for entry in content:
        offsets.append(offset)
        offset += len(entry.token)
    tops = [{each.token: each.logprob for each in entry.top_logprobs or ()} for entry in content]
    return Raw(
        msgspec.json.encode(
            {
                "tokens": [entry.token for entry in content],
                "token_logprobs": [entry.logprob for entry in content],
                "top_logprobs": tops,
                "text_offset": offsets,
            }
        )
    )


def is_logprobs(dialect: str, name: str) -> bool:
    """Whether an extra of a stream holds log probabilities."""
    return name == "logprobs" and dialect in (DIALECT, "openai_chat")
