"""Batches of a prompt are small enough that a client who leaves is noticed."""

from __future__ import annotations

import pytest

from landbridge.engines.batch import cancellable_batch


@pytest.mark.parametrize(
    ("batch", "size", "threads", "expected"),
    [
        (512, 98_362_432, 1, 48),
        (512, 98_362_432, 8, 384),
        (16, 98_362_432, 1, 16),
        (512, 10**10, 4, 32),
        (512, 0, 1, 512),
    ],
)
def test_p84_batches_are_small_enough_to_cancel(batch: int, size: int, threads: int, expected: int) -> None:
    assert cancellable_batch(batch, size, threads) == expected
