"""What an answer turns out to be, cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.errors import Garbled
from landbridge.wire import opening
from landbridge.wire.opening import Opening

MARK = b"\xef\xbb\xbf"


def fed(*pieces: bytes) -> tuple[Opening, bytes]:
    """The opening after these pieces, and what it gave as bytes of a stream; a reader stops feeding it then."""
    made, stream = Opening("provider:lab", b"{["), b""
    for piece in pieces:
        stream += piece if made.is_stream else made.feed(piece)
    return made, stream


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces: list[bytes] = []
    for size in sizes:
        pieces.append(data[:size])
        data = data[size:]
    return [*pieces, data]


@given(mark=st.booleans(), blanks=st.sampled_from([b"", b" ", b"\n\r\n"]), sizes=st.lists(st.integers(0, 4)))
def test_law_1_any_cut_says_the_same(mark: bool, blanks: bytes, sizes: list[int]) -> None:
    begin = (MARK if mark else b"") + blanks
    stream, given_on = fed(*cut(begin + b"data: {}", sizes))
    assert stream.is_stream and given_on == blanks + b"data: {}" and stream.whole is None
    whole, nothing = fed(*cut(begin + b'{"a": 1}', sizes))
    assert whole.whole == blanks + b'{"a": 1}' and nothing == b"" and not whole.is_stream
    with pytest.raises(
        Garbled, match="provider:lab, or something in front of it, answered with HTTP 200 with a web page"
    ):
        fed(*cut(begin + b"<", sizes))


@pytest.mark.parametrize("data", [b"", b" \n", MARK[:2], MARK])
def test_until_something_has_come_nobody_knows(data: bytes) -> None:
    made, stream = fed(data)
    assert (stream, made.is_stream, made.whole) == (b"", False, None)
    assert made.heard == bool(data)


def test_only_what_the_dialect_begins_answers_with_is_one() -> None:
    made = Opening("provider:lab", b"[")
    assert made.feed(b"{}") == b"{}" and made.is_stream


def test_an_answer_of_endless_size_is_not_hoarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_RECORD", 100)
    made = Opening("provider:lab", b"{[")
    made.feed(b"{" + b" " * 90)
    with pytest.raises(Garbled, match="provider:lab sent an answer that is too large"):
        made.feed(b" " * 90)
