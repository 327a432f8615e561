"""Request heads with a bound: uvicorn's parser keeps as many header bytes as a client cares to send.

A head is counted while it is not complete; what comes whole in one read of the socket is as small as that read.
"""

from __future__ import annotations

from .cork import CorkedProtocol

MAX_HEAD = 128 * 1024
"""Bytes of the request line and all headers. Clients send a few KB."""

_WORDS = (
    b'{"error":{"message":"The headers of the request are larger than %d KiB.","type":"invalid_request_error"}}'
    % (MAX_HEAD >> 10)
)
TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%b"
) % (len(_WORDS), _WORDS)


class HeadLimit(CorkedProtocol):
    """uvicorn's protocol, which gives up on a head that has no end."""

    _head: int | None = None
    """Bytes of a head that is not complete."""

    def data_received(self, data: bytes) -> None:
        """Some of a request."""
        super().data_received(data)
        if self._head is not None and not self.transport.is_closing():
            self._head += len(data)
            if self._head > MAX_HEAD:
                self.transport.write(TOO_LARGE)
                self.transport.close()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._head = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """It is complete."""
        self._head = None
        super().on_headers_complete()
