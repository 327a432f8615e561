"""Text in `encrypted_content`: what a page said, kept in the conversation itself.

So a later turn needs no memory of ours. The text is packed, and no secret.
"""

from __future__ import annotations

import base64
import binascii
import zlib

PREFIX = "landbridge."
MOST = 1 << 20
"""Characters that are unpacked: what a client sends back cannot fill the memory."""


def pack(text: str) -> str:
    """`text` as a token."""
    return PREFIX + base64.urlsafe_b64encode(zlib.compress(text.encode("utf-8", "surrogatepass"), 6)).decode("ascii")


def unpack(token: str) -> str:
    """The text of `pack`'s token; nothing for one that somebody else made."""
    if not token.startswith(PREFIX):
        return ""
    try:
        data = base64.b64decode(token.removeprefix(PREFIX), altchars=b"-_", validate=True)
        return zlib.decompressobj().decompress(data, MOST).decode("utf-8", "replace")
    except (binascii.Error, zlib.error, ValueError):
        return ""
