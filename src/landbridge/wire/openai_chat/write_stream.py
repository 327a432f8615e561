"""Events to a Chat Completions stream.

One chunk an event. Everything of a chunk but its text is known when its block opens, so a delta is three pieces
joined. A failed answer ends with an `error` record and without `[DONE]`, so that no client takes it for whole (P9).
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

from ...errors import GatewayError
from ...neutral.events import BlockStart, BlockStop, Delta, Event, Extra, Failed, Finish, Kind, Start, Usage
from ...neutral.request import Request
from ..sse import COMMENT, data_record
from ..written import Loss
from .errors import write_error
from .types import DIALECT, FINISH_WRITTEN, encode
from .usage import write_usage

_DONE = b"data: [DONE]\n\n"


class StreamWriter:
    """Writes one streamed answer; see `wire/dialects.py`."""

    def __init__(self, id: str, model: str, now: int, request: Request) -> None:
        self.losses: list[Loss] = []
        self._with_usage = request.stream_usage
        self._usage = Usage()
        self._started = False
        self._tools = 0
        self._lost_signature = False
        self._head = b'data: {"id":%b,"object":"chat.completion.chunk","created":%d,"model":%b,' % (
            encode(id),
            now,
            encode(model),
        )
        self._choice = self._head + b'"choices":[{"index":0,"delta":'
        # OpenAI puts a null usage into every chunk of a stream that will end with the real one.
        self._tail = b',"usage":null}\n\n' if self._with_usage else b"}\n\n"
        self._end = b',"logprobs":null,"finish_reason":null}]' + self._tail
        self._prefix = self._suffix = b""

    def feed(self, event: Event) -> bytes:
        """The bytes of one event."""
        if type(event) is Delta:
            return self._prefix + encode(event.text) + self._suffix if self._prefix else b""
        match event:
            case Start():
                self._usage = self._usage.merged(event.usage)
                return self._begin()
            case BlockStart():
                return self._open(event)
            case BlockStop():
                return self._close(event)
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
        """A comment."""
        return COMMENT

    def nudge(self) -> bytes:
        """A chunk with empty content."""
        return self._begin() or self._chunk(b'{"content":""}')

    def _begin(self) -> bytes:
        """The first chunk, with the role; nothing if it has been written."""
        if self._started:
            return b""
        self._started = True
        return self._chunk(b'{"role":"assistant","content":""}')

    def _chunk(self, delta: bytes) -> bytes:
        return self._choice + delta + self._end

    def _open(self, block: BlockStart) -> bytes:
        match block.kind:
            case Kind.TEXT:
                self._set_delta(b'{"content":', b"}")
            case Kind.THINKING:
                self._set_delta(b'{"reasoning_content":', b"}")
                if block.redacted:
                    self._lose(block.index, "redacted thinking has no place in chat completions")
            case Kind.TOOL:
                return self._open_tool(block)
            case Kind.OPAQUE:
                self._prefix = b""
                self._lose(block.index, f"a '{block.name}' block of {block.dialect} has no place in chat completions")
        return b""

    def _open_tool(self, block: BlockStart) -> bytes:
        index, self._tools = self._tools, self._tools + 1
        self._set_delta(b'{"tool_calls":[{"index":%d,"function":{"arguments":' % index, b"}}]}")
        return self._chunk(
            b'{"tool_calls":[{"index":%d,"id":%b,"type":"function","function":{"name":%b,"arguments":""}}]}'
            % (index, encode(block.id), encode(block.name))
        )

    def _set_delta(self, before: bytes, after: bytes) -> None:
        self._prefix, self._suffix = self._choice + before, after + self._end

    def _close(self, stop: BlockStop) -> bytes:
        self._prefix = b""
        if stop.signature and not self._lost_signature:
            self._lost_signature = True
            self._lose(stop.index, "its signature has no place in chat completions")
        return b""

    def _write_extra(self, extra: Extra) -> bytes:
        if extra.dialect != DIALECT or extra.name not in ("logprobs", "annotations"):
            self._lose(extra.index, f"'{extra.name}' of {extra.dialect} has no place in chat completions")
            return b""
        raw = _one_line(extra.raw)
        if extra.name == "annotations":
            return self._chunk(b'{"annotations":' + raw + b"}")
        return self._choice + b'{},"logprobs":' + raw + b',"finish_reason":null}]' + self._tail

    def _finish(self, finish: Finish) -> bytes:
        word = FINISH_WRITTEN[finish.reason].encode()
        end = self._choice + b'{},"logprobs":null,"finish_reason":"' + word + b'"}]' + self._tail
        usage = b""
        if self._with_usage:
            counts = encode(write_usage(self._usage))
            usage = self._head + b'"choices":[],"usage":' + counts + b"}\n\n"
        return self._begin() + end + usage + _DONE

    def _fail(self, error: GatewayError) -> bytes:
        return data_record(write_error(error, ""))

    def _lose(self, index: int, why: str) -> None:
        self.losses.append(Loss(f"blocks[{index}]" if index >= 0 else "stream", why))


def _one_line(raw: Raw) -> bytes:
    """Raw JSON without line breaks, which would end the record."""
    text = bytes(raw)
    return msgspec.json.format(text, indent=-1) if b"\n" in text or b"\r" in text else text
