"""Requests and tokens a minute: what is too fast waits for a known time, and what was refused is not counted."""

from __future__ import annotations

import pytest

from landbridge.access.grant import Grant
from landbridge.access.pace import Pace
from landbridge.errors import RateLimited


def key(rpm: int | None = None, tpm: int | None = None, id: str = "a") -> Grant:
    return Grant(id=id, name="ann", rpm=rpm, tpm=tpm)


def refused(pace: Pace, grant: Grant, tokens: int, at: float) -> RateLimited:
    with pytest.raises(RateLimited) as caught:
        pace.reserve(grant, tokens, at)
    return caught.value


def test_requests_a_minute() -> None:
    pace, grant = Pace(), key(rpm=2)
    pace.reserve(grant, 10, 100.0)
    pace.reserve(grant, 10, 100.0)
    error = refused(pace, grant, 10, 100.0)
    assert (error.status, error.retryable) == (429, True)
    assert error.text.startswith("The key 'ann' may use 2 requests a minute. Try again in ")
    assert error.retry_after is not None
    pace.reserve(grant, 10, 100.0 + error.retry_after + 0.001)
    pace.reserve(key(rpm=2, id="b"), 10, 100.0)


def test_tokens_are_reserved_by_guess_and_settled_by_what_they_were() -> None:
    pace, grant = Pace(), key(tpm=100)
    pace.reserve(grant, 80, 100.0)
    assert "100 tokens a minute" in refused(pace, grant, 30, 100.0).text
    pace.settle(grant, 80, 10, 101.0)
    pace.reserve(grant, 30, 101.0)
    pace.settle(grant, 30, 500, 102.0)
    assert refused(pace, grant, 1, 102.0).retry_after is not None


def test_a_request_larger_than_the_limit_goes_alone() -> None:
    pace, grant = Pace(), key(tpm=100)
    pace.reserve(grant, 5000, 100.0)
    refused(pace, grant, 1, 100.0)


def test_what_is_refused_for_its_tokens_is_no_request() -> None:
    pace, grant = Pace(), key(rpm=2, tpm=100)
    pace.reserve(grant, 100, 100.0)
    refused(pace, grant, 50, 100.0)
    pace.settle(grant, 100, 0, 100.0)
    pace.reserve(grant, 50, 100.0)
    assert "requests" in refused(pace, grant, 1, 100.0).text


def test_no_limits_count_nothing() -> None:
    pace = Pace()
    for _ in range(1000):
        pace.reserve(key(), 10**9, 100.0)
        pace.settle(key(), 1, 10**9, 100.0)


def test_keys_that_are_gone_are_forgotten() -> None:
    pace, grant = Pace(), key(rpm=1)
    pace.reserve(grant, 1, 100.0)
    pace.keep_only(["a"])
    refused(pace, grant, 1, 100.0)
    pace.keep_only([])
    pace.reserve(grant, 1, 100.0)
