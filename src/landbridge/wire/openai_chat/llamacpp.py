"""What llama.cpp takes and says beside the dialect: what of a body it reads as the prompt, and the fields by which a
request gets its slot and tells how far it is read.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw, Struct

from .types import encode


class Prompt(Struct, frozen=True):
    """What of a request's body is read: everything else says how to answer."""

    pieces: tuple[Raw, ...]
    """The messages, or a bare prompt."""
    tools: Raw = Raw(b"")
    told: Raw = Raw(b"")
    """What the chat template is told."""


class _Body(Struct):
    messages: tuple[Raw, ...] = ()
    prompt: Raw = Raw(b"")
    tools: Raw = Raw(b"")
    chat_template_kwargs: Raw = Raw(b"")


_decode = msgspec.json.Decoder(_Body).decode


def read_prompt(body: bytes) -> Prompt:
    """What a model reads of a body of ours, of a chat or a bare prompt."""
    asked = _decode(body)
    return Prompt(asked.messages or (asked.prompt,), asked.tools, asked.chat_template_kwargs)


def openings(body: bytes) -> tuple[bytes, bytes]:
    """Two chats that have the first message and the tools of `body`, and nothing else in common."""
    fields = msgspec.json.decode(body, type=dict[str, Raw])
    first = msgspec.json.decode(fields["messages"], type=list[Raw])[0]
    one, two = ([first, {"role": "user", "content": word}] for word in ("one", "two"))
    return encode({**fields, "messages": one}), encode({**fields, "messages": two})


def with_progress(body: bytes) -> bytes:
    """The body with a request for progress events: only by writing them does the engine notice a client that left."""
    return body.rstrip().removesuffix(b"}") + b',"return_progress":true}'


def in_slot(body: bytes, slot: int) -> bytes:
    """The body for one slot, which reuses what it knows of the prompt."""
    return body.removesuffix(b"}") + b',"id_slot":%d,"cache_prompt":true}' % slot


def only_read(tokens: Sequence[int], slot: int) -> bytes:
    """A body for `/completion` that has a slot read tokens and write none."""
    asked = {"prompt": tokens, "n_predict": 0, "id_slot": slot, "cache_prompt": True, "stream": True}
    return encode({**asked, "return_progress": True})
