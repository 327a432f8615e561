"""A Chat Completions stream to events.

Records are cut out here and read in `answer.py`. The first byte says what the upstream sent: an event stream, one
JSON answer although a stream was asked for, or a web page. A stream that ends with neither a finish reason nor
`[DONE]` is broken (P9). `Finish` leaves as soon as the finish reason and the usage are there, or at `[DONE]`, or at
the end of the bytes.
"""

from __future__ import annotations

from ...errors import Cut, Garbled, GatewayError
from ...neutral.events import Event
from ...neutral.parts import NONE
from ...neutral.progress import Progress
from ..fields import is_set
from ..opening import Opening
from ..sse import Record, SSEDecoder
from ..written import NewId
from .answer import UNREADABLE, Answer
from .errors import read_error_object
from .progress import read_progress, says_nothing_else
from .types import decode_chunk


class StreamReader:
    """Reads one streamed answer; see `wire/dialects.py`."""

    def __init__(self, new_id: NewId, origin: str) -> None:
        self.ended = False
        self.progress: Progress | None = None
        """How far an engine has read the prompt, where it says so."""
        self._origin = origin
        self._sse = SSEDecoder()
        self._answer = Answer(new_id, origin)
        self._opening = Opening(origin, b"{[")
        self._records = 0

    def feed(self, data: bytes) -> list[Event]:
        """The events these bytes complete."""
        if self.ended:
            return []
        try:
            if not self._opening.is_stream:
                data = self._opening.feed(data)
            return self._take_all(self._sse.feed(data))
        except Garbled as error:
            return self._garbled(error.message)

    def close(self) -> list[Event]:
        """The upstream ended."""
        if self.ended:
            return []
        if (whole := self._opening.whole) is not None:
            self.ended = True
            return self._answer.read_whole(whole)
        events = self._take_all(self._sse.close())
        return events if self._answer.ended else events + self._end()

    def _end(self) -> list[Event]:
        """The bytes are over, and no terminal frame came."""
        if self._answer.reason:
            return self._finish()
        if self._opening.heard and not self._records:
            return self._garbled(f"{self._origin} answered with something that is no event stream.")
        return self._fail(Cut(f"{self._origin} broke off its answer before the end.", origin=self._origin))

    def _take_all(self, records: list[Record]) -> list[Event]:
        events: list[Event] = []
        for name, payload in records:
            events += self._take(name, payload)
            if self._answer.ended:
                self.ended = True
                break
        return events

    def _take(self, name: bytes, payload: bytes) -> list[Event]:
        self._records += 1
        try:
            if not name and (events := self._answer.go_on(payload)) is not None:
                return events
            if name == b"error":
                return self._fail(read_error_object(_error_of(payload), self._origin))
            if payload[:1] == b"[" and payload.strip() == b"[DONE]":
                return self._finish()
            chunk = decode_chunk(payload)
            if chunk.prompt_progress is not NONE:
                self.progress = read_progress(chunk.prompt_progress) or self.progress
                if says_nothing_else(chunk):
                    return []
            return self._answer.take(chunk, payload)
        except UNREADABLE:
            if not payload.strip() or name not in (b"", b"message"):
                return []
            return self._garbled(f"{self._origin} sent a chunk that is no part of a chat stream.")

    def _finish(self) -> list[Event]:
        self.ended = True
        return self._answer.finish()

    def _garbled(self, message: str) -> list[Event]:
        return self._fail(Garbled(message, origin=self._origin))

    def _fail(self, error: GatewayError) -> list[Event]:
        self.ended = True
        return self._answer.fail(error)


def _error_of(payload: bytes) -> bytes:
    """The error inside an `event: error` record, which may or may not be wrapped in an `error` field."""
    try:
        inner = decode_chunk(payload).error
    except UNREADABLE:
        return payload
    return bytes(inner) if is_set(inner) else payload
