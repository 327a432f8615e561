"""Counts are counts, however they are written."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.wire.counts import LARGEST, read_count


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (0, 0),
        (7, 7),
        (7.0, 7),
        (7.9, 7),
        (-1, 0),
        (-0.5, 0),
        (LARGEST - 1, LARGEST - 1),
        (LARGEST, None),
        (1e300, None),
        (float("nan"), None),
        (float("inf"), None),
        (True, None),
        (None, None),
        ("7", None),
        ([7], None),
    ],
)
def test_what_is_a_count(value: Any, count: int | None) -> None:
    assert read_count(value) == count
