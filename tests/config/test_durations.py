"""Lengths of time as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.config.durations import LONGEST, parse_duration
from landbridge.errors import ConfigFault


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("15m", 900),
        ("2h", 7200),
        ("1d", 86400),
        ("0.5s", 0.5),
        ("0s", 0),
        (" 15 M ", 900),
        ("366d", LONGEST),
    ],
)
def test_lengths(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["never", " Never "])
def test_never_is_no_length(text: str) -> None:
    assert parse_duration(text) is None


@pytest.mark.parametrize(
    "text", ["", "15", "m", "15 min", "-1s", "1e3s", "1h30m", ".5s", "nan", "inf s", "٣m", "1s\n2s"]
)
def test_what_is_no_length_is_said_with_the_form_that_is(text: str) -> None:
    with pytest.raises(ConfigFault) as caught:
        parse_duration(text)
    assert repr(text)[1:-1] in caught.value.message or text in caught.value.message
    assert "15m" in caught.value.remedy


@pytest.mark.parametrize("text", ["367d", "9" * 400 + "s"])
def test_no_timer_gets_what_it_cannot_hold(text: str) -> None:
    with pytest.raises(ConfigFault, match="longer than a year"):
        parse_duration(text)


@given(st.text())
def test_any_text_is_a_length_or_our_error(text: str) -> None:
    try:
        seconds = parse_duration(text)
    except ConfigFault:
        return
    assert seconds is None or 0 <= seconds <= LONGEST
