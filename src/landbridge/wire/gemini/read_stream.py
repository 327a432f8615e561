"""A Gemini stream to events.

The chunks come as server-sent events, without any last record: the stream is whole if a chunk has said why it ended
before the bytes are over (P9). Until then more may come, for some models repeat the reason in every chunk. In the
middle of a stream Google puts its errors as bare JSON over several lines, without `data:`; without `alt=sse` the whole
stream is one JSON list, which is read at its end.
"""

from __future__ import annotations

from ...errors import Cut, Garbled, GatewayError
from ...neutral.blocks import is_whole
from ...neutral.events import Event
from ...neutral.progress import Progress
from ..opening import Opening
from ..sse import Record, SSEDecoder
from ..written import NewId
from .answer import UNREADABLE, Answer

_LONGEST = 1 << 20
"""Bytes of bare JSON that are looked at; a whole answer in one line may be longer."""


class StreamReader:
    """Reads one streamed answer; see `wire/dialects.py`."""

    def __init__(self, new_id: NewId, origin: str) -> None:
        self.ended = False
        self.progress: Progress | None = None
        self._origin = origin
        self._records = _Records()
        self._answer = Answer(new_id, origin)
        self._opening = Opening(origin, b"[")
        self._seen = 0
        self._closing = False

    def feed(self, data: bytes) -> list[Event]:
        """The events these bytes complete."""
        if self.ended:
            return []
        try:
            if not self._opening.is_stream:
                data = self._opening.feed(data)
            return self._take_all(self._records.feed(data))
        except Garbled as error:
            return self._garbled(error.message)

    def close(self) -> list[Event]:
        """The upstream ended."""
        if self.ended:
            return []
        if (body := self._opening.whole) is not None:
            self.ended = True
            return self._answer.read_whole(body) if is_whole(body.decode(errors="replace")) else self._cut()
        self._closing = True
        events = self._take_all(self._records.close())
        return events if self.ended else events + self._end()

    def _end(self) -> list[Event]:
        """The bytes are over."""
        self.ended = True
        if self._answer.is_over:
            return self._answer.finish()
        if self._opening.is_stream and not self._seen:
            return self._garbled(f"{self._origin} answered with something that is no event stream.")
        return self._cut()

    def _cut(self) -> list[Event]:
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
        self._seen += 1
        try:
            return self._answer.read(payload)
        except UNREADABLE:
            if name not in (b"", b"message") or payload.strip() in (b"", b"[DONE]"):
                return []
            if self._closing:
                return self._cut()  # half a record
            return self._garbled(f"{self._origin} sent a chunk that is no part of a Gemini stream.")

    def _garbled(self, message: str) -> list[Event]:
        return self._fail(Garbled(message, origin=self._origin))

    def _fail(self, error: GatewayError) -> list[Event]:
        self.ended = True
        return self._answer.fail(error)


class _Records(SSEDecoder):
    """Records of the stream, and the bare JSON objects between them as if they were records."""

    __slots__ = ("_bare", "_length")

    def __init__(self) -> None:
        super().__init__()
        self._bare: list[bytes] = []
        self._length = 0

    def close(self) -> list[Record]:
        """The input is over; what is left of bare JSON is given as it is."""
        records = super().close()
        return [*records, *self._flush()]

    def _may_wait(self, rest: bytes) -> bool:
        """Bare JSON is known as soon as it is whole: nothing may follow it, not even a blank line."""
        return super()._may_wait(rest) and not rest.startswith(b"{") and b"\n{" not in rest

    def _take(self, lines: list[bytes]) -> list[Record]:
        records: list[Record] = []
        for line in lines:
            if (self._bare or line[:1] == b"{") and not line.startswith(b"data:"):
                self._bare.append(line)
                self._length += len(line)
                if line.endswith(b"}") and (line == b"}" or len(self._bare) == 1) and self._is_whole():
                    records += self._flush()
            else:
                self._bare.clear()
                records += super()._take([line])
        if self._length > _LONGEST:
            self._bare.clear()
            self._length = 0
        self._inside = self._inside or bool(self._bare)
        return records

    def _is_whole(self) -> bool:
        return is_whole(b"\n".join(self._bare).decode(errors="replace"))

    def _flush(self) -> list[Record]:
        found = b"\n".join(self._bare)
        self._bare.clear()
        self._length = 0
        return [(b"", found)] if found.strip() else []
