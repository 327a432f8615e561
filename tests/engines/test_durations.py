"""Lengths of time in the settings."""

from __future__ import annotations

import pytest

from landbridge.engines.durations import seconds
from landbridge.errors import ConfigFault


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30s", 30.0), ("15m", 900.0), ("2h", 7200.0), ("1d", 86400.0), ("0.5s", 0.5), (" 5 M ", 300.0), ("never", None)],
)
def test_as_people_write_them(text: str, expected: float | None) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "15", "m", "-5m", "soon", "1m30s"])
def test_what_cannot_be_meant_is_said(text: str) -> None:
    with pytest.raises(ConfigFault, match="not a length of time"):
        seconds(text)
