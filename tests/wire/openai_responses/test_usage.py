"""Token counts, with what is cached apart."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from openai.types.responses import ResponseUsage

from landbridge.neutral.events import Usage
from landbridge.wire.openai_responses.usage import read_usage, write_usage
from tests.laws.machines import counted
from tests.laws.strategies import usages


def read(value: object, tools: object = None) -> Usage | None:
    return read_usage(json.dumps(value).encode(), json.dumps(tools).encode())


def test_p71_p72_cached_tokens_are_read_and_no_input() -> None:
    wire = {
        "input_tokens": 100,
        "input_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 10},
        "output_tokens": 20,
        "output_tokens_details": {"reasoning_tokens": 12},
        "total_tokens": 120,
    }
    assert read(wire) == Usage(input=26, output=20, cache_read=64, cache_write=10, reasoning=12)


def test_searches_are_counted() -> None:
    found = read({"input_tokens": 1, "output_tokens": 1}, {"web_search": {"num_requests": 2}})
    assert found is not None and found.searches == 2
    assert read({"input_tokens": 1}, {"web_search": {"num_requests": 0}}) == Usage(input=1)


@pytest.mark.parametrize("odd", [None, [], "x", {}, {"input_tokens": 0, "output_tokens": 0}, {"input_tokens": "many"}])
def test_what_counts_nothing_is_no_usage(odd: object) -> None:
    assert read(odd) is None


@pytest.mark.parametrize("odd", [True, "x", float(2**60), [1]])
def test_odd_counts_are_not_said(odd: object) -> None:
    assert read({"input_tokens": 5, "output_tokens": odd}) == Usage(input=5)
    assert read({"input_tokens": 5, "output_tokens": 1}, odd) == Usage(input=5, output=1)


def test_more_cached_than_sent_is_no_negative_count() -> None:
    assert read({"input_tokens": 5, "input_tokens_details": {"cached_tokens": 9}}) == Usage(input=0, cache_read=9)


@given(usage=usages)
def test_law_5_p69_usage_comes_back_and_is_whole(usage: Usage) -> None:
    wire = write_usage(usage)
    ResponseUsage.model_validate(wire, strict=True)
    assert wire["total_tokens"] == wire["input_tokens"] + wire["output_tokens"]
    again = read_usage(json.dumps(wire).encode()) or Usage()
    assert counted(again) == counted(usage) or not (usage.prompt or usage.output)
