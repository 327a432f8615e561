"""Answers leave in the pieces that were chosen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from landbridge.conformance.play import Bytes, Call, Manner, Says, Text, fragments, says


@given(st.binary(min_size=1), st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_cuts_lose_nothing(body: bytes, cuts: list[int]) -> None:
    pieces = Bytes(body=body, stream=True, manner=Manner(cuts=tuple(cuts))).pieces()
    assert b"".join(pieces) == body
    assert all(len(piece) <= max(cuts) for piece in pieces)


def test_streams_leave_record_by_record_and_wholes_in_one() -> None:
    body = b"data: 1\n\ndata: 2\n\nrest"
    assert Bytes(body=body, stream=True).pieces() == [b"data: 1\n\n", b"data: 2\n\n", b"rest"]
    assert Bytes(body=body).pieces() == [body]


def test_an_answer_may_end_early() -> None:
    assert Bytes(body=b"12345", manner=Manner(until=-2)).pieces() == [b"123"]
    assert b"".join(Bytes(body=b"12345", manner=Manner(until=0)).pieces()) == b""


def test_strings_are_text() -> None:
    assert says("a", Call("f", "{}")) == Says((Text("a"), Call("f", "{}")))


@given(st.text(), st.integers(1, 9))
def test_fragments_join_to_the_text(text: str, size: int) -> None:
    assert "".join(fragments(text, size)) == text
