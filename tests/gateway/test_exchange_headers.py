"""What of a client's headers reaches a provider, for each pair of formats, and how deep a body may be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from landbridge.wire.dialects import DIALECTS
from tests.fakes.provider import JSON, Answer, Provider, Reply
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

PLANTED = "planted-by-the-client"
HOSTILE = {
    "authorization": f"Bearer {PLANTED}",
    "x-api-key": PLANTED,
    "x-goog-api-key": PLANTED,
    "api-key": PLANTED,
    "cookie": f"session={PLANTED}",
    "proxy-authorization": f"Basic {PLANTED}",
    "forwarded": f"for={PLANTED}",
    "x-forwarded-for": PLANTED,
    "x-forwarded-host": PLANTED,
    "x-real-ip": PLANTED,
    "via": PLANTED,
    "referer": f"http://{PLANTED}",
    "traceparent": PLANTED,
    "baggage": PLANTED,
    "x-amz-security-token": PLANTED,
    "x-custom": PLANTED,
    "anthropic-auth-token": PLANTED,
    "openai-api-key": PLANTED,
    "x-claude-code-secret": PLANTED,
}
SAID = {"anthropic-beta": "said-1", "x-claude-code-session-id": "said-2", "openai-beta": "said-3", "x-app": "said-4"}
"""What the protocols say of a request: it goes on with a request that passes through (CONTRACT.md)."""
OURS = {"host", "content-type", "content-length", "accept", "accept-encoding", "user-agent"}
CREDENTIALS = {"authorization", "x-api-key", "x-goog-api-key"}
TEXT = [{"role": "user", "content": "Hi"}]
ASKS: dict[str, tuple[str, dict[str, Any]]] = {
    "anthropic": ("/v1/messages", {"max_tokens": 9, "messages": TEXT}),
    "openai_chat": ("/v1/chat/completions", {"messages": TEXT}),
    "openai_responses": ("/v1/responses", {"input": "Hi"}),
    "gemini": ("/v1beta/models/lab/m:generateContent", {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}),
    "openai_legacy": ("/v1/completions", {"prompt": "Hi"}),
}


def settings(provider: Provider, dialect: str) -> str:
    return f"""
        [providers.lab]
        dialect = "{dialect}"
        base_url = "{provider.base_url(dialect)}"
        api_key = "key-of-the-lab"
        models = ["m"]
    """


@pytest.mark.parametrize("spoken", list(DIALECTS))
async def test_p99_no_provider_learns_what_is_not_its_own(tmp_path: Path, spoken: str) -> None:
    async with (
        Provider(Reply(text="Hi"), models=["m"]) as provider,
        Running(tmp_path, settings(provider, spoken)) as it,
    ):
        for client, (path, body) in ASKS.items():
            answer = await it.post(path, {"model": "lab/m", **body}, {**HOSTILE, **SAID})
            assert answer.status == 200, (client, answer.body)
            sent = provider.requests[-1]
            assert PLANTED not in repr(sent), client
            passes = answer.headers["x-landbridge-path"] == "passthrough"
            assert passes is (client == spoken or (client == "openai_legacy" and spoken.startswith("openai"))), client
            said = {name: value for name, value in sent.headers.items() if value.startswith("said-")}
            assert said == (SAID if passes else {}), client
            others = sent.headers.keys() - said.keys() - OURS - CREDENTIALS
            assert others <= ({"anthropic-version"} if spoken == "anthropic" else set()), client
            keys = {name: value for name, value in sent.headers.items() if name in CREDENTIALS}
            assert len(keys) == 1 and "key-of-the-lab" in next(iter(keys.values())), client
            assert "key-of-the-lab" not in repr((answer.headers, answer.body))


def deep(count: int) -> str:
    return "[" * count + "]" * count


@pytest.mark.parametrize("count", [900, 100_000])
async def test_bodies_of_any_depth_are_taken_or_refused(tmp_path: Path, count: int) -> None:
    """Never an error of ours, and never the end of the process."""
    whole_answer = Answer(
        headers=JSON, body=b'{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}'
    )
    async with (
        Provider(lambda _: whole_answer, models=["m"]) as provider,  # one that does not read
        Running(tmp_path, settings(provider, "gemini")) as it,
    ):
        for client, (path, body) in ASKS.items():
            whole = json.dumps({"model": "lab/m", **body})
            inside = whole.replace('"Hi"', deep(count))
            for text in (
                f'{whole[:-1]}, "metadata": {deep(count)}}}',
                f'{whole[:-1]}, "tools": {deep(count)}}}',
                inside,
            ):
                answer = await it.post(path, text.encode())
                assert answer.status in (200, 400), (client, answer.body[:200])
        assert (await it.get("/health")).status == 200
