"""What is said to clients whose requests cannot be read: those that speak no HTTP, and those whose head has no end.

The parser keeps as many header bytes as a client cares to send. A head is counted while it is not complete; what comes
whole in one read of the socket is as small as that read.
"""

from __future__ import annotations

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

_BAD = b"Invalid HTTP request received."
REFUSAL = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n%b" % (len(_BAD), _BAD)
)
