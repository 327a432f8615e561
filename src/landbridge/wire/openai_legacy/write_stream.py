"""Events to a stream of completions: one chunk a piece of text, `[DONE]` at its end.

A failed answer ends with an `error` record and without `[DONE]`, so that no client takes it for whole (P9).
"""

from __future__ import annotations

import msgspec

from ...neutral.events import BlockStart, BlockStop, Delta, Event, Extra, Failed, Finish, Kind, Start, Usage
from ...neutral.request import Request
from ..openai_chat.errors import write_error
from ..openai_chat.types import encode
from ..openai_chat.usage import write_usage
from ..sse import COMMENT, data_record
from ..written import Loss
from .logprobs import is_logprobs, legacy_form
from .response import prompt_length
from .types import FINISH_WRITTEN


class StreamWriter:
    """Writes one streamed answer; see `wire/dialects.py`."""

    def __init__(self, id: str, model: str, now: int, request: Request) -> None:
        self.losses: list[Loss] = []
        self._with_usage = request.stream_usage
        self._usage = Usage()
        self._says = False
        """Whether the open block is text."""
        self._offset = prompt_length(request)
        self._said = 0
        """Characters of text so far."""
        self._placed = 0
        """Of those, the ones whose log probabilities have come."""
        self._head = b'data: {"id":%b,"object":"text_completion","created":%d,"model":%b,"choices":[' % (
            encode(id),
            now,
            encode(model),
        )
        self._text = self._head + b'{"text":'
        self._tail = b"]}\n\n"
        self._rest = b',"index":0,"logprobs":null,"finish_reason":null}' + self._tail

    def feed(self, event: Event) -> bytes:
        """The bytes of one event."""
        if type(event) is Delta:
            if not self._says:
                return b""
            self._said += len(event.text)
            return self._text + encode(event.text) + self._rest
        match event:
            case Start():
                self._usage = self._usage.merged(event.usage)
            case BlockStart():
                self._open(event)
            case BlockStop():
                self._close(event)
            case Usage():
                self._usage = self._usage.merged(event)
            case Extra():
                return self._write_extra(event)
            case Finish():
                return self._finish(event)
            case Failed():
                return data_record(write_error(event.error, ""))
        return b""

    def ping(self) -> bytes:
        """A comment."""
        return COMMENT

    def nudge(self) -> bytes:
        """A chunk without text."""
        return self._text + b'""' + self._rest

    def _open(self, block: BlockStart) -> None:
        self._says = block.kind is Kind.TEXT
        match block.kind:
            case Kind.THINKING:
                self._lose(block.index, "thinking has no place in a completion")
            case Kind.TOOL:
                self._lose(block.index, f"a call of '{block.name}' has no place in a completion")
            case Kind.OPAQUE:
                self._lose(block.index, f"a '{block.name}' block of {block.dialect} has no place in a completion")

    def _close(self, stop: BlockStop) -> None:
        if stop.signature and self._says:
            self._lose(stop.index, "its signature has no place in a completion")
        self._says = False

    def _write_extra(self, extra: Extra) -> bytes:
        if not is_logprobs(extra.dialect, extra.name):
            self._lose(extra.index, f"'{extra.name}' of {extra.dialect} has no place in a completion")
            return b""
        odds = bytes(legacy_form(extra.raw, self._offset + self._placed))
        odds = msgspec.json.format(odds, indent=-1) if b"\n" in odds or b"\r" in odds else odds
        self._placed = self._said
        return self._text + b'"","index":0,"logprobs":' + odds + b',"finish_reason":null}' + self._tail

    def _finish(self, finish: Finish) -> bytes:
        word = FINISH_WRITTEN[finish.reason].encode()
        end = self._text + b'"","index":0,"logprobs":null,"finish_reason":"' + word + b'"}' + self._tail
        usage = b""
        if self._with_usage:
            usage = self._head + b'],"usage":' + encode(write_usage(self._usage)) + b"}\n\n"
        return end + usage + b"data: [DONE]\n\n"

    def _lose(self, index: int, why: str) -> None:
        self.losses.append(Loss(f"blocks[{index}]" if index >= 0 else "stream", why))
