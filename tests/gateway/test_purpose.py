"""A model that makes embeddings does not chat, and the other way round: said at once, before anything is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landbridge.gateway.purpose import in_background
from tests.fakes.local import local

pytestmark = [pytest.mark.anyio, pytest.mark.io]

EMBEDS = "[models.e]\nembeddings = true\n"
TURN = [{"role": "user", "content": "Hi"}]
CHATS: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": TURN},
    "/anthropic/v1/messages": {"messages": TURN, "max_tokens": 5},
    "/anthropic/v1/messages/count_tokens": {"messages": TURN},
    "/v1/responses": {"input": "Hi"},
    "/v1/responses/input_tokens": {"input": "Hi"},
}


@pytest.mark.parametrize("path", CHATS)
@pytest.mark.parametrize("stream", [False, True])
async def test_an_embedding_model_is_not_chatted_with(tmp_path: Path, path: str, stream: bool) -> None:
    async with local(tmp_path, EMBEDS, e="", m="") as gateway:
        reply = await gateway.post(path, {"model": "e", **CHATS[path], "stream": stream})
        assert gateway.keeper.snapshot() == []
    assert reply.status == 400
    assert reply.json["error"]["type"] == "invalid_request_error"
    message = reply.json["error"]["message"]
    assert "'e' makes embeddings and does not chat." in message
    assert "/v1/embeddings" in message
    assert 'set `embeddings = false` under [models."e"]' in message


async def test_gemini_s_clients_are_told_in_their_form(tmp_path: Path) -> None:
    async with local(tmp_path, EMBEDS, e="") as gateway:
        reply = await gateway.post("/v1beta/models/e:generateContent", {"contents": [{"parts": [{"text": "Hi"}]}]})
    assert (reply.status, reply.json["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert "does not chat" in reply.json["error"]["message"]


@pytest.mark.parametrize(
    ("flags", "settings", "use"),
    [
        ({"m": ""}, "", "Use a model made for it"),
        ({"m": "", "e": ""}, EMBEDS, "Use e,"),
    ],
)
async def test_a_chat_model_makes_no_embeddings(tmp_path: Path, flags: dict[str, str], settings: str, use: str) -> None:
    async with local(tmp_path, settings, **flags) as gateway:
        reply = await gateway.post("/v1/embeddings", {"model": "m", "input": "a"})
        assert gateway.keeper.snapshot() == []
    assert reply.status == 400
    message = reply.json["error"]["message"]
    assert "'m' is a model to chat with and makes no embeddings." in message
    assert use in message
    assert 'set `embeddings = true` under [models."m"]' in message


@pytest.mark.parametrize(
    ("model", "agent", "expected"),
    [
        ("claude-haiku-4-5-20251001", "", True),
        ("claude-3-5-haiku-latest", "", True),
        ("claude-sonnet-5", "", False),
        ("my-haiku-writer", "", False),
        ("claude-haiku-4-5", "a1b2", False),
    ],
)
def test_small_calls_of_claude_code_are_in_the_background(model: str, agent: str, expected: bool) -> None:
    assert in_background(model, agent) is expected


async def test_a_small_call_does_not_push_out_the_model_that_is_worked_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landbridge.engines.allotment.PATIENCE", 0.2)
    settings = '[aliases]\n"claude-*haiku*" = "small"\n"claude-*" = "main"\n[engine]\nmemory_limit = 1500000\n'
    async with local(tmp_path, settings, main="", small="") as gateway:
        small, big = (
            {"model": name, "max_tokens": 5, "messages": TURN} for name in ("claude-haiku-4-5", "claude-opus-5")
        )
        assert (await gateway.post("/v1/messages", big)).status == 200
        refused = await gateway.post("/v1/messages", small)
        assert refused.status == 503
        assert "main would have to go for it" in refused.json["error"]["message"]
        assert [info.name for info in gateway.keeper.snapshot() if info.pid is not None] == ["main"]
        asked_for = await gateway.post("/v1/messages", small, {"x-claude-code-agent-id": "a1b2"})
        assert asked_for.status == 200, "a subagent is waited for"
