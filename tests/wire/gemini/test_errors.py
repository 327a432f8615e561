"""Errors of Gemini, both ways."""

from __future__ import annotations

import json

import pytest

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
from landbridge.wire.gemini.errors import read_error, read_error_object, write_error
from tests.fakes.gemini import gemini_error

ORIGIN = "provider:google"


def error_of(status: int, body: bytes, **headers: str) -> GatewayError:
    return read_error(status, body, ORIGIN, headers)


@pytest.mark.parametrize(
    ("status", "kind", "shown"),
    [
        (400, Refused, 400),
        (401, Forbidden, 403),
        (403, Forbidden, 403),
        (404, UnknownModel, 404),
        (409, Refused, 409),
        (429, ProviderLimit, 429),
        (500, ProviderFault, 502),
        (503, Overloaded, 529),
        (504, TimedOut, 504),
    ],
)
def test_the_status_decides(status: int, kind: type[GatewayError], shown: int) -> None:
    error = error_of(*gemini_error(status, "Because."))
    assert type(error) is kind and error.status == shown and error.origin == ORIGIN
    assert "Because." in error.message


def test_a_wrong_key_is_said_with_400() -> None:
    status, body = gemini_error(400, "API key not valid. Please pass a valid API key.", reason="API_KEY_INVALID")
    error = error_of(status, body)
    assert isinstance(error, Forbidden) and "refused its API key" in error.message and "api_key" in error.remedy


def test_a_list_of_one_is_read() -> None:
    status, body = gemini_error(429, "slow down")
    error = error_of(status, b"[" + body + b"]")
    assert isinstance(error, ProviderLimit) and error.code == "RESOURCE_EXHAUSTED" and "slow down" in error.message


@pytest.mark.parametrize(
    ("delay", "headers", "seconds"),
    [
        ("32s", {}, 32.0),
        ("1.5s", {"retry-after": "9"}, 1.5),
        ("", {"retry-after": "9"}, 9.0),
        ("", {}, None),
        ("soon", {}, None),
        ("-1s", {}, None),
        ("infs", {}, None),
    ],
)
def test_the_time_to_wait(delay: str, headers: dict[str, str], seconds: float | None) -> None:
    status, body = gemini_error(429, "Quota exceeded", delay=delay)
    assert read_error(status, body, ORIGIN, headers).retry_after == seconds


def test_a_days_quota_is_said() -> None:
    violation = {"quotaMetric": "m", "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}
    details = [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation, 1]}, "odd"]
    body = {"error": {"code": 429, "message": "exceeded", "status": "RESOURCE_EXHAUSTED", "details": details}}
    error = error_of(429, json.dumps(body).encode())
    assert "quota" in error.remedy


def test_p65_too_long_is_recognised_with_its_numbers() -> None:
    words = "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."
    error = error_of(*gemini_error(400, words))
    assert isinstance(error, TooLong)
    assert (error.prompt_tokens, error.limit) == (1_200_000, 1_048_576)
    assert error.message == "prompt is too long: 1200000 tokens > 1048576 maximum"


def test_a_limit_on_tokens_per_minute_is_not_too_long() -> None:
    assert isinstance(error_of(*gemini_error(429, "maximum context length tokens per minute")), ProviderLimit)


def test_p100_what_is_no_json_is_described() -> None:
    page = error_of(502, b"<html><title>Bad Gateway</title></html>")
    assert "web page titled 'Bad Gateway'" in page.message and page.status == 502
    assert "with nothing" in error_of(500, b" ").message
    assert "no API answer: oops" in error_of(500, b"oops").message
    assert isinstance(error_of(200, b"<html>"), Garbled)
    assert isinstance(error_of(200, b"{}"), Garbled)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'"quota"', "quota"),
        (b'{"error":"plain"}', "plain"),
        (b'{"error":{"message":{"a":1}}}', '{"a":1}'),
        (b'{"error":{"detail":"why"}}', "why"),
        (b"[]", "it gave no reason"),
        (b"null", "it gave no reason"),
    ],
)
def test_lesser_forms_are_read(body: bytes, words: str) -> None:
    assert words in error_of(400, body).message


def test_inside_a_stream_the_code_stands_for_the_status() -> None:
    by_code = read_error_object(b'{"code":503,"message":"busy"}', ORIGIN)
    by_word = read_error_object(b'{"message":"busy","status":"UNAVAILABLE"}', ORIGIN)
    assert isinstance(by_code, Overloaded) and isinstance(by_word, Overloaded)
    unknown = read_error_object(b'{"message":"hm","code":7}', ORIGIN)
    assert type(unknown) is ProviderFault and unknown.message == f"{ORIGIN} failed: hm"
    assert type(read_error_object(b"{", ORIGIN)) is ProviderFault


def test_an_error_answer_with_200_goes_by_its_own_code() -> None:
    _, body = gemini_error(429, "slow")
    assert isinstance(error_of(200, body), ProviderLimit)


def wire(error: GatewayError, request_id: str = "") -> dict[str, object]:
    found: dict[str, object] = json.loads(write_error(error, request_id))["error"]
    return found


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (BadRequest("x"), "INVALID_ARGUMENT"),
        (Unauthorized("x"), "UNAUTHENTICATED"),
        (Forbidden("x"), "PERMISSION_DENIED"),
        (UnknownModel("x"), "NOT_FOUND"),
        (RateLimited("x"), "RESOURCE_EXHAUSTED"),
        (BudgetSpent("x"), "FAILED_PRECONDITION"),
        (Refused("x", status=422), "INVALID_ARGUMENT"),
        (ProviderFault("x"), "UNAVAILABLE"),
        (Overloaded("x"), "UNAVAILABLE"),
        (TimedOut("x"), "DEADLINE_EXCEEDED"),
        (GatewayError("x"), "INTERNAL"),
    ],
)
def test_ours_get_googles_words(error: GatewayError, word: str) -> None:
    assert wire(error) == {"code": error.status, "message": "x", "status": word}


def test_ours_say_what_to_do_and_how_long_to_wait() -> None:
    said = wire(RateLimited("Busy.", remedy="Wait.", retry_after=2.5), "req_1")
    assert said["message"] == "Busy. Wait."
    assert said["details"] == [
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2.5s"},
        {"@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": "req_1"},
    ]


def test_p65_too_long_is_said_in_googles_words_too() -> None:
    text = str(wire(TooLong(12, 10, remedy="Send less."))["message"])
    assert text.startswith("prompt is too long: 12 tokens > 10 maximum")
    assert text.endswith("Send less.")
    again = read_error(400, write_error(TooLong(12, 10), ""), ORIGIN, {})
    assert isinstance(again, TooLong) and (again.prompt_tokens, again.limit) == (12, 10)
    assert wire(TooLong(None, None))["message"] == "prompt is too long: it does not fit the model's context window."
