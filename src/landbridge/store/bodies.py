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
    """0: there was no answer."""
    received: bytes = b""


class Bodies(Struct, omit_defaults=True):
    """All that was said, as it is kept."""

    dialect: str
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


class Pieces:
    """Bytes that come one after the other, as far as they fit."""

    __slots__ = ("_pieces", "_said")

    def __init__(self, said: Said) -> None:
        self._said, self._pieces = said, list[bytes]()

    def add(self, data: bytes) -> None:
        """The next ones."""
        self._pieces.append(self._said.fitting(data))

    def whole(self) -> bytes:
        """All of them."""
        return b"".join(self._pieces)


class Asked:
    """One question to an upstream, while its answer comes."""

    __slots__ = ("received", "sent", "status", "url")

    def __init__(self, said: Said, url: str, body: bytes) -> None:
        self.url, self.sent, self.status = url.partition("?")[0], said.fitting(body), 0
        self.received = Pieces(said)


class Said:
    """What is said in an exchange, while it goes on. Of all of it at most `room` bytes are kept."""

    __slots__ = (
        "_room",
        "answer",
        "cut",
        "dialect",
        "headers",
        "model",
        "request",
        "rounds",
        "size",
        "status",
        "stream",
    )

    def __init__(self, dialect: str, request: bytes, room: int) -> None:
        self.dialect, self._room = dialect, room
        self.size = self.cut = self.status = 0
        self.model, self.stream = "", False
        self.headers: dict[str, str] = {}
        self.request = self.fitting(request)
        self.rounds: list[Asked] = []
        self.answer = Pieces(self)

    def fitting(self, data: bytes) -> bytes:
        """As much of `data` as may be kept."""
        kept = data if len(data) <= self._room else data[: self._room]
        self._room -= len(kept)
        self.size += len(kept)
        self.cut += len(data) - len(kept)
        return kept

    def ask(self, url: str, body: bytes) -> Asked:
        """An upstream is asked."""
        asked = Asked(self, url, body)
        self.rounds.append(asked)
        return asked

    def bodies(self) -> Bodies:
        """All of it."""
        return Bodies(
            dialect=self.dialect,
            model=self.model,
            stream=self.stream,
            headers=self.headers,
            request=self.request,
            rounds=[Round(each.url, each.sent, each.status, each.received.whole()) for each in self.rounds],
            status=self.status,
            answer=self.answer.whole(),
            cut=self.cut,
        )


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
