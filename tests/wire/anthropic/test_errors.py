"""Errors of Messages upstreams, and ours as clients of the dialect read them."""

from __future__ import annotations

import json

import pytest

from landbridge.errors import (
    BadRequest,
    BudgetSpent,
    Crashed,
    Cut,
    Forbidden,
    Garbled,
    GatewayError,
    NoMemory,
    Overloaded,
    ProviderFault,
    ProviderLimit,
    RateLimited,
    Refused,
    TimedOut,
    TooLarge,
    TooLong,
    Unauthorized,
    UnknownModel,
    UnknownPath,
)
from landbridge.wire.anthropic.errors import read_error, read_error_object, write_error
from tests.fakes.answers import anthropic_error


def read(status: int, type: str = "x", message: str = "no", **headers: str) -> GatewayError:
    return read_error(*anthropic_error(status, type, message), "provider:lab", headers)


@pytest.mark.parametrize(
    ("status", "type", "kind", "ours"),
    [
        (400, "invalid_request_error", Refused, 400),
        (401, "authentication_error", Forbidden, 403),
        (402, "billing_error", Refused, 402),
        (403, "permission_error", Forbidden, 403),
        (404, "not_found_error", UnknownModel, 404),
        (408, "timeout_error", TimedOut, 504),
        (413, "request_too_large", TooLarge, 413),
        (422, "new_error", Refused, 422),
        (429, "rate_limit_error", ProviderLimit, 429),
        (500, "api_error", ProviderFault, 502),
        (502, "x", ProviderFault, 502),
        (503, "x", Overloaded, 529),
        (504, "timeout_error", TimedOut, 504),
        (529, "overloaded_error", Overloaded, 529),
    ],
)
def test_the_status_decides(status: int, type: str, kind: type[GatewayError], ours: int) -> None:
    error = read(status, type, "the reason")
    assert (error.__class__, error.status, error.origin, error.code) == (kind, ours, "provider:lab", type)
    assert "the reason" in error.message and "provider:lab" in error.message


@pytest.mark.parametrize(
    ("type", "kind"),
    [
        ("invalid_request_error", Refused),
        ("authentication_error", Forbidden),
        ("billing_error", Refused),
        ("permission_error", Forbidden),
        ("not_found_error", UnknownModel),
        ("request_too_large", TooLarge),
        ("rate_limit_error", ProviderLimit),
        ("api_error", ProviderFault),
        ("timeout_error", TimedOut),
        ("overloaded_error", Overloaded),
        ("new_error", ProviderFault),
    ],
)
def test_in_a_stream_the_type_decides(type: str, kind: type[GatewayError]) -> None:
    error = read_error_object(json.dumps({"type": type, "message": "the reason"}).encode(), "provider:lab")
    assert error.__class__ is kind and "the reason" in error.message


@pytest.mark.parametrize("raw", [b"", b"null", b"5", b'"busy"', b"{}", b'{"type":5,"message":[]}'])
def test_an_error_event_of_any_shape_is_an_error(raw: bytes) -> None:
    assert read_error_object(raw, "provider:lab").origin == "provider:lab"


@pytest.mark.parametrize(
    ("message", "prompt", "limit"),
    [
        ("prompt is too long: 41000 tokens > 32768 maximum", 41000, 32768),
        ("Prompt is too long", None, None),
        ("the request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it", 5000, 4096),
        ("This model's maximum context length is 4096 tokens. However, you requested 5000 tokens", 5000, 4096),
    ],
)
@pytest.mark.parametrize("status", [400, 413])
def test_p65_an_overflow_says_the_words_at_which_clients_compact(
    status: int, message: str, prompt: int | None, limit: int | None
) -> None:
    error = read(status, "invalid_request_error", message)
    assert isinstance(error, TooLong)
    assert (error.prompt_tokens, error.limit) == (prompt, limit)
    written = json.loads(write_error(error, ""))["error"]
    assert written["type"] == "invalid_request_error"
    assert written["message"].startswith("prompt is too long")


