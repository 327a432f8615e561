"""Token counts of every backend."""

from __future__ import annotations

import pytest

from landbridge.neutral.events import Usage
from landbridge.wire.openai_chat.types import encode
from landbridge.wire.openai_chat.usage import read_timings, read_usage, write_usage


@pytest.mark.parametrize(
    ("wire", "usage"),
    [
        (b'{"prompt_tokens":10,"completion_tokens":2}', Usage(input=10, output=2)),
        (
            b'{"prompt_tokens":10,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4}}',
            Usage(input=6, output=2, cache_read=4),
        ),
        (
            b'{"prompt_tokens":10,"completion_tokens":2,"prompt_cache_hit_tokens":3}',
            Usage(input=7, output=2, cache_read=3),
        ),
        (
            b'{"prompt_tokens":10,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":5}}',
            Usage(input=1, output=2, cache_read=4, cache_write=5),
        ),
        (
            b'{"prompt_tokens":1,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":7},"x":[]}',
            Usage(input=1, output=9, reasoning=7),
        ),
        (b'{"prompt_tokens":10.0,"completion_tokens":null}', Usage(input=10)),
        (b'{"prompt_tokens":2,"completion_tokens":1,"cached_tokens":9}', Usage(input=0, output=1, cache_read=9)),
        (b'{"prompt_tokens":0,"completion_tokens":0}', None),
        (b'{"prompt_tokens":"many"}', None),
        (b"null", None),
        (b"[]", None),
    ],
)
def test_p71_p72_cached_tokens_are_counted_once(wire: bytes, usage: Usage | None) -> None:
    assert read_usage(wire) == usage


def test_timings_of_llamacpp() -> None:
    assert read_timings(b'{"prompt_n":4,"cache_n":236,"predicted_n":35}') == Usage(input=4, output=35, cache_read=236)
    assert read_timings(b"{}") is None
    assert read_timings(b"5") is None


def test_what_is_written_is_read_again() -> None:
    usage = Usage(input=5, output=7, cache_read=3, cache_write=2, reasoning=1)
    wire = write_usage(usage)
    assert (wire["prompt_tokens"], wire["total_tokens"]) == (10, 17)
    assert read_usage(encode(wire)) == usage


def test_p76_no_counts_are_written_as_zero_without_details() -> None:
    assert write_usage(Usage()) == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
