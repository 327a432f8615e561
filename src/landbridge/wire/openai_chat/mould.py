"""The chunks of a stream mostly differ in one string only: the next piece of text. The rest is not read again.

Where a payload has the same bytes around a JSON string as one that was read before, it is the same JSON but for that
string: a literal in place of a literal changes nothing else. So only the string is decoded. What fits no mould is
read in full, and may be the next mould.
"""

from __future__ import annotations

import re

import msgspec

from ..fields import is_set
from .types import Chunk, decode_chunk, decode_str

_TEXT = re.compile(rb'"content"\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*")', re.S)
_PROBE = b'"landbridge\\u002fprobe"'
_PROBED = "landbridge/probe"
TRIES = 4
"""Moulds in a row that fitted nothing before no more are made: some providers put random bytes into each chunk."""


class Mould:
    """The bytes around the text of the last plain chunk of one stream."""

    __slots__ = ("_after", "_before", "_least", "_useless")

    def __init__(self) -> None:
        self._before = self._after = b""
        self._least = 0
        self._useless = 0

    def text(self, payload: bytes) -> str | None:
        """The text of a chunk that fits; None for any other."""
        before, after = self._before, self._after
        if not before or len(payload) < self._least or not payload.startswith(before) or not payload.endswith(after):
            return None
        try:
            text = decode_str(payload[len(before) : len(payload) - len(after)])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        self._useless = 0
        return text

    def learn(self, chunk: Chunk, payload: bytes) -> None:
        """The payload was read as `chunk`; if that has text and nothing else to say, the next ones may be alike."""
        if self._useless >= TRIES or not is_plain(chunk):
            return
        found = _TEXT.search(payload)
        if found is None:
            return
        before, after = payload[: found.start(1)], payload[found.end(1) :]
        if _probe(before + _PROBE + after):
            self._before, self._after, self._least = before, after, len(before) + len(after) + 2
            self._useless += 1


def is_plain(chunk: Chunk) -> bool:
    """Whether a chunk says some text and does nothing else: no ending, no counts, no call, no second choice."""
    if chunk.choices is None or len(chunk.choices) != 1 or chunk.object == "error":
        return False
    choice = chunk.choices[0]
    said = choice.delta
    if said is None or not isinstance(said.content, str) or not said.content:
        return False
    others = (choice.index, choice.message, choice.finish_reason, said.tool_calls, said.function_call, said.refusal)
    thoughts = (said.reasoning_content, said.reasoning, said.reasoning_details)
    raws = (chunk.usage, chunk.timings, chunk.error, choice.usage, choice.error, choice.logprobs, said.annotations)
    return chunk.x_groq is None and not any((*others, *thoughts)) and not any(map(is_set, raws))


def _probe(payload: bytes) -> bool:
    """Whether the string is the text, and not one that only stands under the same name."""
    choices = decode_chunk(payload).choices or ()
    return len(choices) == 1 and choices[0].delta is not None and choices[0].delta.content == _PROBED
