"""Which headers of a client travel on, and which never do."""

from __future__ import annotations

import pytest

from landbridge.upstream.headers import forwardable

TRAVELS = {
    "accept": "text/event-stream",
    "content-type": "application/json",
    "user-agent": "claude-cli/2.1",
    "x-app": "cli",
    "idempotency-key": "k",
    "anthropic-version": "2026-10-21",
    "anthropic-beta": "a,b",
    "anthropic-not-known-yet": "1",
    "x-claude-code-session-id": "s",
    "openai-beta": "x",
    "x-stainless-lang": "python",
}
STAYS = [
    "authorization",
    "x-api-key",
    "x-goog-api-key",
    "cookie",
    "proxy-authorization",
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "te",
    "expect",
    "accept-encoding",
    "forwarded",
    "x-forwarded-for",
    "via",
    "anthropic-auth-token",
    "anthropic-admin-key",
    "openai-api-key",
    "openai-client-secret",
    "x-stainless-authorization",
    "x-claude-code-cookie",
]


def test_what_the_protocol_says_travels_untouched() -> None:
    assert forwardable(TRAVELS) == TRAVELS


@pytest.mark.parametrize("name", STAYS)
def test_p99_credentials_and_what_belongs_to_the_connection_stay(name: str) -> None:
    assert forwardable({name: "x", **TRAVELS}) == TRAVELS
