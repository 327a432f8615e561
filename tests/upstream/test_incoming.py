"""Bytes to answers: every framing, cut anywhere; and everything that is no answer."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.upstream.incoming import MAX_FRAMING, MAX_HEAD, Incoming, Malformed

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

KEPT = {
    "content-length": HEAD + b"Content-Length: 11\r\n\r\nhello world",
    "chunked": CHUNKED + b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n",
    "upper-case sizes": CHUNKED + b"0000B\r\nhello world\r\n000\r\n\r\n",
    "a space behind a size": CHUNKED + b"b \r\nhello world\r\n0 \r\n\r\n",
    "trailers": CHUNKED + b"b\r\nhello world\r\n0\r\nX-Sum: 1\r\nContent-Encoding: gzip\r\n\r\n",
    "1xx before": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\ncontent-encoding: gzip\r\n\r\n"
    + HEAD
    + b"content-length: 11\r\n\r\nhello world",
    "lines that end in LF": b"HTTP/1.1 200 OK\ncontent-length: 11\n\nhello world",
    "an upgrade that is only offered": HEAD
    + b"upgrade: h2,h2c\r\nconnection: Upgrade, Keep-Alive\r\ncontent-length: 11\r\n\r\nhello world",
    "HTTP/1.0 that stays": b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 11\r\n\r\nhello world",
    "no reason phrase": b"HTTP/1.1 200\r\ncontent-length: 11\r\n\r\nhello world",
}
"""Answers after which the connection can be used again."""
LAST = {
    "to the end": HEAD + b"\r\nhello world",
    "to the end, as identity": HEAD + b"transfer-encoding: identity\r\n\r\nhello world",
    "connection: close": HEAD + b"connection: close\r\ncontent-length: 11\r\n\r\nhello world",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\nhello world",
}
"""Answers that end with their connection."""
EMPTY = {
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "304": b"HTTP/1.1 304 Not Modified\r\ncontent-length: 11\r\n\r\n",
    "length 0": HEAD + b"content-length: 0\r\n\r\n",
    "no chunks": CHUNKED + b"0\r\n\r\n",
}
GARBAGE = {
    "no HTTP": b"SSH-2.0-OpenSSH_9\r\n\r\n",
    "a TLS alert": b"\x15\x03\x01\x00\x02\x02\x46",
    "HTTP/2": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00",
    "a switch": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "a length that is none": HEAD + b"content-length: many\r\n\r\n",
    "a length below zero": HEAD + b"content-length: -1\r\n\r\n",
    "a length past all bounds": HEAD + b"content-length: 99999999999999999999999\r\n\r\n",
    "two lengths": HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\nok!",
    "a length and chunks": HEAD + b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n",
    "a chunk without a size": CHUNKED + b"zz\r\n",
    "a chunk longer than it says": CHUNKED + b"2\r\nhello\r\n0\r\n\r\n",
    "another transfer encoding": HEAD + b"transfer-encoding: gzip, chunked\r\n\r\n",
    "a header without a name": HEAD + b": x\r\n\r\n",
    "endless headers": HEAD + b"x-a: " + b"y" * (MAX_HEAD + 1),
    "too many headers": HEAD + b"x-a: y\r\n" * (MAX_HEAD // 8) + b"\r\n",
    "endless 1xx": b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" * (MAX_HEAD // 20),
    "endless trailers": CHUNKED + b"0\r\n" + b"x-a: y\r\n" * (MAX_FRAMING // 4),
    "an endless trailer": CHUNKED + b"0\r\nx-a: " + b"y" * (2 * MAX_FRAMING),
    "an endless extension": CHUNKED + b"5;" + b"y" * (2 * MAX_FRAMING),
}

Seen = tuple[int, list[tuple[bytes, bytes]], bytes, bytes, bool, bool, str]


def fed(*pieces: bytes) -> Incoming:
    incoming = Incoming()
    incoming.begin()
    for piece in pieces:
        incoming.feed(piece)
    return incoming


def seen(pieces: list[bytes]) -> Seen:
    """Everything that `pieces` come to."""
    incoming = Incoming()
    incoming.begin()
    body, fault = b"", ""
    for piece in pieces:
        try:
            incoming.feed(piece)
        except Malformed as error:
            fault = str(error)
            break
        if incoming.pieces:
            body += incoming.take()
    whole = incoming.end() and not fault
    if incoming.pieces:
        body += incoming.take()
    return incoming.status, incoming.raw_headers, incoming.encoding, body, whole, incoming.last, fault


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % len(data) for place in places} - {0}), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


WHOLE = {**KEPT, **LAST}


@pytest.mark.parametrize("name", WHOLE)
def test_each_framing(name: str) -> None:
    status, _, encoding, body, complete, last, fault = seen([WHOLE[name]])
    assert (status, encoding, body, complete, fault) == (200, b"", b"hello world", True, "")
    if name in KEPT:
        assert not last, "the connection can be used again"


@pytest.mark.parametrize("name", EMPTY)
def test_an_answer_without_a_body_ends_with_its_head(name: str) -> None:
    incoming = fed(EMPTY[name])
    assert incoming.complete
    assert not incoming.last
    assert incoming.pieces == []


@pytest.mark.parametrize("name", WHOLE | EMPTY)
def test_a_cut_at_any_place_changes_nothing(name: str) -> None:
    data = (WHOLE | EMPTY)[name]
    expected = seen([data])
    assert seen([data[i : i + 1] for i in range(len(data))]) == expected
    for place in range(1, len(data)):
        assert seen([data[:place], data[place:]]) == expected, place


@given(st.sampled_from(sorted(WHOLE)), st.lists(st.integers(0, 10_000), max_size=20))
def test_many_cuts_change_nothing(name: str, places: list[int]) -> None:
    assert seen(cut(WHOLE[name], places)) == seen([WHOLE[name]])


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=8), st.lists(st.integers(0, 10_000), max_size=20))
def test_any_body_in_chunks_arrives(chunks: list[bytes], places: list[int]) -> None:
    data = CHUNKED + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    assert seen(cut(data, places))[3:5] == (b"".join(chunks), True)


@pytest.mark.parametrize("name", GARBAGE)
def test_what_is_no_answer_is_malformed(name: str) -> None:
    *_, whole, _, fault = seen([GARBAGE[name]])
    assert not whole
    assert fault.startswith("it")


SMALL = sorted(name for name, data in GARBAGE.items() if len(data) < 200)


@pytest.mark.parametrize("name", SMALL)
def test_it_is_malformed_however_it_is_cut(name: str) -> None:
    data = GARBAGE[name]
    assert seen([data[i : i + 1] for i in range(len(data))]) == seen([data])


@given(st.binary(max_size=400), st.lists(st.integers(0, 10_000), max_size=5))
def test_noise_is_malformed_or_not_whole_and_nothing_else(noise: bytes, places: list[int]) -> None:
    for data in (noise, HEAD + noise, CHUNKED + noise):
        if data:
            assert seen(cut(data, places))[4:] == seen([data])[4:]


@pytest.mark.parametrize("surplus", [0, 1])
@pytest.mark.parametrize("piece", [1 << 20, 60_000, 4096])
def test_the_limit_of_a_head_is_exact(surplus: int, piece: int) -> None:
    """However it is cut, and also when the body comes in the same bytes."""
    start, end = HEAD + b"content-length: 200000\r\nx-a: ", b"\r\n\r\n"
    data = start + b"y" * (MAX_HEAD + surplus - len(start) - len(end)) + end + b"z" * 200_000
    *_, body, whole, _, fault = seen([data[i : i + piece] for i in range(0, len(data), piece)])
    if surplus:
        assert (whole, fault) == (False, "its headers are larger than 64 KiB")
    else:
        assert (len(body), whole, fault) == (200_000, True, "")


def test_tiny_chunks_for_ever_are_no_framing_without_a_word() -> None:
    incoming = fed(CHUNKED)
    for _ in range(MAX_FRAMING // 4):
        incoming.feed(b"1\r\n")
        incoming.feed(b"a")
        assert incoming.take() == b"a"
        incoming.feed(b"\r\n")


@pytest.mark.parametrize("rest", [b"surplus", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno"])
@pytest.mark.parametrize("apart", [False, True])
def test_bytes_behind_the_end_are_malformed_but_the_answer_is_whole(rest: bytes, apart: bool) -> None:
    answer = KEPT["content-length"]
    incoming = fed(answer) if apart else fed()
    with pytest.raises(Malformed):
        incoming.feed(rest if apart else answer + rest)
    assert incoming.complete
    assert incoming.take() == b"hello world"


def test_an_answer_to_no_request_is_malformed() -> None:
    with pytest.raises(Malformed, match="speaks unasked"):
        Incoming().feed(KEPT["chunked"])


def test_one_answer_after_the_other_on_one_connection() -> None:
    incoming = Incoming()
    for name in (*KEPT, *EMPTY, *KEPT):
        data = (KEPT | EMPTY)[name]
        incoming.begin()
        incoming.feed(data)
        assert incoming.complete, name
        assert b"".join(incoming.pieces) == (b"hello world" if name in KEPT else b""), name


@pytest.mark.parametrize("name", WHOLE)
def test_an_end_before_the_end_is_no_end(name: str) -> None:
    """A connection that ends anywhere else leaves an answer that is not whole: a cut must never look like an end."""
    data = WHOLE[name]
    until_close = name in ("to the end", "to the end, as identity", "HTTP/1.0")
    head = data.find(b"hello")
    for place in range(len(data)):
        assert fed(data[:place]).end() == (until_close and place >= head), place


def test_what_the_head_says() -> None:
    incoming = fed(HEAD + b"X-A:  1 \r\nx-a: \xc3\xa9\r\nContent-Encoding: GZip\r\ncontent-length: 0\r\n\r\n")
    assert incoming.raw_headers[:2] == [(b"X-A", b"1 "), (b"x-a", b"\xc3\xa9")]
    assert incoming.encoding == b"gzip"
    assert fed(HEAD + b"content-encoding: br\r\ncontent-encoding: gzip\r\n\r\n").encoding == b"br, gzip"
    assert fed(HEAD + b"content-encoding: identity\r\n\r\n").encoding == b""


def test_what_nobody_reads_is_dropped_up_to_a_limit() -> None:
    incoming = fed(CHUNKED + b"5\r\nhello\r\n")
    incoming.drop(100)
    incoming.feed(b"20\r\n" + b"x" * 32 + b"\r\n")
    assert incoming.pieces == []
    with pytest.raises(Malformed):
        incoming.feed(b"80\r\n" + b"x" * 128 + b"\r\n")
    incoming = fed(CHUNKED + b"5\r\nhello\r\n")
    incoming.drop(100)
    incoming.feed(b"0\r\n\r\n")
    assert incoming.complete
