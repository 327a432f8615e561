"""Limits are found in the many ways in which providers tell them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landbridge.providers.bounds import Bounds, bounds_in, bounds_of


@pytest.mark.parametrize(
    ("words", "window", "output"),
    [
        ("max_tokens is too large: 99999999. This model supports at most 16384 completion tokens", None, 16384),
        (
            "'max_tokens' or 'max_completion_tokens' is too large: 99999999. This model's maximum context length is "
            "8192 tokens and your request has 12 input tokens",
            8192,
            None,
        ),
        ("max_tokens: 99999999 > 64000, which is the maximum allowed number of output tokens for claude", None, 64000),
        ("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", None, 8192),
        ("`max_tokens` must be less than or equal to `32768`, the maximum value for `max_tokens`", None, 32768),
        ("Unable to submit: the supported range is from 1 (inclusive) to 65537 (exclusive)", None, 65537),
        (
            "This model's maximum context length is 131072 tokens. However, you requested 99999999 tokens",
            131072,
            None,
        ),
        ("the context size is 4096", 4096, None),
        ("Invalid request", None, None),
    ],
)
def test_limits_that_refusals_name(words: str, window: int | None, output: int | None) -> None:
    assert bounds_in(words) == Bounds(window, output)


@pytest.mark.parametrize(
    ("entry", "bounds"),
    [
        ({"id": "m", "context_length": 131072, "top_provider": {"max_completion_tokens": 8192}}, Bounds(131072, 8192)),
        ({"id": "m", "max_model_len": 32768}, Bounds(32768)),
        ({"id": "m", "context_window": 4096, "max_completion_tokens": 1024}, Bounds(4096, 1024)),
        ({"id": "m", "max_input_tokens": 200000, "max_tokens": 64000}, Bounds(200000, 64000)),
        ({"id": "m", "meta": {"n_ctx": 8192}}, Bounds(8192)),
        ({"id": "m", "capabilities": {"limits": {"max_context_window_tokens": 128000}}}, Bounds(128000)),
        ({"name": "models/m", "inputTokenLimit": 1048576, "outputTokenLimit": 65536}, Bounds(1048576, 65536)),
        ({"id": "m", "context_length": None, "max_tokens": True, "max_output_tokens": "8k"}, Bounds()),
        ({"id": "other", "context_length": 1}, Bounds()),
    ],
)
def test_limits_that_lists_state(entry: dict[str, Any], bounds: Bounds) -> None:
    others = [{"id": "x", "context_length": 7}, None, "m", 5]
    for body in ({"data": [*others, entry]}, {"models": [entry]}, [entry, *others]):
        assert bounds_of(json.dumps(body).encode(), "m") == bounds


@pytest.mark.parametrize("body", [b"", b"\xff", b"null", b"5", b'{"data": null}', b'{"data": {"m": 1}}', b"[" * 5000])
def test_lists_that_are_none_state_nothing(body: bytes) -> None:
    assert bounds_of(body, "m") == Bounds()
