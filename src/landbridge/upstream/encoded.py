"""Bodies that come compressed although identity was asked for: some servers do. gzip and deflate are undone.

Anything else is refused: a reader must never see bytes that only look like an answer.
"""

from __future__ import annotations

import zlib

from .answer import Body
from .connection import Broken
from .incoming import Malformed

PIECE = 256 * 1024
"""Bytes that are unpacked at once: a little that unpacks to very much cannot fill the memory."""

GZIP = zlib.MAX_WBITS | 16
ZLIB = zlib.MAX_WBITS
RAW = -zlib.MAX_WBITS


def decoded(body: Body) -> Body:
    """`body` without its content encoding. Raises `Malformed` for one that is not known here, and gives `body` up."""
    match body.encoding:
        case b"":
            return body
        case b"gzip" | b"x-gzip":
            return Decoded(body, GZIP)
        case b"deflate":
            return Decoded(body, ZLIB)
        case other:
            body.abort()
            raise Malformed(f"it is encoded as '{other.decode('latin-1')}', which nobody asked for")


class Decoded:
    """A compressed body, as it was before."""

    def __init__(self, body: Body, window: int) -> None:
        self._body = body
        self._window = window
        self._unpacker = zlib.decompressobj(window)
        self._packed = b""
        self._begun = False

    @property
    def status(self) -> int:
        """As of the body."""
        return self._body.status

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """As they came; `content-encoding` is still there."""
        return self._body.raw_headers

    @property
    def encoding(self) -> bytes:
        """None any more."""
        return b""

    @property
    def complete(self) -> bool:
        """Whether all of it has arrived."""
        return self._body.complete

    async def piece(self) -> bytes:
        """The next bytes; empty at the end. Raises `Broken` where the end is missing, `Malformed`."""
        while True:
            if out := self._unpack():
                return out
            if self._packed:
                continue
            self._packed = await self._body.piece()
            if not self._packed:
                if self._begun and not self._unpacker.eof:
                    raise Broken("its compressed body has no end")
                return b""

    def _unpack(self) -> bytes:
        if self._begun and self._unpacker.eof and self._packed:
            self._unpacker = zlib.decompressobj(self._window)  # gzip may come in several members
        if not self._begun and self._packed and self._window == ZLIB and self._packed[0] & 0x0F != zlib.DEFLATED:
            self._unpacker = zlib.decompressobj(RAW)  # what many servers take "deflate" to mean
        self._begun = self._begun or bool(self._packed)
        try:
            out = self._unpacker.decompress(self._packed, PIECE)
        except zlib.error as error:
            raise Malformed(f"its compressed body is broken ({error})") from error
        self._packed = self._unpacker.unused_data if self._unpacker.eof else self._unpacker.unconsumed_tail
        return out

    def release(self) -> None:
        """Keep the connection."""
        self._body.release()

    def linger(self, seconds: float, limit: int) -> None:
        """As of the body."""
        self._body.linger(seconds, limit)

    def abort(self) -> None:
        """Close the connection at once."""
        self._body.abort()
