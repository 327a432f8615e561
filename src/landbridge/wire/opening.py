"""How an answer begins: whether it is the event stream that was asked for, one JSON answer all the same, or a web page.

The first byte that is not blank says it. Until it has come the bytes are held; a byte order mark before it is left out.
"""

from __future__ import annotations

from ..errors import Garbled
from .foreign import describe
from .sse import MAX_RECORD

_MARK = b"\xef\xbb\xbf"


class Opening:
    """Holds what is no event stream. A reader feeds it until `is_stream`; from then on all bytes are the stream's.

    `json` are the characters with which one JSON answer begins in the dialect.
    """

    __slots__ = ("_head", "_json", "_origin", "_pieces", "_size", "heard", "is_stream")

    def __init__(self, origin: str, json: bytes) -> None:
        self._origin, self._json = origin, json
        self._head = b""
        """What has come while it was not clear what it is."""
        self._pieces: list[bytes] | None = None
        self._size = 0
        self.heard = False
        """Whether anything has come."""
        self.is_stream = False

    @property
    def whole(self) -> bytes | None:
        """One JSON answer, as far as it has come; None where it is none."""
        return None if self._pieces is None else b"".join(self._pieces)

    def feed(self, data: bytes) -> bytes:
        """Bytes of the stream; none until it is clear that it is one. Raises `Garbled` for a page, and for one answer
        of endless size.
        """
        self.heard = self.heard or bool(data)
        if self._pieces is not None:
            self._hold(self._pieces, data)
            return b""
        self._head += data
        head = self._head.removeprefix(_MARK)
        seen = head.lstrip()
        if not seen or _MARK.startswith(self._head):
            return b""
        if seen[:1] == b"<":
            raise Garbled(describe(seen, self._origin, 200), origin=self._origin)
        self._head = b""
        if seen[:1] in self._json:
            self._pieces = []
            self._hold(self._pieces, head)
            return b""
        self.is_stream = True
        return head

    def _hold(self, pieces: list[bytes], data: bytes) -> None:
        pieces.append(data)
        self._size += len(data)
        if self._size > MAX_RECORD:
            raise Garbled(f"{self._origin} sent an answer that is too large.", origin=self._origin)
