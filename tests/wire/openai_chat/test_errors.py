"""Upstream errors to ours, and ours to the dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.shared import ErrorObject

from landbridge.errors import (
    BadRequest,
    BudgetSpent,
    Forbidden,
    Garbled,
    GatewayError,
    Overloaded,
    ProviderFault,
    ProviderLimit,
    RateLimited,
    Refused,
    TimedOut,
    TooLong,
    Unauthorized,
    UnknownModel,
)
from landbridge.wire.dialects import dialect
from landbridge.wire.openai_chat.errors import read_error, read_error_object, write_error


def body(message: str = "no", **more: object) -> bytes:
    return json.dumps({"error": {"message": message, **more}}).encode()


@pytest.mark.parametrize(
    ("status", "kind", "shown"),
    [
        (400, Refused, 400),
        (401, Forbidden, 403),
        (402, Refused, 402),
        (403, Forbidden, 403),
        (404, UnknownModel, 404),
        (413, Refused, 413),
        (422, Refused, 422),
        (429, ProviderLimit, 429),
        (408, TimedOut, 504),
        (500, ProviderFault, 502),
        (503, Overloaded, 529),
        (504, TimedOut, 504),
        (529, Overloaded, 529),
    ],
)
def test_status_decides(status: int, kind: type[GatewayError], shown: int) -> None:
    error = read_error(status, body("these words"), "provider:lab", {})
    assert (type(error), error.status, error.origin) == (kind, shown, "provider:lab")
    assert "these words" in error.message and "provider:lab" in error.message


def test_p65_overflow_has_its_numbers() -> None:
    full = body("too big", code=400, type="exceed_context_size_error", n_prompt_tokens=5000, n_ctx=4096)
    assert read_error(400, full, "o", {}) == TooLong(5000, 4096, origin="o")
    assert read_error(400, body("x", code="context_length_exceeded"), "o", {}) == TooLong(None, None, origin="o")


def test_p65_an_answer_that_is_too_long_asks_for_a_smaller_one() -> None:
    words = "This model's maximum context length is 40000 tokens. However, you requested 52000 tokens (20000 in the"
    error = read_error(400, body(f"{words} messages, 32000 in the completion)."), "o", {})
    assert error.message == "input length and `max_tokens` exceed context limit: 20000 + 32000 > 40000"
    assert error.status == 400


def test_a_rate_limit_says_how_long_and_why() -> None:
    error = read_error(429, body(code="insufficient_quota"), "o", {"retry-after": "7"})
    assert (error.retry_after, error.code) == (7.0, "insufficient_quota")
    assert "billing" in error.remedy
    assert read_error(429, body(), "o", {"retry-after-ms": "1500"}).retry_after == 1.5
    assert read_error(429, body(), "o", {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}).retry_after is None


@pytest.mark.parametrize(
    "answer",
    [
        b'{"error":"broken"}',
        b'{"detail":"broken"}',
        b'{"type":"https://api.backend.ai/probs/x","title":"broken"}',
        b'{"object":"error","message":"broken","code":400}',
        b'[{"error":{"message":"broken"}}]',
        b'{"error":{"message":"failed","metadata":{"raw":"broken"}}}',
        b"broken",
    ],
)
def test_the_providers_words_are_found(answer: bytes) -> None:
    assert "broken" in read_error(400, answer, "o", {}).message


def test_p100_a_web_page_says_where_it_came_from() -> None:
    error = read_error(403, b"<!DOCTYPE html><html><title>Attention Required!</title>", "provider:lab", {})
    assert "provider:lab, or something in front of it" in error.message
    assert "Attention Required!" in error.message
    assert isinstance(read_error(200, b"<html>", "o", {}), Garbled)


@given(st.integers(0, 999), st.binary() | st.from_regex(r"\{\"error\":.*\}").map(str.encode))
def test_law_9_anything_becomes_an_error(status: int, answer: bytes) -> None:
    assert read_error(status, answer, "o", {}).message


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b'{"message":"m","code":429}', ProviderLimit),
        (b'{"message":"m","type":"overloaded_error"}', Overloaded),
        (b'{"message":"m","type":"invalid_request_error"}', Refused),
        (b'"m"', ProviderFault),
        (b"m", ProviderFault),
    ],
)
def test_errors_inside_a_stream(raw: bytes, kind: type[GatewayError]) -> None:
    error = read_error_object(raw, "o")
    assert type(error) is kind
    assert "m" in error.message


@pytest.mark.parametrize(
    ("error", "type", "code"),
    [
        (TooLong(9, 4), "invalid_request_error", "context_length_exceeded"),
        (Unauthorized("no"), "authentication_error", "invalid_api_key"),
        (UnknownModel("no"), "invalid_request_error", "model_not_found"),
        (RateLimited("no"), "rate_limit_error", "rate_limit_exceeded"),
        (BudgetSpent("no"), "insufficient_quota", "insufficient_quota"),
        (Forbidden("no"), "permission_error", None),
        (ProviderFault("no"), "server_error", None),
    ],
)
def test_written_errors_are_openais(error: GatewayError, type: str, code: str | None) -> None:
    wire = ErrorObject.model_validate(json.loads(write_error(error, "req_1"))["error"], strict=True)
    assert (wire.type, wire.code) == (type, code)
    assert wire.message.startswith(error.message)
    assert wire.param is None


@pytest.mark.parametrize(
    ("dialect_name", "body", "param"),
    [
        ("openai_chat", {"model": "m"}, "messages"),
        ("openai_chat", {"model": "m", "messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ("openai_chat", {"model": "m", "messages": [], "tools": [{"type": "function"}]}, "tools[0].function"),
        ("openai_chat", {"model": "m", "messages": [], "temperature": "hot"}, "temperature"),
        ("openai_responses", {"model": "m", "input": [{"role": "user", "content": 5}]}, "input[0].content"),
        ("openai_responses", {"model": "m", "input": "x", "background": True}, "background"),
        ("openai_responses", {"model": "m", "input": "x", "tools": [{"type": "function"}]}, "tools[0].name"),
        ("openai_legacy", {"model": "m", "prompt": "x", "best_of": 5}, "best_of"),
    ],
)
def test_the_field_at_fault_is_named(dialect_name: str, body: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        dialect(dialect_name).read_request(json.dumps(body).encode())
    wire = json.loads(dialect(dialect_name).write_error(caught.value, "req_1"))["error"]
    assert wire["param"] == param
    assert wire["message"].startswith(param)


def test_an_overflow_is_said_in_both_dialects_words() -> None:
    message = json.loads(write_error(TooLong(9, 4), ""))["error"]["message"]
    assert message.startswith("prompt is too long: 9 tokens > 4 maximum")
    assert "maximum context length is 4 tokens" in message
