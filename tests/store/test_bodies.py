"""What was said is kept whole within its bound, and without anything that proves who said it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.store.bodies import Bodies, Round, Said, harmless, pack, unpack


@given(st.binary(max_size=200), st.binary(max_size=200), st.text(max_size=20), st.integers(0, 599))
def test_what_is_packed_comes_out(request: bytes, answer: bytes, model: str, status: int) -> None:
    said = Bodies(
        dialect="anthropic",
        model=model,
        headers={"anthropic-beta": "x"},
        request=request,
        rounds=[Round("http://h/v1", request, status, answer), Round("http://h/v2")],
        status=status,
        answer=answer,
        cut=3,
    )
    assert unpack(pack(said)) == said


def test_it_is_compressed() -> None:
    assert len(pack(Bodies("anthropic", request=b'{"role":"user"}' * 10_000))) < 2000


@pytest.mark.parametrize("content", [b"", b"\x02abc", b"\x01abc", pack(Bodies("x"))[:-4]])
def test_what_is_damaged_is_said(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"damaged|form"):
        unpack(content)


def test_a_bound_cuts_and_says_so() -> None:
    said = Said("anthropic", b"123456", room=10)
    asked = said.ask("http://h/v1?key=hush", b"7890123")
    asked.status = 200
    asked.received.add(b"more")
    said.answer.add(b"more")
    assert (said.size, said.cut) == (10, 11)
    assert said.bodies() == Bodies(
        dialect="anthropic", request=b"123456", rounds=[Round("http://h/v1", b"7890", 200)], cut=11
    )


def test_what_comes_in_pieces_is_kept_as_one() -> None:
    said = Said("anthropic", b"", room=100)
    asked = said.ask("http://h", b"q")
    for piece in (b"a", b"b", b"c"):
        asked.received.add(piece)
        said.answer.add(piece * 2)
    assert (said.bodies().rounds[0].received, said.bodies().answer) == (b"abc", b"aabbcc")


def test_headers_that_prove_who_it_is_are_not_kept() -> None:
    headers = [
        (b"authorization", b"Bearer hush"),
        (b"x-api-key", b"hush"),
        (b"x-goog-api-key", b"hush"),
        (b"cookie", b"hush"),
        (b"anthropic-version", b"2023-06-01"),
        (b"user-agent", b"u" * 10_000),
    ]
    assert harmless(headers) == {"anthropic-version": "2023-06-01"}
