"""Token counts as backends write them."""

from __future__ import annotations

from typing import Any

LARGEST = 2**53
"""What is not below it is no count: JSON numbers are exact up to there."""


def read_count(value: Any) -> int | None:
    """A token count, whatever number it was written as; None for anything else."""
    if type(value) is int and 0 <= value < LARGEST:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return max(0, int(value)) if abs(value) < LARGEST else None
