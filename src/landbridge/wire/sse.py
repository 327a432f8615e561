"""Server-sent events: bytes cut anywhere to (event, data) records, and back.

Rules of the WHATWG HTML standard, section 9.2.6: lines end with LF, CRLF or CR; `data:` lines of one record join with
LF; a line that starts with a colon is a comment; a record without data is dispatched by nobody. Kept: the byte order
mark at the start is ignored. A record that was not closed by a blank line when the input ends is given by `close`,
because several providers leave the last blank line out.
"""

from __future__ import annotations

import re

from ..errors import Garbled

MAX_RECORD = 64 * 1024 * 1024
"""Bytes one record may have (a whole base64 image fits); more is not a stream of ours."""

Record = tuple[bytes, bytes]
"""`(event, data)`; event is empty where the stream names none."""

_match_lf = re.compile(rb"(?:event: (.*)\n)?data: (.*)\n\n").match
_match_crlf = re.compile(rb"(?:event: (.*)\r\n)?data: (.*)\r\n\r\n").match
"""A record as nearly all are: at most an event's name, and one line of data. Google's lines end with CRLF."""
_LF, _CR = b"\n\r"
"""As numbers, because looking for those costs a fifth of looking for bytes."""
_LONG = 1 << 16
"""Bytes of lines that may wait for the end of their record; of more, whole lines are taken as they come."""


class SSEDecoder:
    """Turns chunks into records. `feed` and `close` return the records that are complete."""

    __slots__ = ("_data", "_event", "_first", "_inside", "_pieces", "_size", "_waiting")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        """What waits for more: the beginning of a line or of a record."""
        self._waiting = 0
        """Bytes that wait."""
        self._event = b""
        self._data: list[bytes] = []
        self._size = 0
        """Bytes of data lines that were taken."""
        self._inside = False
        """Whether lines were taken and the end of their record has not come."""
        self._first = True

    def feed(self, chunk: bytes) -> list[Record]:
        """Take the next bytes. Raises `Garbled` if a record grows past `MAX_RECORD`."""
        if self._first and chunk and not (chunk := self._without_mark(chunk)):
            return []
        if self._pieces:
            if _LF not in chunk and _CR not in chunk:
                return self._wait(chunk)
            chunk = b"".join((*self._pieces, chunk))
            self._pieces.clear()
            self._waiting = 0
        return self._read_with_cr(chunk) if _CR in chunk else self._read(chunk)

    def close(self) -> list[Record]:
        """The input is over: the last record, if its blank line is missing."""
        rest, _ = _with_lf(b"".join(self._pieces))
        self._pieces.clear()
        return self._take([*rest.split(b"\n"), b""])

    def _without_mark(self, chunk: bytes) -> bytes:
        mark = b"\xef\xbb\xbf"
        head = b"".join((*self._pieces, chunk))
        self._pieces.clear()
        if len(head) < 3 and mark.startswith(head):
            self._pieces.append(head)
            return b""
        self._first = False
        return head.removeprefix(mark)

    def _read(self, chunk: bytes, held: bytes = b"") -> list[Record]:
        """The records of a chunk whose lines end with LF; `held` comes behind it."""
        records: list[Record] = []
        at, size = 0, len(chunk)
        while at < size:
            if not self._inside and (found := _match_lf(chunk, at)) is not None:
                event, data = found.groups(b"")
                records.append((event, data))
                at = found.end()
            elif (end := chunk.find(b"\n\n", at)) >= 0:
                records += self._take(chunk[at : end + 1].split(b"\n"))
                at = end + 2
            else:
                return records + self._begin(chunk[at:], held)
        return records + self._wait(held) if held else records

    def _read_with_cr(self, chunk: bytes) -> list[Record]:
        """The records of a chunk in which some line ends with CR or CRLF."""
        records: list[Record] = []
        at, size = 0, len(chunk)
        while not self._inside and at < size and (found := _match_crlf(chunk, at)) is not None:
            event, data = found.groups(b"")
            if _CR in event or _CR in data:
                break
            records.append((event, data))
            at = found.end()
        if at == size:
            return records
        rest = chunk[at:]
        lines, held = _with_lf(rest)
        if not self._inside and b"\n\n" not in lines and self._may_wait(lines):
            return records + self._wait(rest)
        return records + self._read(lines, held)

    def _begin(self, rest: bytes, held: bytes) -> list[Record]:
        """The chunk ends within a record."""
        records: list[Record] = []
        if self._inside or not self._may_wait(rest):
            *lines, rest = rest.split(b"\n")
            records = self._take(lines)
        self._wait(rest + held)
        return records

    def _may_wait(self, rest: bytes) -> bool:
        """Whether the beginning of a record waits for its end as it is."""
        return len(rest) < _LONG

    def _wait(self, piece: bytes) -> list[Record]:
        if piece:
            self._pieces.append(piece)
        self._waiting += len(piece)
        if self._size + self._waiting > MAX_RECORD:
            raise Garbled(f"A single stream record is larger than {MAX_RECORD >> 20} MiB.")
        return []

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
        self._inside = bool(self._data or self._event)
        return records


def _with_lf(chunk: bytes) -> tuple[bytes, bytes]:
    """The chunk with LF at the end of each line; and the CR at its very end, which may be half of a CRLF."""
    held = b"\r" if chunk.endswith(b"\r") else b""
    return chunk.removesuffix(held).replace(b"\r\n", b"\n").replace(b"\r", b"\n"), held


def record(event: bytes, data: bytes) -> bytes:
    """One record with both lines, as Anthropic's clients need (P8). `data` must be one line."""
    return b"event: " + event + b"\ndata: " + data + b"\n\n"


def data_record(data: bytes) -> bytes:
    """One record without an event name, as OpenAI's dialects have it."""
    return b"data: " + data + b"\n\n"


COMMENT = b": keep-alive\n\n"
"""A comment: bytes that no client parses as an event."""
