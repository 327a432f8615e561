"""The limits an engine's owner works with, and what is said when there is no lease."""

from __future__ import annotations

import pytest

from landbridge.engines.backing import Limits, being_stopped, defect, too_often
from landbridge.errors import ConfigFault, NoMemory


def test_limits_are_read_from_the_words_of_the_settings() -> None:
    limits = Limits("15m", 7, 3)
    assert (limits.idle_seconds, limits.max_queue, limits.max_restarts) == (900.0, 7, 3)


def test_an_engine_may_stay_for_ever() -> None:
    assert Limits("never", 1, 1).idle_seconds is None


def test_a_length_of_time_that_cannot_be_meant_is_the_settings_fault() -> None:
    with pytest.raises(ConfigFault, match="soon"):
        Limits("soon", 1, 1)


def test_too_often_names_the_last_reason_and_when_to_come_again() -> None:
    fault = too_often("m", 3, NoMemory("It needs 9 GB."), 120.0)
    assert "'m' failed 3 times in a row" in fault.message
    assert "It needs 9 GB." in fault.message
    assert (fault.retry_after, fault.origin, fault.status) == (120.0, "engine:m", 503)


def test_too_often_asks_for_at_least_a_second_and_can_do_without_a_reason() -> None:
    fault = too_often("m", 1, None, -5.0)
    assert fault.retry_after == 1.0
    assert "no reason is known" in fault.message


def test_each_says_whose_engine_it_is_and_what_to_do() -> None:
    for fault in (being_stopped("m"), defect("m", KeyError("secret"))):
        assert fault.origin == "engine:m"
        assert "'m'" in fault.message
        assert fault.remedy
    assert "secret" not in defect("m", KeyError("secret")).text
