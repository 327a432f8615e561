"""Token counts of the Messages API."""

from __future__ import annotations

import json

import pytest
from anthropic.types import Usage as SdkUsage
from hypothesis import given
from hypothesis import strategies as st

from landbridge.neutral.events import Usage
from landbridge.wire.anthropic.usage import read_usage, write_usage

_counts = st.none() | st.integers(0, 1 << 40)
_usages = st.builds(
    Usage, input=_counts, output=_counts, cache_read=_counts, cache_write=_counts, searches=_counts, reasoning=_counts
)


def test_everything_is_read() -> None:
    wire = {
        "input_tokens": 3,
        "output_tokens": 7,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 30,
        "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 10},
        "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 1},
        "service_tier": "priority",
        "new_counts": {"x": [1]},
    }
    usage = read_usage(json.dumps(wire).encode())
    assert usage == Usage(input=3, output=7, cache_read=100, cache_write=30, cache_write_1h=10, searches=2, fetches=1)
    assert usage.prompt == 133


@pytest.mark.parametrize("raw", [b"", b"null", b"5", b"[]", b'"x"', b'{"input_tokens":"many"}', b"{", b"\xff"])
def test_what_is_no_usage_says_nothing(raw: bytes) -> None:
    assert read_usage(raw) == Usage()


def test_p70_the_last_delta_says_only_what_it_knows() -> None:
    start = read_usage(b'{"input_tokens":3,"cache_read_input_tokens":100,"output_tokens":1}')
    delta = read_usage(b'{"output_tokens":9,"cache_read_input_tokens":null}')
    assert start.merged(delta) == Usage(input=3, output=9, cache_read=100)


def test_p69_every_count_is_there_and_none_is_null() -> None:
    assert json.loads(write_usage(Usage())) == {
        "input_tokens": 0,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 0,
        "service_tier": "standard",
    }


@given(_usages)
def test_p69_p72_counts_are_whole_and_come_back(usage: Usage) -> None:
    wire = write_usage(usage)
    SdkUsage.model_validate(json.loads(wire), strict=True)
    again = read_usage(wire)
    assert again.prompt == usage.prompt, "cached tokens are counted once"
    assert (again.input, again.output) == (usage.input or 0, usage.output or 0)
    assert (again.cache_read, again.cache_write) == (usage.cache_read or 0, usage.cache_write or 0)
    assert again.searches == usage.searches


def test_what_was_written_is_split_by_how_long_it_lasts() -> None:
    creation = json.loads(write_usage(Usage(cache_write=30, cache_write_1h=10)))["cache_creation"]
    assert creation == {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 10}
    assert json.loads(write_usage(Usage(cache_write_1h=10)))["cache_creation"]["ephemeral_5m_input_tokens"] == 0


def test_searches_and_fetches_are_counted_together() -> None:
    for usage in (Usage(searches=2), Usage(fetches=1), Usage(searches=2, fetches=1)):
        wire = json.loads(write_usage(usage))["server_tool_use"]
        assert wire == {"web_search_requests": usage.searches or 0, "web_fetch_requests": usage.fetches or 0}
    assert "server_tool_use" not in json.loads(write_usage(Usage(input=1)))
