"""A model that makes embeddings does not chat, and the other way round: said at once, before anything is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

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
