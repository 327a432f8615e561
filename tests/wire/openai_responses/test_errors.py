"""Errors inside failed responses, both ways."""

from __future__ import annotations

import json

import pytest

from landbridge.errors import (
    BadRequest,
    Cut,
    GatewayError,
    Overloaded,
    ProviderFault,
    ProviderLimit,
    RateLimited,
    Refused,
    TooLong,
)
from landbridge.wire.openai_chat import errors as chat
from landbridge.wire.openai_responses import errors
from landbridge.wire.openai_responses.errors import failure_code, failure_text, read_failure

ORIGIN = "provider:lab"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("server_error", ProviderFault),
        ("rate_limit_exceeded", ProviderLimit),
        ("insufficient_quota", ProviderLimit),
        ("context_length_exceeded", TooLong),
        ("invalid_prompt", Refused),
        ("invalid_image_url", Refused),
        ("image_too_large", Refused),
        ("bio_policy", Refused),
        ("something_new", ProviderFault),
        (None, ProviderFault),
        (5, ProviderFault),
    ],
)
def test_a_failed_response_says_what_kind_of_failure(code: object, kind: type[GatewayError]) -> None:
    error = read_failure(json.dumps({"code": code, "message": "no"}).encode(), ORIGIN)
    assert type(error) is kind
    assert (error.origin == ORIGIN and "no" in error.message) or kind is TooLong


@pytest.mark.parametrize("odd", [b"", b"null", b"[]", b'"no"', b"{}", b'{"code":{}}', b"{", b"\xff"])
def test_law_9_odd_errors_are_errors(odd: bytes) -> None:
    assert read_failure(odd, ORIGIN).message


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TooLong(9000, 8000), "context_length_exceeded"),
        (ProviderLimit("x"), "rate_limit_exceeded"),
        (RateLimited("x"), "rate_limit_exceeded"),
        (ProviderLimit("x", code="insufficient_quota"), "insufficient_quota"),
        (BadRequest("x"), "invalid_prompt"),
        (Refused("x"), "invalid_prompt"),
        (Overloaded("x"), "server_error"),
        (Cut("x"), "server_error"),
    ],
)
def test_p65_codex_is_told_by_code_what_to_do(error: GatewayError, code: str) -> None:
    assert failure_code(error) == code
    said = json.dumps({"code": code, "message": failure_text(error)}).encode()
    assert type(read_failure(said, ORIGIN)) in (type(error), ProviderFault, ProviderLimit, Refused, TooLong)


def test_codex_reads_from_the_text_how_long_to_wait() -> None:
    assert failure_text(ProviderLimit("Slow down.", retry_after=11.5)) == "Slow down. Please try again in 11.5s."
    assert failure_text(Cut("Gone.", remedy="Try again.", retry_after=3)) == "Gone. Try again."


def test_statuses_and_bodies_are_openais_in_both_dialects() -> None:
    assert errors.read_error is chat.read_error and errors.write_error is chat.write_error
