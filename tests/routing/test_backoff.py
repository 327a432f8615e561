"""Pauses between tries: jittered, growing, bounded, and as long as the target asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.routing.backoff import Backoff

BACKOFF = Backoff(first=0.25, longest=5.0)


@pytest.mark.parametrize(
    ("before", "draw", "asked", "pause"),
    [
        (0, 0.0, None, 0.0),
        (0, 1.0, None, 0.25),
        (1, 1.0, None, 0.5),
        (2, 0.5, None, 0.5),
        (10, 1.0, None, 5.0),
        (10_000, 1.0, None, 5.0),
        (0, 0.0, 2.0, 2.0),
        (0, 1.0, 2.0, 2.25),
        (0, 1.0, 5.0, 5.0),
        (0, 0.0, 5.1, None),
        (0, 0.0, 1e300, None),
    ],
)
def test_pauses(before: int, draw: float, asked: float | None, pause: float | None) -> None:
    assert BACKOFF.pause(before, draw, asked) == pause


@given(st.integers(0, 1000), st.floats(0, 1), st.none() | st.floats(0, 1e9))
def test_never_shorter_than_asked_nor_longer_than_the_longest(before: int, draw: float, asked: float | None) -> None:
    pause = BACKOFF.pause(before, draw, asked)
    assert (pause is None) is (asked is not None and asked > BACKOFF.longest)
    assert pause is None or (asked or 0.0) <= pause <= BACKOFF.longest
