"""Compressed bodies, cut anywhere, come out as they were; broken and unknown ones do not come out at all."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.upstream.connection import Broken
from landbridge.upstream.encoded import PIECE, decoded
from landbridge.upstream.incoming import Malformed

TEXT = b'{"id":"chatcmpl-1","choices":[]}' * 50


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def flushed(data: bytes) -> bytes:
    """As a server compresses an event stream: each event can be read at once."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    events = [data[i : i + 100] for i in range(0, len(data), 100)]
    sent = b"".join(packer.compress(event) + packer.flush(zlib.Z_SYNC_FLUSH) for event in events)
    return sent + packer.flush()


FORMS = {
    "gzip": (b"gzip", gzip.compress(TEXT)),
    "x-gzip": (b"x-gzip", gzip.compress(TEXT)),
    "gzip, event by event": (b"gzip", flushed(TEXT)),
    "gzip in two members": (b"gzip", gzip.compress(TEXT[:70]) + gzip.compress(TEXT[70:])),
    "deflate": (b"deflate", zlib.compress(TEXT)),
    "deflate without its wrapping": (b"deflate", raw_deflate(TEXT)),
}


class Pieces:
    """A body that has arrived in these pieces."""

    def __init__(self, encoding: bytes, pieces: Sequence[bytes]) -> None:
        self.status, self.encoding = 200, encoding
        self.raw_headers = [(b"content-encoding", encoding)]
        self._pieces = list(pieces)
        self.aborted = self.released = False
        self.lingers = (0.0, 0)

    @property
    def complete(self) -> bool:
        return not self._pieces

    async def piece(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def release(self) -> None:
        self.released = True

    def linger(self, seconds: float, limit: int) -> None:
        self.lingers = (seconds, limit)

    def abort(self) -> None:
        self.aborted = True


def read(encoding: bytes, pieces: Sequence[bytes]) -> list[bytes]:
    async def run() -> list[bytes]:
        body = decoded(Pieces(encoding, pieces))
        out: list[bytes] = []
        while piece := await body.piece():
            out.append(piece)
        assert await body.piece() == b"", "the end stays the end"
        return out

    return asyncio.run(run())


@given(st.sampled_from(sorted(FORMS)), st.lists(st.integers(1, 2000), max_size=10))
def test_any_form_and_any_cut_comes_out_as_it_was(form: str, places: list[int]) -> None:
    encoding, data = FORMS[form]
    edges = sorted({0, len(data), *(place % len(data) for place in places)})
    pieces = [data[start:end] for start, end in itertools.pairwise(edges)]
    assert b"".join(read(encoding, pieces)) == TEXT


@given(st.binary(max_size=3000))
def test_any_content_comes_out_as_it_was(content: bytes) -> None:
    assert b"".join(read(b"gzip", [gzip.compress(content)])) == content


def test_events_come_out_as_they_come_in() -> None:
    data = flushed(TEXT)
    first = data.index(b"\x00\x00\xff\xff") + 4
    assert read(b"gzip", [data[:first], data[first:]])[0] == TEXT[:100]


@pytest.mark.parametrize("form", FORMS)
def test_a_body_that_ends_too_early_is_broken(form: str) -> None:
    encoding, data = FORMS[form]
    for end in (1, 10, len(data) // 2, len(data) - 1):
        if form == "gzip in two members" and end == len(gzip.compress(TEXT[:70])):
            continue
        with pytest.raises(Broken, match="no end"):
            read(encoding, [data[:end]])


def test_an_empty_body_is_empty() -> None:
    assert read(b"gzip", []) == []


BROKEN = {
    "plain text": b"plain text",
    "a wrong checksum": gzip.compress(TEXT)[:-8] + bytes(8),
    "surplus behind the end": gzip.compress(TEXT) + b"surplus",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_compressed_is_malformed(name: str) -> None:
    with pytest.raises(Malformed, match="compressed body is broken"):
        read(b"gzip", [BROKEN[name]])


@pytest.mark.parametrize("encoding", [b"br", b"zstd", b"compress", b"gzip, gzip", b"br, gzip"])
def test_an_encoding_nobody_knows_is_refused_and_its_body_given_up(encoding: bytes) -> None:
    body = Pieces(encoding, [b"x"])
    with pytest.raises(Malformed, match=f"encoded as '{encoding.decode()}'"):
        decoded(body)
    assert body.aborted


def test_without_an_encoding_the_body_is_itself() -> None:
    body = Pieces(b"", [b"x"])
    assert decoded(body) is body


def test_a_little_that_unpacks_to_very_much_comes_in_bounded_pieces() -> None:
    size = 50_000_000
    out = read(b"gzip", [gzip.compress(bytes(size))])
    assert sum(map(len, out)) == size
    assert max(map(len, out)) <= PIECE


def test_everything_else_is_the_bodys_own() -> None:
    body = Pieces(b"gzip", [b"x"])
    unpacked = decoded(body)
    assert (unpacked.status, unpacked.raw_headers, unpacked.encoding) == (200, body.raw_headers, b"")
    assert not unpacked.complete
    unpacked.linger(1.5, 10)
    unpacked.release()
    unpacked.abort()
    assert (body.lingers, body.released, body.aborted) == ((1.5, 10), True, True)
