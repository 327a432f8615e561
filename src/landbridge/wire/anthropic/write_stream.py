"""Events to a Messages stream.

Every record has its `event:` line (P8), every block a start, at least one delta and a stop, every end a stop reason
(P19) and whole usage (P69, P70). A failed answer stops the open block and ends in an `error` event, never in
`message_stop` (P9, P11-P14).
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

from ...errors import GatewayError
from ...neutral.events import BlockStart, BlockStop, Delta, Event, Extra, Failed, Finish, Kind, Start, Usage
from ...neutral.request import Request
from ..ids import to_safe
from ..sse import record
from ..written import Loss
from .errors import write_error
from .signatures import pack
from .types import DIALECT, STOP_WRITTEN, encode
from .usage import write_usage

_object = msgspec.json.Decoder(dict[str, Raw]).decode

PING = record(b"ping", b'{"type":"ping"}')
_STOP = record(b"message_stop", b'{"type":"message_stop"}')
_DELTAS = {
    Kind.TEXT: (b'{"type":"text_delta","text":', b"}}\n\n"),
    Kind.THINKING: (b'{"type":"thinking_delta","thinking":', b"}}\n\n"),
    Kind.TOOL: (b'{"type":"input_json_delta","partial_json":', b"}}\n\n"),
}


class StreamWriter:
    """Writes one streamed answer; see `wire/dialects.py`."""

    def __init__(self, id: str, model: str, now: int, request: Request) -> None:
        self.losses: list[Loss] = []
        self._id, self._model = id, model
        self._usage = Usage()
        self._started = self._ended = False
        self._shift = 0
        """By how much indexes are moved, because of blocks that only kept the client awake."""
        self._filler = False
        """Whether the open block is one of these."""
        self._open: BlockStart | None = None
        self._next = 0
        self._said = False
        self._prefix = self._suffix = b""

    def feed(self, event: Event) -> bytes:
        """The bytes of one event."""
        if type(event) is Delta:
            if not self._prefix:
                return b""
            self._said = True
            return self._prefix + encode(event.text) + self._suffix
        return b"" if self._ended else self._feed_other(event)

    def _feed_other(self, event: Event) -> bytes:
        match event:
            case Start():
                return self._start(event)
            case BlockStart():
                return self._open_block(event)
            case BlockStop():
                return self._close_block(event)
            case Usage():
                self._usage = self._usage.merged(event)
            case Extra():
                return self._write_extra(event)
            case Finish():
                return self._finish(event)
            case Failed():
                return self._fail(event.error)
        return b""

    def ping(self) -> bytes:
        """A `ping` event."""
        return b"" if self._ended else PING

    def nudge(self) -> bytes:
        """An empty delta of the open block; where none is open, of a text block opened for it."""
        if self._ended or not self._started:
            return b""
        if self._prefix:
            return self._prefix + b'""' + self._suffix
        if self._open is not None:
            return PING
        self._filler = True
        return self._write_start(BlockStart(self._next - self._shift, Kind.TEXT)) + self.nudge()

    # -- message -------------------------------------------------------------------------------------------------------

    def _start(self, start: Start) -> bytes:
        if self._started:
            return b""
        self._started = True
        self._usage = self._usage.merged(start.usage)
        message: dict[str, object] = {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self._model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": Raw(write_usage(self._usage)),
        }
        return record(b"message_start", encode({"type": "message_start", "message": message}))

    def _finish(self, finish: Finish) -> bytes:
        head = self._start(Start()) + self._close_filler()
        self._ended = True
        delta = {
            "type": "message_delta",
            "delta": {
                "stop_reason": STOP_WRITTEN[finish.reason],
                "stop_sequence": finish.stop_sequence or None,
            },
            "usage": Raw(write_usage(self._usage)),
        }
        return head + record(b"message_delta", encode(delta)) + _STOP

    def _fail(self, error: GatewayError) -> bytes:
        stop = b""
        if self._open is not None and not self._is_hidden(self._open):
            stop = self._said_nothing() + self._write_stop()
        self._ended, self._prefix = True, b""
        return stop + record(b"error", write_error(error, ""))

    # -- blocks --------------------------------------------------------------------------------------------------------

    def _open_block(self, block: BlockStart) -> bytes:
        if self._filler:
            self._filler = False
            if block.kind is Kind.TEXT:
                self._open = block  # the filler becomes the text it stood for
                return b""
            closed = self._write_stop()
            self._shift += 1
            return closed + self._open_block(block)
        if _is_foreign(block):
            self._lose(block.index, f"a '{block.name}' block of {block.dialect} has no place in the Messages API")
            self._open = block
            self._shift -= 1
            return b""
        return self._write_start(block)

    def _write_start(self, block: BlockStart) -> bytes:
        index = block.index + self._shift
        self._open, self._next, self._said = block, index + 1, False
        match block.kind:
            case Kind.TEXT:
                content: object = {"type": "text", "text": ""}
            case Kind.THINKING if block.redacted:
                content = None
            case Kind.THINKING:
                content = {"type": "thinking", "thinking": "", "signature": ""}
            case Kind.TOOL:
                content = {"type": "tool_use", "id": to_safe(block.id), "name": block.name, "input": {}}
            case Kind.OPAQUE:
                return _opaque(index, block)
        if content is None:
            return b""  # redacted thinking comes whole, and what it holds is known at its stop
        if block.kind in _DELTAS:
            before, self._suffix = _DELTAS[block.kind]
            head = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":' % index
            self._prefix = head + before
        return _block_start(index, content)

    def _close_block(self, stop: BlockStop) -> bytes:
        block = self._open
        if block is None:
            return b""
        if _is_foreign(block):
            self._open = None
            return b""
        index = stop.index + self._shift
        if block.redacted:
            data = {"type": "redacted_thinking", "data": pack(stop.signature, stop.origin)}
            return _block_start(index, data) + self._write_stop()
        signature = b""
        if stop.signature and block.kind is Kind.THINKING:
            delta = {"type": "signature_delta", "signature": pack(stop.signature, stop.origin)}
            signature = _block_delta(index, delta)
        elif stop.signature:
            self._lose(stop.index, f"the signature of a {block.kind} block has no place in the Messages API")
        return self._said_nothing() + signature + self._write_stop()

    @staticmethod
    def _is_hidden(block: BlockStart) -> bool:
        """Whether the client has not seen the start of the open block."""
        return block.redacted or _is_foreign(block)

    def _said_nothing(self) -> bytes:
        """An empty delta for a block that got none; clients expect at least one."""
        return b"" if self._said or not self._prefix else self._prefix + b'""' + self._suffix

    def _write_stop(self) -> bytes:
        self._open, self._prefix = None, b""
        return record(b"content_block_stop", b'{"type":"content_block_stop","index":%d}' % (self._next - 1))

    def _close_filler(self) -> bytes:
        if not self._filler:
            return b""
        self._filler = False
        return self._write_stop()

    def _write_extra(self, extra: Extra) -> bytes:
        if extra.dialect == DIALECT and extra.name == "citations_delta" and self._open is not None:
            return _block_delta(self._next - 1, {"type": "citations_delta", "citation": _one_line(extra.raw)})
        self._lose(extra.index, f"'{extra.name}' of {extra.dialect} has no place in the Messages API")
        return b""

    def _lose(self, index: int, why: str) -> None:
        self.losses.append(Loss(f"blocks[{index}]" if index >= 0 else "stream", why))


def _is_foreign(block: BlockStart) -> bool:
    """Whether only another dialect knows this block."""
    return block.kind is Kind.OPAQUE and block.dialect != DIALECT


def _block_start(index: int, content: object) -> bytes:
    body = {"type": "content_block_start", "index": index, "content_block": content}
    return record(b"content_block_start", encode(body))


def _block_delta(index: int, delta: object) -> bytes:
    return record(b"content_block_delta", encode({"type": "content_block_delta", "index": index, "delta": delta}))


def _opaque(index: int, block: BlockStart) -> bytes:
    """A block as it is; the input of a hosted call in a delta, where clients look for it, as for that of any call."""
    raw = _one_line(block.raw)
    if block.name != "server_tool_use":
        return _block_start(index, raw)
    try:
        fields = _object(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _block_start(index, raw)
    text = bytes(fields.get("input", b"{}")).decode("utf-8", "replace")
    delta = {"type": "input_json_delta", "partial_json": text}
    return _block_start(index, {**fields, "input": {}}) + _block_delta(index, delta)


def _one_line(raw: Raw) -> Raw:
    """Raw JSON without line breaks, which would end the record."""
    text = bytes(raw)
    return Raw(msgspec.json.format(text, indent=-1)) if b"\n" in text or b"\r" in text else raw
