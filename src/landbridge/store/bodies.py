"""What was said in one exchange, on both sides, as it is kept: one compressed value. Headers with secrets never enter.

`request` and `answer` are the client's, in its dialect. `rounds` are what its target was asked and what it answered,
in the target's: several, where it was asked again, or another target was.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import msgspec
from msgspec import Struct, field

HEADERS = frozenset(
    (
        b"accept",
        b"anthropic-beta",
        b"anthropic-version",
        b"content-type",
        b"openai-beta",
        b"user-agent",
        b"x-claude-code-agent-id",
        b"x-claude-code-session-id",
    )
)
"""Headers of a client that are kept: what its request means, and nothing that proves who it is."""
_FORM = b"\x01"
"""First byte: what follows is a `Bodies` in MessagePack, compressed by zlib."""
_LEVEL = 4
MOST = 1 << 30
"""Bytes an unpacked value may have: what is larger is not ours."""


class Round(Struct, omit_defaults=True):
    """One question to an upstream, and its answer as far as it came."""

    url: str
    """Where to, without what stands behind the `?`."""
    sent: bytes = b""
    status: int = 0
    received: bytes = b""


class Bodies(Struct, omit_defaults=True):
    """All that was said. `room` is how many bytes may still be kept."""

    dialect: str
    room: int = 0
    model: str = ""
    """Named in the URL, where the dialect does that; else empty."""
    stream: bool = False
    """As `model`."""
    headers: dict[str, str] = field(default_factory=dict)
    request: bytes = b""
    rounds: list[Round] = field(default_factory=list)
    status: int = 0
    answer: bytes = b""
    cut: int = 0
    """Bytes that were not kept, because there were too many."""
    size: int = 0
    """Bytes that are."""

    def fitting(self, data: bytes) -> bytes:
        """As much of `data` as may be kept."""
        kept = data if len(data) <= self.room else data[: self.room]
        self.room -= len(kept)
        self.size += len(kept)
        self.cut += len(data) - len(kept)
        return kept


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Bodies).decode


def pack(bodies: Bodies) -> bytes:
    """As it is kept."""
    return _FORM + zlib.compress(_encode(bodies), _LEVEL)


def unpack(content: bytes) -> Bodies:
    """What was kept. Raises `ValueError` for anything else."""
    if content[:1] != _FORM:
        raise ValueError("not a form that this landbridge knows")
    inflating = zlib.decompressobj()
    try:
        plain = inflating.decompress(content[1:], MOST)
        if not inflating.eof:
            raise ValueError("damaged (its end is missing)")
        return _decode(plain)
    except (zlib.error, msgspec.MsgspecError) as error:
        raise ValueError(f"damaged ({error})") from error


def harmless(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Those of a client's headers that may be kept."""
    return {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in headers
        if name in HEADERS and len(value) <= 8192
    }
