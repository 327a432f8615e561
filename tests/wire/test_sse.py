"""The SSE decoder: the rules of the standard, then any cut of any stream."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.errors import Garbled
from landbridge.wire import sse
from landbridge.wire.sse import COMMENT, Record, SSEDecoder, data_record, record


def decode(*chunks: bytes) -> list[Record]:
    decoder = SSEDecoder()
    return [each for chunk in chunks for each in decoder.feed(chunk)] + decoder.close()


@pytest.mark.parametrize(
    ("stream", "records"),
    [
        (b"data: a\n\n", [(b"", b"a")]),
        (b"data:a\n\n", [(b"", b"a")]),
        (b"data:  a\n\n", [(b"", b" a")]),
        (b"event: e\ndata: a\n\n", [(b"e", b"a")]),
        (b"event:e\r\ndata: a\r\n\r\n", [(b"e", b"a")]),
        (b"data: a\r\rdata: b\r\r", [(b"", b"a"), (b"", b"b")]),
        (b"data: a\ndata: b\n\n", [(b"", b"a\nb")]),
        (b"data:\n\n", [(b"", b"")]),
        (b": comment\n\ndata: a\n: another\n\n", [(b"", b"a")]),
        (b"event: e\n\ndata: a\n\n", [(b"", b"a")]),
        (b"id: 1\nretry: 5\nnonsense\ndata: a\n\n", [(b"", b"a")]),
        (b"\xef\xbb\xbfdata: a\n\n", [(b"", b"a")]),
        (b"data: a\n\n\n\n\ndata: b\n\n", [(b"", b"a"), (b"", b"b")]),
        (b"data: a\n", [(b"", b"a")]),
        (b"data: a", [(b"", b"a")]),
        (b"data: a\r", [(b"", b"a")]),
        (b"event: e", []),
        (b"", []),
        (b"\xef\xbb", []),
        (b"\xef", []),
    ],
)
def test_records(stream: bytes, records: list[Record]) -> None:
    assert decode(stream) == records
    assert decode(*(stream[at : at + 1] for at in range(len(stream)))) == records


_LINES = st.sampled_from(
    [
        b"data: x",
        b"event: e\ndata: y\n\ndata: z",
        b"data: \xea\xb0\x80",
        b"event: e",
        b": c",
        b"",
        b"data:",
        b"junk",
        b"\xff",
    ]
)
_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


_Lines = list[tuple[bytes, bytes]]


def by_the_standard(stream: bytes) -> list[Record]:
    """The records of a whole stream, line by line as the standard says it, with no thought of speed."""
    records, event, data = [], b"", list[bytes]()
    for line in [*re.split(rb"\r\n|\n|\r", stream.removeprefix(b"\xef\xbb\xbf")), b""]:
        name, _, value = line.partition(b":")
        if not line:
            records += [(event, b"\n".join(data))] if data else []
            event, data = b"", []
        elif name == b"data" and b":" in line:
            data.append(value.removeprefix(b" "))
        elif name == b"event" and b":" in line:
            event = value.removeprefix(b" ")
    return records


@pytest.mark.parametrize("long", [0, 10, 1 << 16])
@given(st.lists(st.tuples(_LINES, _ENDS), max_size=12), st.lists(st.integers(0, 200), max_size=6), st.booleans())
def test_any_cut_gives_the_same_records(long: int, lines: _Lines, places: list[int], mark: bool) -> None:
    stream = b"\xef\xbb\xbf" * mark + b"".join(line + end for line, end in lines)
    places = sorted(places)
    pieces = [stream[start:end] for start, end in zip([0, *places], [*places, len(stream) + 200], strict=True)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sse, "_LONG", long)
        assert (
            by_the_standard(stream) == decode(stream) == decode(*pieces) == decode(*(bytes([byte]) for byte in stream))
        )


@given(st.binary(), st.binary())
def test_garbage_is_harmless(one: bytes, other: bytes) -> None:
    decode(one, other)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@given(st.binary().filter(lambda data: not set(data) & set(b"\r\n")), st.from_regex(rb"[a-z_.]*", fullmatch=True))
def test_what_is_written_is_read(end: bytes, data: bytes, event: bytes) -> None:
    records = [record(event, data), COMMENT, data_record(data), data_record(data)]
    stream = b"".join(records).replace(b"\n", end)
    assert decode(stream) == [(event, data), (b"", data), (b"", data)]
    assert decode(*(each.replace(b"\n", end) for each in records)) == decode(stream)


def test_p15_a_record_is_given_in_the_call_that_completes_it() -> None:
    decoder = SSEDecoder()
    assert decoder.feed("data: 가\n".encode()[:7]) == []
    assert decoder.feed("data: 가\n".encode()[7:]) == []
    assert decoder.feed(b"\n") == [(b"", "가".encode())]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("line", [b"data: " + b"x" * 50, b"data: x"])
def test_a_record_without_end_is_refused(line: bytes, end: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_RECORD", 100)
    decoder = SSEDecoder()
    with pytest.raises(Garbled, match="larger"):
        for _ in range(20):
            decoder.feed(line + end)


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_RECORD", 100)
    decoder = SSEDecoder()
    with pytest.raises(Garbled, match="larger"):
        for _ in range(20):
            decoder.feed(b"x" * 10)


def test_lines_of_a_record_without_end_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_RECORD", 100)
    monkeypatch.setattr(sse, "_LONG", 10)
    decoder = SSEDecoder()
    with pytest.raises(Garbled, match="larger"):
        for _ in range(20):
            decoder.feed(b"data: 1234567890\n")


def test_many_records_may_be_larger_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_RECORD", 100)
    assert len(SSEDecoder().feed(b"data: 1234567890\n\n" * 50)) == 50
