"""Token counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import encode

from landbridge.neutral.events import Usage
from landbridge.wire.gemini.usage import read_usage, write_usage


def test_p71_p72_the_prompt_includes_what_is_cached() -> None:
    usage = read_usage(b'{"promptTokenCount":100,"cachedContentTokenCount":60,"candidatesTokenCount":7}')
    assert usage == Usage(input=40, output=7, cache_read=60)
    assert usage.prompt == 100


def test_the_answer_includes_the_thoughts() -> None:
    usage = read_usage(b'{"promptTokenCount":1,"candidatesTokenCount":7,"thoughtsTokenCount":5}')
    assert usage == Usage(input=1, output=12, reasoning=5)
    assert read_usage(b'{"promptTokenCount":1,"thoughtsTokenCount":5}') == Usage(input=1, output=5, reasoning=5)


def test_what_googles_tools_put_into_the_prompt_is_input() -> None:
    assert read_usage(b'{"promptTokenCount":10,"toolUsePromptTokenCount":4,"candidatesTokenCount":1}') == Usage(14, 1)


def test_counts_may_be_strings_of_digits() -> None:
    assert read_usage(b'{"promptTokenCount":"12","candidatesTokenCount":"3"}') == Usage(input=12, output=3)


@pytest.mark.parametrize(
    "raw", [b"{}", b"null", b"[1]", b"no json", b'{"promptTokenCount":0}', b'{"totalTokenCount":4}']
)
def test_what_counts_nothing_is_none(raw: bytes) -> None:
    assert read_usage(raw) is None


@pytest.mark.parametrize("count", ["true", '"x"', "1e300", "[]", "null", '"1.5"'])
def test_odd_counts_are_not_said(count: str) -> None:
    raw = f'{{"promptTokenCount":{count},"candidatesTokenCount":3}}'.encode()
    assert read_usage(raw) == Usage(output=3)


def test_counts_are_never_negative() -> None:
    assert read_usage(b'{"promptTokenCount":3,"cachedContentTokenCount":9}') == Usage(input=0, cache_read=9)
    assert read_usage(b'{"promptTokenCount":5,"candidatesTokenCount":-2}') == Usage(input=5, output=0)
    assert write_usage(Usage(input=1, output=2, reasoning=5))["candidatesTokenCount"] == 0


def test_the_total_is_the_sum() -> None:
    assert write_usage(Usage(input=4, output=9, cache_read=2, cache_write=1, reasoning=3)) == {
        "promptTokenCount": 7,
        "candidatesTokenCount": 6,
        "cachedContentTokenCount": 2,
        "thoughtsTokenCount": 3,
        "totalTokenCount": 16,
    }
    assert write_usage(Usage()) == {"promptTokenCount": 0, "candidatesTokenCount": 0, "totalTokenCount": 0}


small = st.integers(0, 1 << 40)


@given(input=st.integers(1, 1 << 40), output=small, cached=st.none() | small)
def test_law_5_counts_come_back(input: int, output: int, cached: int | None) -> None:
    usage = Usage(input=input, output=output, cache_read=cached)
    assert read_usage(encode(write_usage(usage))) == usage