def test_p65_a_wish_that_is_too_large_is_not_a_prompt_that_is() -> None:
    said = "input length and `max_tokens` exceed context limit: 20000 + 32000 > 40000, decrease input length"
    assert said in read(400, "invalid_request_error", said).message
    words = (
        "max_tokens is too large: 32000. This model's maximum context length is 8192 tokens and your request has 100"
    )
    error = read(400, "invalid_request_error", f"{words} input tokens")
    assert isinstance(error, Refused)
    assert error.message == "input length and `max_tokens` exceed context limit: 100 + 32000 > 8192"


def test_the_words_of_an_overflow_count_only_where_the_request_was_refused() -> None:
    assert not isinstance(read(500, "api_error", "prompt is too long: 2 tokens > 1 maximum"), TooLong)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("12", 12.0), ("0.5", 0.5), ("0", 0.0), ("-1", None), ("nan", None), ("inf", None), ("soon", None), (None, None)],
)
@pytest.mark.parametrize("status", [429, 500, 529])
def test_how_long_to_wait_is_kept(status: int, value: str | None, seconds: float | None) -> None:
    error = read(status, **({} if value is None else {"retry-after": value}))
    assert error.retry_after == seconds


def test_p100_a_web_page_is_not_an_answer() -> None:
    page = b"<!doctype html><html><head><TITLE lang=en>\n 403 Forbidden </TITLE></head>"
    error = read_error(403, page, "provider:lab", {})
    assert isinstance(error, Forbidden)
    assert "web page titled '403 Forbidden'" in error.message
    assert "something in front of it" in error.message
    assert "with a web page instead" in read_error(502, b" <html>", "provider:lab", {}).message


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (500, b"", ProviderFault, "with nothing"),
        (500, b"  \n", ProviderFault, "with nothing"),
        (502, b"Bad gateway \xff", ProviderFault, "no API answer: Bad gateway"),
        (400, b'{"error":"nope"}', Refused, "no reason"),
        (400, b'{"message":"nope"}', Refused, "nope"),
        (400, b"[1]", Refused, "no API answer: [1]"),
        (429, b'{"error":{"message":null}}', ProviderLimit, "no reason"),
        (200, b"<html>", Garbled, "web page"),
        (200, b"hello", Garbled, "hello"),
        (200, b'{"ok":true}', Garbled, "JSON that is no message"),
        (200, b'{"error":{"type":"overloaded_error","message":"busy"}}', Overloaded, "busy"),
        (200, b'{"error":' + b"[" * 5000, Garbled, "no API answer"),
    ],
)
def test_p100_an_answer_of_any_shape_is_an_error(status: int, body: bytes, kind: type, words: str) -> None:
    error = read_error(status, body, "provider:lab", {})
    assert error.__class__ is kind and words in error.message


def test_long_words_are_cut() -> None:
    assert len(read(400, message="x" * 10_000).message) < 1000
    assert len(read_error(500, b"x" * 10_000, "lab", {}).message) < 1000


@pytest.mark.parametrize(
    ("error", "type"),
    [
        (BadRequest("x"), "invalid_request_error"),
        (TooLong(2, 1), "invalid_request_error"),
        (Refused("x", status=422), "invalid_request_error"),
        (Unauthorized("x"), "authentication_error"),
        (Refused("x", status=402), "billing_error"),
        (Forbidden("x"), "permission_error"),
        (UnknownModel("x"), "not_found_error"),
        (UnknownPath("x"), "not_found_error"),
        (TooLarge("x"), "request_too_large"),
        (RateLimited("x"), "rate_limit_error"),
        (BudgetSpent("x"), "billing_error"),
        (Crashed("x"), "api_error"),
        (Cut("x"), "api_error"),
        (GatewayError("x"), "api_error"),
        (NoMemory("x"), "overloaded_error"),
        (TimedOut("x"), "timeout_error"),
        (Overloaded("x"), "overloaded_error"),
    ],
)
def test_p11_each_of_our_errors_has_a_type_of_the_dialect(error: GatewayError, type: str) -> None:
    written = json.loads(write_error(error, "req_1"))
    assert written == {"type": "error", "error": {"type": type, "message": error.text}, "request_id": "req_1"}


def test_what_to_do_is_part_of_the_message() -> None:
    written = json.loads(write_error(BadRequest("It is wrong.", remedy="Mend it."), ""))
    assert written == {"type": "error", "error": {"type": "invalid_request_error", "message": "It is wrong. Mend it."}}
