"""Bytes of a connection to answers, one after the other: httptools' parser, and what it leaves open. No I/O.

Wherever the bytes are cut, the same comes out. How a body without a declared length ends, only `end` can say.
"""

from __future__ import annotations

import httptools

MAX_HEAD = 64 * 1024
"""Bytes an answer's head may have, 1xx heads before it included."""
MAX_FRAMING = 2 * MAX_HEAD
"""Bytes that may come in a row without any of the body in them: chunk sizes, extensions, trailers."""


class Malformed(Exception):
    """What came cannot be read; the message says `it ...`."""


class Incoming:
    """The answer that is coming in on one connection. `begin` expects the next."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        """What of the body has come and was not taken; always the same list."""
        self.on_body = self.pieces.append
        self._parser = httptools.HttpResponseParser(self)
        # Lines that end in LF alone are read as RFC 9112, 2.2 allows; so are spaces behind a chunk's size.
        self._parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True)
        self._parse = self._parser.feed_data
        self.status = 0
        self.last = False
        """Whether the connection ends with this answer; known when it is complete."""
        self.begin()
        self._expected = False

    def begin(self) -> None:
        """A request leaves; the next bytes are its answer."""
        self._expected = True
        self.raw_headers: list[tuple[bytes, bytes]] = []
        self.encoding = b""
        """The body's content encoding in lower case; empty for none."""
        self.headed = False
        """Whether the head is whole."""
        self.complete = False
        """Whether the body is whole."""
        self.held = 0
        """Bytes that have come since the body was last taken, framing included."""
        self._room, self._most = MAX_HEAD, MAX_FRAMING
        self._dropping = False
        if self.pieces:
            self.pieces.clear()

    @property
    def touched(self) -> bool:
        """Whether any byte has come."""
        return self.headed or self.held > 0

    def feed(self, data: bytes) -> None:
        """More bytes. Raises `Malformed`: then the connection is of no use, but a `complete` answer is whole."""
        self.held += len(data)
        try:
            if self.held > self._room:
                self._feed_much(data)
            else:
                self._parse(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise _malformed(error) from None

    def _feed_much(self, data: bytes) -> None:
        self._parse(data if self.headed else self._feed_head(data))
        if self._dropping:
            self.pieces.clear()
        # What holds nothing of the body could go on for ever: extensions, trailers, what nobody reads any more.
        if self.held > self._most and not self.pieces and not self.complete:
            raise Malformed(f"it goes on for more than {self._most >> 10} KiB without a word")

    def _feed_head(self, data: bytes) -> bytes:
        # It has to be whole within its limit, wherever the bytes happen to be cut. What is left of them comes back.
        room = MAX_HEAD - (self.held - len(data))
        self._parse(data[:room])
        if not self.headed:
            raise Malformed(f"its headers are larger than {MAX_HEAD >> 10} KiB")
        return data[room:]

    def take(self) -> bytes:
        """The body so far, from where it was last taken."""
        self.held = 0
        pieces = self.pieces
        if len(pieces) == 1:
            return pieces.pop()
        data = b"".join(pieces)
        pieces.clear()
        return data

    def drop(self, limit: int) -> None:
        """Nobody reads on: what comes is thrown away, at most `limit` bytes of it."""
        self._dropping = True
        self._room, self._most = 0 if self.headed else MAX_HEAD, limit
        self.pieces.clear()
        self.held = 0

    def end(self) -> bool:
        """The other side sends no more. Whether the answer is whole: its end may be that of the connection."""
        if self.headed and not any(_frames(name.lower(), value) for name, value in self.raw_headers):
            self.complete = True
        return self.complete

    # -- for the parser ------------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A head begins."""
        if self.complete or not self._expected:
            raise Malformed("it speaks unasked")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header line. Trailers behind a body mean nothing to us."""
        if not self.headed:
            self.raw_headers.append((name, value))
            if 16 <= len(name) <= 17:
                self._note(name.lower(), value.strip().lower())

    def _note(self, name: bytes, value: bytes) -> None:
        if name == b"content-encoding" and value not in (b"", b"identity"):
            self.encoding = b", ".join(filter(None, (self.encoding, value)))
        elif name == b"transfer-encoding" and value not in (b"chunked", b"identity"):
            raise Malformed(f"it comes in the transfer encoding '{value.decode('latin-1')}', which nobody asked for")

    def on_headers_complete(self) -> None:
        """The head is whole; one of 1xx is only a message in between."""
        self.status = self._parser.get_status_code()
        self.headed = self.status >= 200

    def on_message_complete(self) -> None:
        """The body is whole, or a 1xx is over."""
        if self.headed:
            self.complete = True
            self.last = not self._parser.should_keep_alive()
        else:
            self.raw_headers, self.encoding = [], b""


def _frames(name: bytes, value: bytes) -> bool:
    """Whether a header says how long the body is. The parser sees to what it says."""
    return name == b"content-length" or (name == b"transfer-encoding" and value.strip().lower() != b"identity")


def _malformed(error: Exception) -> Malformed:
    if isinstance(error, httptools.HttpParserUpgrade):
        return Malformed("it switches to another protocol")
    if isinstance(ours := error.__context__, Malformed):
        return ours
    return Malformed(f"it is not HTTP ({str(error).partition(',')[0] or 'unreadable'})")
