"""What settings take is bounded: neither slips of the finger nor what timers cannot hold."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from landbridge.config.limits import MOST, YEAR, Chain, Count, CountOrNone, Dollars, Port, Seconds, SecondsOrNone


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Port, [0, 65535], [-1, 65536]),
        (Count, [1, MOST], [0, MOST + 1]),
        (CountOrNone, [0, MOST], [-1]),
        (Seconds, [0.1, YEAR], [0, YEAR + 1]),
        (SecondsOrNone, [0, YEAR], [-0.1]),
        (Dollars, [0, 0.15], [-1, 1_000_000]),
        (Chain, ["a", ["a", "b"]], [1, [1]]),
    ],
)
def test_what_is_taken_and_what_is_not(kind: Any, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        assert msgspec.convert(value, kind) == value
    for value in bad:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(value, kind)
