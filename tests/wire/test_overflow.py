"""Overflow in the words of many backends."""

from __future__ import annotations

import pytest

from landbridge.wire.overflow import Overflow, find_overflow


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("the request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it", (5000, 4096)),
        (
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 10000 tokens. "
            "Please reduce the length of the messages.",
            (10000, 8192),
        ),
        (
            "This endpoint's maximum context length is 128000 tokens. However, you requested about 140000 tokens.",
            (140000, 128000),
        ),
        (
            "The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure",
            (5000, 4096),
        ),
        (
            "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
            (40000, 32768),
        ),
        (
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
            (1200000, 1048576),
        ),
        (
            "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with "
            "context length of only 4096 tokens, which is not enough.",
            (5000, 4096),
        ),
        (
            "This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
            (140000, 131072),
        ),
        ("prompt is too long: 41000 tokens > 32768 maximum", (41000, 32768)),
        ("Please reduce the length of the messages or completion.", (None, None)),
    ],
)
def test_p65_known_words(words: str, numbers: tuple[int | None, int | None]) -> None:
    found = find_overflow(words, ())
    assert found is not None
    assert (found.prompt, found.limit) == numbers


@pytest.mark.parametrize("code", ["context_length_exceeded", "exceed_context_size_error"])
def test_p65_a_code_is_enough(code: str) -> None:
    assert find_overflow("no", ("", code)) == Overflow()


@pytest.mark.parametrize(
    "words",
    [
        "This model's maximum context length is 32768 tokens. However, you requested 40768 tokens (8768 in the "
        "messages, 32000 in the completion). Please reduce the length of the messages or completion.",
        "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 32768 "
        "tokens and your request has 8768 input tokens (32000 > 32768 - 8768).",
    ],
)
def test_a_prompt_that_fits_without_its_answer_is_told_apart(words: str) -> None:
    found = find_overflow(words, ())
    assert found == Overflow(prompt=8768, limit=32768, output=32000)
    assert found.prompt_fits


@pytest.mark.parametrize("words", ["invalid tool schema", "messages: field required", "rate limit reached", ""])
def test_other_errors_are_no_overflow(words: str) -> None:
    assert find_overflow(words, ("invalid_request_error",)) is None
