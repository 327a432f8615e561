"""Requests go to the right address, with token, headers, model and mark where they belong."""

from __future__ import annotations

import pytest

from landbridge.conformance.faces import FACES
from landbridge.conformance.rule import Ask, Want
from landbridge.conformance.target import TOKEN, streams, target_at

MODELS = {"openai_chat": "lab/m", "anthropic": "claude/m"}


@pytest.mark.parametrize(
    ("url", "openai", "anthropic_base", "openai_base"),
    [
        ("http://h:1/anthropic", "", "http://h:1/anthropic", "http://h:1"),
        ("http://h:1/anthropic/", "", "http://h:1/anthropic", "http://h:1"),
        ("http://h:1", "", "http://h:1", "http://h:1"),
        ("http://h:1/v1", "", "http://h:1", "http://h:1"),
        ("http://h:1/a", "http://h:2/openai/v1/", "http://h:1/a", "http://h:2/openai"),
    ],
)
def test_addresses(url: str, openai: str, anthropic_base: str, openai_base: str) -> None:
    target = target_at(url, MODELS, openai)
    assert target.base_of("anthropic") == anthropic_base and target.base_of("openai_chat") == openai_base
    assert target.model == "lab/m"


def content(ask: Ask | Want, face: str = "anthropic", token: str = "") -> str:
    target = target_at("http://h:1/anthropic", MODELS, token=token)
    return target.wire(FACES[face], ask, "MARKED", "claude/m").content.decode()


def test_a_generation_request() -> None:
    text = content(Want())
    assert text.startswith("POST /anthropic/v1/messages HTTP/1.1\r\nhost: h:1\r\n")
    assert f"authorization: Bearer {TOKEN}" in text and "anthropic-version: 2023-06-01" in text
    assert '"model":"claude/m"' in text and "MARKED" in text
    assert content(Want(), "openai_chat").startswith("POST /v1/chat/completions HTTP/1.1\r\n")
    assert "Bearer given" in content(Want(), token="given")


def test_everything_can_be_chosen() -> None:
    ask = Ask(method="GET", path="/v1/models/$MODEL", query="limit=1", token="x-api-key")
    text = content(ask)
    assert text.startswith("GET /anthropic/v1/models/claude/m?limit=1 ") and f"x-api-key: {TOKEN}" in text
    assert "authorization" not in text and "content-length" not in text
    both = content(Ask(body=b"raw $MARK", token="both", headers={"anthropic-version": ""}))
    assert "authorization" in both and "x-api-key" in both and "anthropic-version" not in both
    assert both.endswith("raw MARKED")
    assert "authorization" not in content(Ask(token="none"))
    assert target_at("http://h:1", MODELS).wire(FACES["anthropic"], Ask(method="HEAD", path=""), "", "m").headless


def test_whether_a_stream_is_asked_for() -> None:
    assert streams(Want()) and not streams(Want(stream=False))
    assert streams(Ask(body={"stream": True})) and not streams(Ask(body={"stream": "yes"})) and not streams(Ask())
    assert streams(Ask(body=b'{"stream": true}')) and not streams(Ask(body=b"{"))
