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
        self._parser = httptools.HttpResponseParser(self)
        # Lines that end in LF alone are read as RFC 9112, 2.2 allows; so are spaces behind a chunk's size.
        self._parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True)
        self.begin()
        self._expected = False

    def begin(self) -> None:
        """A request leaves; the next bytes are its answer."""
        self._expected = True
        self.status = 0
        self.raw_headers: list[tuple[bytes, bytes]] = []
        self.encoding = b""
        """The body's content encoding in lower case; empty for none."""
        self.touched = False
        """Whether any byte has come."""
        self.headed = False
        """Whether the head is whole."""
        self.complete = False
        """Whether the body is whole."""
        self.last = False
        """Whether the connection ends with this answer; known when it is complete."""
        self.pieces: list[bytes] = []
        """What of the body has come and was not taken."""
        self.waiting = 0
        """Bytes in `pieces`."""
        self._framed = False
        self._dropping = False
        self._head = 0
        self._dry, self._dry_limit = 0, MAX_FRAMING

    def feed(self, data: bytes) -> None:
        """More bytes. Raises `Malformed`: then the connection is of no use, but a `complete` answer is whole."""
        self.touched = True
        if not self.headed:
            self._head += len(data)
            if self._head > MAX_HEAD:
                self._feed_at_limit(data)
                return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise _malformed(error) from None
        if not self.pieces:
            self._count_dry(len(data))

    def _feed_at_limit(self, data: bytes) -> None:
        # The head has to end within its limit, wherever the bytes happen to be cut.
        self._head -= len(data)
        if room := MAX_HEAD - self._head:
            self.feed(data[:room])
        if not self.headed:
            raise Malformed(f"its headers are larger than {MAX_HEAD >> 10} KiB")
        self.feed(data[room:])

    def _count_dry(self, size: int) -> None:
        # What holds nothing of the body could go on for ever: extensions, trailers, what nobody reads any more.
        self._dry += size
        if self._dry > self._dry_limit and not self.complete:
            raise Malformed(f"it goes on for more than {self._dry_limit >> 10} KiB without a word")

    def take(self) -> bytes:
        """The body so far, from where it was last taken."""
        pieces, self.pieces, self.waiting, self._dry = self.pieces, [], 0, 0
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def drop(self, limit: int) -> None:
        """Nobody reads on: what comes is thrown away, at most `limit` bytes of it."""
        self._dropping = True
        self.pieces, self.waiting = [], 0
        self._dry, self._dry_limit = 0, limit

    def end(self) -> bool:
        """The other side sends no more. Whether the answer is whole."""
        if self.headed and not self._framed:
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
            if 14 <= len(name) <= 17:
                self._note(name.lower(), value.strip().lower())

    def _note(self, name: bytes, value: bytes) -> None:
        if name == b"content-length":
            self._framed = True
        elif name == b"content-encoding" and value not in (b"", b"identity"):
            self.encoding = b", ".join(filter(None, (self.encoding, value)))
        elif name == b"transfer-encoding" and value != b"identity":
            if value != b"chunked":
                raise Malformed(
                    f"it comes in the transfer encoding '{value.decode('latin-1')}', which nobody asked for"
                )
            self._framed = True

    def on_headers_complete(self) -> None:
        """The head is whole; one of 1xx is only a message in between."""
        self.status = self._parser.get_status_code()
        self.headed = self.status >= 200

    def on_body(self, data: bytes) -> None:
        """Some of the body, without its framing."""
        if not self._dropping:
            self.pieces.append(data)
            self.waiting += len(data)

    def on_message_complete(self) -> None:
        """The body is whole, or a 1xx is over."""
        if self.headed:
            self.complete = True
            self.last = not self._parser.should_keep_alive()
        else:
            self.raw_headers, self.encoding, self._framed = [], b"", False


def _malformed(error: Exception) -> Malformed:
    if isinstance(error, httptools.HttpParserUpgrade):
        return Malformed("it switches to another protocol")
    if isinstance(ours := error.__context__, Malformed):
        return ours
    return Malformed(f"it is not HTTP ({str(error).partition(',')[0] or 'unreadable'})")
