"""Two answers, word by word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from landbridge.dashboard.pages.requests_compare import PIECES, WORDS, compared


def test_what_only_one_says_is_marked() -> None:
    before, after = compared("Hello there, friend.", "Hello, dear friend.")
    assert "".join(text for text, _ in before) == "Hello there, friend."
    assert [text.strip() for text, kind in before if kind] != []
    assert any("dear" in text and kind == "new" for text, kind in after)
    assert any("there" in text and kind == "gone" for text, kind in before)
    assert any("friend" in text and not kind for text, kind in after)


@given(st.text(), st.text())
def test_law_nothing_is_lost(one: str, other: str) -> None:
    before, after = compared(one, other)
    assert ("".join(text for text, _ in before), "".join(text for text, _ in after)) == (one, other)


def test_the_same_and_the_endless_are_not_marked() -> None:
    assert compared("a b", "a b") == ([("a b", "")], [("a b", "")])
    long = "word " * (WORDS + 1)
    assert compared(long, "word") == ([(long, "")], [("word", "")])


def test_quite_another_answer_is_one_piece() -> None:
    words = [f"{n} same " for n in range(PIECES)]
    before, after = compared("".join(words), "".join(f"x{each}" for each in words))
    assert (len(before), before[0][1], after[0][1]) == (1, "gone", "new")
