"""Batches of a prompt are small enough that a client who leaves is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines.batch import FINEST_BATCH, cancellable_batch


@pytest.mark.parametrize(
    ("batch", "size", "threads", "expected"),
    [
        (512, 98_362_432, 1, 16),
        (512, 98_362_432, 8, 240),
        (8, 98_362_432, 1, 8),
        (512, 10**10, 4, 16),
        (512, 0, 1, 512),
    ],
)
def test_p84_batches_are_small_enough_to_cancel(batch: int, size: int, threads: int, expected: int) -> None:
    assert cancellable_batch(batch, size, threads) == expected


SLOWEST = 79 * 98_362_432
"""Tokens a second of one core, times bytes of the model, on the slowest machine that was measured."""


@given(size=st.integers(1, 10**11), threads=st.integers(1, 128))
def test_p84_two_batches_take_a_second_at_most_unless_there_are_no_finer_ones(size: int, threads: int) -> None:
    batch = cancellable_batch(512, size, threads)
    assert batch == FINEST_BATCH or 2 * batch * size / (SLOWEST * threads) <= 1
