"""Server-sent events: bytes cut anywhere to (event, data) records, and back.

Rules of the WHATWG HTML standard, section 9.2.6: lines end with LF, CRLF or CR; `data:` lines of one record join with
LF; a line that starts with a colon is a comment; a record without data is dispatched by nobody. Kept: the byte order
mark at the start is ignored. A record that was not closed by a blank line when the input ends is given by `close`,
because several providers leave the last blank line out.
"""

from __future__ import annotations

from ..errors import Garbled

MAX_RECORD = 64 * 1024 * 1024
"""Bytes one record may have (a whole base64 image fits); more is not a stream of ours."""

Record = tuple[bytes, bytes]
"""`(event, data)`; event is empty where the stream names none."""


class SSEDecoder:
    """Turns chunks into records. `feed` and `close` return the records that are complete."""

    __slots__ = ("_data", "_event", "_first", "_size", "_tail")

    def __init__(self) -> None:
        self._tail = b""
        self._event = b""
        self._data: list[bytes] = []
        self._size = 0
        self._first = True

    def feed(self, chunk: bytes) -> list[Record]:
        """Take the next bytes. Raises `Garbled` if a record grows past `MAX_RECORD`."""
        if self._first and chunk and not (chunk := self._without_mark(chunk)):
            return []
        buffer = self._tail + chunk if self._tail else chunk
        if b"\r" in buffer:
            return self._feed_with_cr(buffer)
        lines = buffer.split(b"\n")
        self._tail = lines.pop()
        return self._take(lines)

    def close(self) -> list[Record]:
        """The input is over: the last record, if its blank line is missing."""
        line = self._tail.removesuffix(b"\r")
        self._tail = b""
        return self._take([line, b""] if line else [b""])

    def _without_mark(self, chunk: bytes) -> bytes:
        mark = b"\xef\xbb\xbf"
        head = self._tail + chunk
        if len(head) < 3 and mark.startswith(head):
            self._tail = head
            return b""
        self._first, self._tail = False, b""
        return head.removeprefix(mark)

    def _feed_with_cr(self, buffer: bytes) -> list[Record]:
        """Some line ends with CR. A CR at the very end may be half of a CRLF: it waits."""
        held = b""
        if buffer.endswith(b"\r"):
            buffer, held = buffer[:-1], b"\r"
        lines = buffer.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._tail = lines.pop() + held
        return self._take(lines)

    def _take(self, lines: list[bytes]) -> list[Record]:
        records: list[Record] = []
        for line in lines:
            if not line:
                if self._data:
                    data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
                    records.append((self._event, data))
                    self._data = []
                self._event, self._size = b"", 0
            elif line.startswith(b"data:"):
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
                self._size += len(line)
            elif line.startswith(b"event:"):
                self._event = line[6:].removeprefix(b" ")
        if self._size + len(self._tail) > MAX_RECORD:
            raise Garbled(f"A single stream record is larger than {MAX_RECORD >> 20} MiB.")
        return records


def record(event: bytes, data: bytes) -> bytes:
    """One record with both lines, as Anthropic's clients need (P8). `data` must be one line."""
    return b"event: " + event + b"\ndata: " + data + b"\n\n"


def data_record(data: bytes) -> bytes:
    """One record without an event name, as OpenAI's dialects have it."""
    return b"data: " + data + b"\n\n"


COMMENT = b": keep-alive\n\n"
"""A comment: bytes that no client parses as an event."""
