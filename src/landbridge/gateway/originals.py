"""The arguments of tool calls as the model wrote them, by call id.

Clients send a call back changed: keys reordered, defaults filled in (CLIENTS.md section 7). A prompt rendered from that
differs from the tokens the model produced, and the prefix cache is lost from there on. So the original text is kept for
a while and put back, as long as the call still names the same tool. With it goes the provider's signature of the call,
which most dialects have no place for and Gemini wants back (P53).
"""

from __future__ import annotations

from collections import OrderedDict

from msgspec import Raw, Struct
from msgspec.structs import replace

from ..neutral.blocks import is_whole
from ..neutral.parts import Message, Part, ToolCall
from ..neutral.request import Request

MAX_CALLS = 4096
MAX_BYTES = 32 * 1024 * 1024
"""A day's work of several sessions; what falls out costs a cache miss, nothing else."""


class _Kept(Struct, frozen=True):
    name: str
    args: bytes
    signature: str = ""
    origin: str = ""

    @property
    def size(self) -> int:
        return len(self.args) + len(self.signature)


class Originals:
    """A bounded memory, least recently used first out."""

    def __init__(self, max_calls: int = MAX_CALLS, max_bytes: int = MAX_BYTES) -> None:
        self._calls: OrderedDict[str, _Kept] = OrderedDict()
        self._bytes = 0
        self._max_calls, self._max_bytes = max_calls, max_bytes

    def __len__(self) -> int:
        return len(self._calls)

    def keep(self, id: str, name: str, args: str, signature: str = "", origin: str = "") -> None:
        """Remember a finished call. Broken JSON is not kept: the client's own form of it says more."""
        if not is_whole(args):
            return
        self._forget(id)
        kept = self._calls[id] = _Kept(name, args.encode(), signature, origin)
        self._bytes += kept.size
        while self._calls and (len(self._calls) > self._max_calls or self._bytes > self._max_bytes):
            self._forget(next(iter(self._calls)))

    def restore(self, request: Request) -> Request:
        """`request` with the known calls of its history as the model wrote them."""
        if not self._calls:
            return request
        messages = tuple(self._restore_message(message) for message in request.messages)
        return replace(request, messages=messages) if messages != request.messages else request

    def _restore_message(self, message: Message) -> Message:
        if message.role != "assistant" or not any(isinstance(part, ToolCall) for part in message.parts):
            return message
        return replace(message, parts=tuple(self._restore_part(part) for part in message.parts))

    def _restore_part(self, part: Part) -> Part:
        if not isinstance(part, ToolCall) or (known := self._calls.get(part.id)) is None:
            return part
        self._calls.move_to_end(part.id)
        if known.name != part.name:
            return part
        if part.signature or not known.signature:
            return replace(part, args=Raw(known.args))
        return replace(part, args=Raw(known.args), signature=known.signature, origin=known.origin)

    def _forget(self, id: str) -> None:
        known = self._calls.pop(id, None)
        if known is not None:
            self._bytes -= known.size
