"""A Messages stream to events, block for block.

Well-behaved streams map one to one. What others got wrong is put right on the way: deltas for blocks that were never
opened or are of another type (P1, P4), blocks that overlap (P6), arguments in the start as well as in deltas (P25,
P27). An end without `message_stop` is one only if a stop reason had been given; else it is `Failed` (P9).
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import Raw

from ...errors import Cut, Garbled, GatewayError
from ...neutral.blocks import Blocks
from ...neutral.events import BlockStart, BlockStop, Event, Failed, Finish, Kind, Reason, Start
from ...neutral.progress import Progress
from ..fields import is_set
from ..ids import from_safe
from ..sse import Record, SSEDecoder
from ..written import NewId
from .errors import read_error, read_error_object
from .signatures import unpack
from .types import DIALECT, STOP_READ, WireBlock, WireDelta, WireEvent, decode_block, decode_event, encode, word
from .usage import read_usage

_DECODE_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_object = msgspec.json.Decoder(dict[str, Raw])
_TEXT, _THINKING, _TOOL, _OPAQUE = Kind.TEXT, Kind.THINKING, Kind.TOOL, Kind.OPAQUE


class _Open:
    """What is known of one wire block until it stops."""

    __slots__ = ("block", "kind", "pieces", "raw", "said", "signature")

    def __init__(self, kind: Kind, block: WireBlock, raw: Raw) -> None:
        self.kind, self.block, self.raw = kind, block, raw
        self.signature = word(block.signature)
        self.said = False
        """Whether any text or argument came."""
        self.pieces: list[str] = []
        """Arguments of an opaque block."""


class StreamReader:
    """Reads one streamed answer; see `wire/dialects.py`."""

    def __init__(self, new_id: NewId, origin: str) -> None:
        self.ended = False
        self.progress: Progress | None = None
        self._new_id, self._origin = new_id, origin
        self._sse = SSEDecoder()
        self._blocks = Blocks()
        self._open: dict[int, _Open] = {}
        self._started = False
        self._has_tool = False
        self._finish: Finish | None = None
        self._head = b""

    def feed(self, data: bytes) -> list[Event]:
        """The events these bytes complete."""
        if self.ended:
            return []
        if len(self._head) < 2048:
            self._head += data[: 2048 - len(self._head)]
        try:
            records = self._sse.feed(data)
        except GatewayError as error:
            return self._fail(error)
        return self._read(records)

    def close(self) -> list[Event]:
        """The upstream ended."""
        if self.ended:
            return []
        return [*self._read(self._sse.close()), *self._cut_short()]

    def _cut_short(self) -> list[Event]:
        """The input is over; whether the answer is, too."""
        if self.ended:
            return []
        if self._finish is not None:
            return self._end()
        if not self._started and self._head.strip() and not self._head.lstrip().startswith((b"event", b"data", b":")):
            return self._fail(read_error(200, self._head, self._origin, {}))
        return self._fail(Cut(f"{self._origin} broke off its answer.", remedy="Try again.", origin=self._origin))

    def _read(self, records: list[Record]) -> list[Event]:
        events: list[Event] = []
        for name, data in records:
            try:
                event = decode_event(data)
            except _DECODE_FAULTS:
                shown = data[:80].decode("utf-8", "replace")
                return [
                    *events,
                    *self._fail(Garbled(f"{self._origin} sent what is no event: {shown}", origin=self._origin)),
                ]
            kind = event.type if isinstance(event.type, str) else name.decode("latin-1")
            read = _READERS.get(kind)
            if read is not None:
                events += read(self, event)
            if self.ended:
                break
        return events

    # -- events --------------------------------------------------------------------------------------------------------

    def _message_start(self, event: WireEvent) -> list[Event]:
        if self._started:
            return []
        self._started = True
        message = event.message
        if message is None:
            return [Start()]
        return [Start(word(message.id), word(message.model), read_usage(message.usage))]

    def _content_block_start(self, event: WireEvent) -> list[Event]:
        try:
            block = decode_block.decode(event.content_block)
        except _DECODE_FAULTS:
            block = WireBlock(type="text")
        index = _index(event)
        kind = _KINDS.get(word(block.type), Kind.OPAQUE)
        if (before := self._open.get(index)) is not None and word(before.block.id) != word(block.id):
            # An index that is taken by a block nobody stopped: another call, not more of that one.
            return [*self._begin(), *self._stop(self._open.pop(index), index), *self._content_block_start(event)]
        opened = self._open[index] = _Open(kind, block, event.content_block)
        match kind:
            case Kind.TEXT:
                return self._say(opened, Kind.TEXT, word(block.text), index)
            case Kind.THINKING:
                return self._say(opened, Kind.THINKING, word(block.thinking), index)
            case Kind.TOOL:
                self._has_tool = True
                id = from_safe(word(block.id)) or self._new_id("toolu_")
                return [*self._begin(), *self._blocks.add(Kind.TOOL, "", index, id, word(block.name))]
            case Kind.OPAQUE:
                return []

    def _content_block_delta(self, event: WireEvent) -> list[Event]:
        delta = event.delta
        if delta is None:
            return []
        index = _index(event)
        opened = self._open.get(index)
        kind = delta.type
        if kind == "text_delta" or (kind is None and delta.text is not None):
            return self._say(opened, _TEXT, word(delta.text), index)
        if kind == "input_json_delta":
            return self._input(opened, word(delta.partial_json), index)
        if kind == "thinking_delta":
            return self._say(opened, _THINKING, word(delta.thinking), index)
        return self._other_delta(opened, delta)

    def _other_delta(self, opened: _Open | None, delta: WireDelta) -> list[Event]:
        if delta.type == "signature_delta" and opened is not None:
            opened.signature += word(delta.signature)
        if delta.type == "citations_delta" and is_set(delta.citation):
            return [*self._begin(), *self._blocks.aside(DIALECT, "citations_delta", delta.citation)]
        return []

    def _content_block_stop(self, event: WireEvent) -> list[Event]:
        index = _index(event)
        opened = self._open.pop(index, None)
        if opened is None:
            return []
        return [*self._begin(), *self._stop(opened, index)]

    def _stop(self, opened: _Open, index: int) -> list[Event]:
        """The block is whole."""
        block = opened.block
        match opened.kind:
            case Kind.THINKING if not opened.said:
                redacted = block.type == "redacted_thinking"
                token = word(block.data) if redacted else opened.signature
                start = BlockStart(0, Kind.THINKING, redacted=redacted)
                return self._blocks.put(start, BlockStop(0, *unpack(token))) if token else []
            case Kind.OPAQUE:
                start = BlockStart(0, Kind.OPAQUE, name=word(block.type), dialect=DIALECT, raw=_whole(opened))
                return self._blocks.put(start, BlockStop(0))
            case Kind.TOOL:
                # `input: {}` is a placeholder for the deltas that follow; a full one without deltas is the arguments.
                given = bytes(block.input).strip()
                late = given.decode() if not opened.said and given not in (b"", b"{}", b"null") else ""
                events = self._blocks.add(Kind.TOOL, late, index) if late else []
                return [*events, *self._blocks.stop(Kind.TOOL, index)]
        if opened.signature:
            self._blocks.sign(*unpack(opened.signature), opened.kind, index)
        return self._blocks.stop(opened.kind, index)

    def _message_delta(self, event: WireEvent) -> list[Event]:
        events: list[Event] = self._begin()
        if is_set(event.usage):
            events.append(read_usage(event.usage))
        if event.delta is not None and isinstance(event.delta.stop_reason, str):
            self._finish = Finish(STOP_READ.get(event.delta.stop_reason, Reason.END), word(event.delta.stop_sequence))
        return events

    def _message_stop(self, event: WireEvent) -> list[Event]:
        return self._end()

    def _error(self, event: WireEvent) -> list[Event]:
        return self._fail(read_error_object(bytes(event.error), self._origin))

    # -- pieces --------------------------------------------------------------------------------------------------------

    def _say(self, opened: _Open | None, kind: Kind, text: str, index: int) -> list[Event]:
        """Text of a block; of one that was never opened, or was opened as something else, too."""
        if opened is not None and opened.kind is kind:
            if text:
                opened.said = True
        elif not text:
            return []
        elif opened is None:
            self._open[index] = _Open(kind, WireBlock(type=str(kind)), Raw(b"{}"))
            self._open[index].said = True
        if not self._started:
            return [*self._begin(), *self._blocks.add(kind, text, index)]
        return self._blocks.add(kind, text, index)

    def _input(self, opened: _Open | None, text: str, index: int) -> list[Event]:
        if opened is None:
            return []
        if opened.kind is _OPAQUE:
            opened.pieces.append(text)
            return []
        if opened.kind is not _TOOL:
            return []
        opened.said = opened.said or bool(text)
        return self._blocks.add(_TOOL, text, index)

    def _begin(self) -> list[Event]:
        """A start, where the upstream sent none (P7)."""
        if self._started:
            return []
        self._started = True
        return [Start()]

    def _end(self) -> list[Event]:
        self.ended = True
        events = self._begin()
        for index, opened in sorted(self._open.items()):
            events += self._stop(opened, index)
        self._open.clear()
        reason = Reason.TOOLS if self._has_tool else Reason.END
        return [*events, *self._blocks.close(), self._finish or Finish(reason)]

    def _fail(self, error: GatewayError) -> list[Event]:
        self.ended = True
        return [Failed(error)]


_READERS: dict[str, Callable[[StreamReader, WireEvent], list[Event]]] = {
    "content_block_delta": StreamReader._content_block_delta,
    "content_block_start": StreamReader._content_block_start,
    "content_block_stop": StreamReader._content_block_stop,
    "message_start": StreamReader._message_start,
    "message_delta": StreamReader._message_delta,
    "message_stop": StreamReader._message_stop,
    "error": StreamReader._error,
}
"""Events; those that are not here (`ping`, and whatever comes next) mean nothing to an answer."""

_KINDS = {
    "text": Kind.TEXT,
    "thinking": Kind.THINKING,
    "redacted_thinking": Kind.THINKING,
    "tool_use": Kind.TOOL,
}


def _index(event: WireEvent) -> int:
    return event.index if isinstance(event.index, int) else 0


def _whole(opened: _Open) -> Raw:
    """An opaque block with the arguments that came in deltas."""
    text = "".join(opened.pieces)
    if not text:
        return opened.raw
    try:
        fields: dict[str, Raw] = _object.decode(opened.raw)
        _object.decode(text)
    except _DECODE_FAULTS:
        return opened.raw
    return Raw(encode({**fields, "input": Raw(text.encode())}))
