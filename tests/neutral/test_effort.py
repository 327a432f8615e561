"""One scale of effort: words, tokens, and the nearest word a model knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.neutral.effort import EFFORTS, USUAL, budget_of, effort_of, nearest

WORDS = st.sampled_from(EFFORTS)


def test_the_words_rise_and_so_do_their_tokens() -> None:
    assert EFFORTS == ("minimal", "low", "medium", "high", "xhigh", "max")
    budgets = [budget_of(word) for word in EFFORTS]
    assert budgets == sorted(set(budgets))
    assert budgets[0] == 1024, "the fewest Anthropic takes"
    assert budgets[-1] == 31_999, "the most Claude Code asks for"


@pytest.mark.parametrize("word", EFFORTS)
def test_a_word_comes_back_from_its_tokens(word: str) -> None:
    assert effort_of(budget_of(word)) == word


@pytest.mark.parametrize("word", ["", "new", "none"])
def test_a_word_nobody_knows_is_the_usual_effort(word: str) -> None:
    assert budget_of(word) == budget_of(USUAL)


@pytest.mark.parametrize(
    ("budget", "word"),
    [
        (-1, "minimal"),
        (0, "minimal"),
        (1, "minimal"),
        (1448, "minimal"),
        (1449, "low"),
        (4096, "low"),
        (4097, "medium"),
        (10_000, "medium"),
        (16_000, "high"),
        (20_000, "high"),
        (24_000, "xhigh"),
        (32_000, "max"),
        (1 << 40, "max"),
    ],
)
def test_tokens_are_the_word_they_are_nearest_to(budget: int, word: str) -> None:
    assert effort_of(budget) == word


@given(st.integers(0, 200_000), st.integers(0, 200_000))
def test_more_tokens_are_never_less_effort(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert EFFORTS.index(effort_of(low)) <= EFFORTS.index(effort_of(high))


@pytest.mark.parametrize(
    ("effort", "known", "found"),
    [
        ("medium", EFFORTS, "medium"),
        ("max", ("low", "medium", "high"), "high"),
        ("minimal", ("none", "low", "medium", "high"), "low"),
        ("medium", ("low", "high"), "low"),
        ("xhigh", ("high", "max"), "high"),
        ("high", ("none",), ""),
        ("high", (), ""),
        ("", ("low",), ""),
        ("none", ("low",), ""),
        ("none", ("none", "low"), "none"),
        ("ultra", ("low",), ""),
        ("ultra", ("low", "ultra"), "ultra"),
    ],
)
def test_the_nearest_word_a_model_knows(effort: str, known: tuple[str, ...], found: str) -> None:
    assert nearest(effort, known) == found


@given(WORDS, st.lists(WORDS, unique=True))
def test_the_nearest_is_known_and_none_is_nearer(effort: str, known: list[str]) -> None:
    found = nearest(effort, known)
    assert (found in known) if known else (found == "")
    steps = [abs(EFFORTS.index(word) - EFFORTS.index(effort)) for word in known]
    assert not known or abs(EFFORTS.index(found) - EFFORTS.index(effort)) == min(steps)


@given(WORDS, WORDS, st.lists(WORDS, unique=True, min_size=1))
def test_more_effort_is_never_brought_to_less(one: str, other: str, known: list[str]) -> None:
    low, high = sorted((one, other), key=EFFORTS.index)
    assert EFFORTS.index(nearest(low, known)) <= EFFORTS.index(nearest(high, known))
