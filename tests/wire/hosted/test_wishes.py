"""What clients of each dialect wish for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from landbridge.neutral.request import HostedTool
from landbridge.wire.anthropic.request import read_request as read_anthropic
from landbridge.wire.gemini.request import read_request as read_gemini
from landbridge.wire.hosted.wishes import Wish, wish_of
from landbridge.wire.openai_chat.request import read_request as read_chat
from landbridge.wire.openai_responses.request import read_request as read_responses
from landbridge.wire.search.query import Place

LOCATION = {"type": "approximate", "city": "Seoul", "region": "Seoul", "country": "KR", "timezone": "Asia/Seoul"}
PLACE = Place("KR", "Seoul", "Seoul", "Asia/Seoul")


def anthropic(tool: dict[str, Any]) -> HostedTool:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], "tools": [tool]}
    found = read_anthropic(json.dumps(body).encode()).tools[0]
    assert isinstance(found, HostedTool)
    return found


def responses(tool: dict[str, Any]) -> HostedTool:
    found = read_responses(json.dumps({"model": "m", "input": "x", "tools": [tool]}).encode()).tools[0]
    assert isinstance(found, HostedTool)
    return found


def chat(options: dict[str, Any]) -> HostedTool:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], "web_search_options": options}
    (found,) = read_chat(json.dumps(body).encode()).tools
    assert isinstance(found, HostedTool)
    return found


def gemini(tool: dict[str, Any]) -> HostedTool:
    body = {"contents": [{"role": "user", "parts": [{"text": "x"}]}], "tools": [tool]}
    found = read_gemini(json.dumps(body).encode()).tools[0]
    assert isinstance(found, HostedTool)
    return found


@pytest.mark.parametrize("type", ["web_search_20250305", "web_search_20260209", "web_search_20260318"])
def test_anthropic_s_search(type: str) -> None:
    tool = {
        "type": type,
        "name": "web_search",
        "max_uses": 8,
        "allowed_domains": ["a.example", 5],
        "blocked_domains": None,
        "user_location": LOCATION,
    }
    assert wish_of(anthropic(tool)) == Wish("search", "web_search", 8, allowed=("a.example",), place=PLACE)


@pytest.mark.parametrize("type", ["web_fetch_20250910", "web_fetch_20260318"])
def test_anthropic_s_fetch(type: str) -> None:
    tool = {"type": type, "name": "web_fetch", "max_content_tokens": 1000, "blocked_domains": ["b.example"]}
    assert wish_of(anthropic(tool)) == Wish("fetch", "web_fetch", blocked=("b.example",), characters=4000)


@pytest.mark.parametrize("type", ["web_search", "web_search_2025_08_26", "web_search_preview"])
def test_responses_search(type: str) -> None:
    tool = {"type": type, "filters": {"allowed_domains": ["a.example"]}, "user_location": LOCATION}
    assert wish_of(responses(tool)) == Wish("search", "web_search", allowed=("a.example",), place=PLACE)
    low, high = (wish_of(responses({"type": type, "search_context_size": size})) for size in ("low", "high"))
    assert low is not None and high is not None and low.share < 1 < high.share


def test_a_search_that_may_not_reach_the_web_is_the_provider_s() -> None:
    assert wish_of(responses({"type": "web_search", "external_web_access": False})) is None
    assert wish_of(responses({"type": "web_search", "external_web_access": True})) is not None


def test_gemini_s_tools() -> None:
    assert wish_of(gemini({"googleSearch": {}})) == Wish("search", "google_search")
    assert wish_of(gemini({"google_search": {"excludeDomains": ["b.example"]}})) == Wish(
        "search", "google_search", blocked=("b.example",)
    )
    assert wish_of(gemini({"urlContext": {}})) == Wish("fetch", "url_context")


@pytest.mark.parametrize(
    "tool",
    [
        HostedTool("anthropic", "code_execution_20250825", "code_execution", Raw(b"{}")),
        HostedTool("anthropic", "web_search_20250305", "web_search", Raw(b"[]")),
        HostedTool("anthropic", "web_search_20250305", "web_search", Raw(b"\xff")),
        HostedTool("openai_responses", "file_search", "file_search", Raw(b"{}")),
        HostedTool("gemini", "codeExecution", "codeExecution", Raw(b"{}")),
        HostedTool("elsewhere", "web_search", "web_search", Raw(b"{}")),
    ],
)
def test_what_only_its_provider_can_run(tool: HostedTool) -> None:
    assert wish_of(tool) is None


@pytest.mark.parametrize("value", [-1, True, "8", 1.5, None, [8]])
def test_odd_limits_are_none(value: object) -> None:
    raw = Raw(json.dumps({"max_uses": value, "user_location": value, "allowed_domains": value}).encode())
    wish = wish_of(HostedTool("anthropic", "web_search_20250305", "web_search", raw))
    assert wish == Wish("search", "web_search")


def test_chat_has_a_field_for_it() -> None:
    where = {name: text for name, text in LOCATION.items() if name != "type"}
    options = {"search_context_size": "low", "user_location": {"type": "approximate", "approximate": where}}
    assert wish_of(chat(options)) == Wish("search", "web_search", place=PLACE, share=0.5)
    assert wish_of(chat({})) == wish_of(chat({"user_location": 5})) == Wish("search", "web_search")
    assert wish_of(HostedTool("openai_chat", "custom", "custom", Raw(b"{}"))) is None
