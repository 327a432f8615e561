"""A gateway between a scripted model and a search service, for tests of searches and fetches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.provider import Agent, Answer, Provider, Reply, Tokens
from tests.fakes.running import Running
from tests.fakes.search import KEY, Found, SearchServer
from tests.laws.clients import hear_anthropic

PAGES = [Found("https://a.example/x", "A", "said this"), Found("https://b.example/", "B", "told that")]
SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}
FETCH = {"type": "web_fetch_20250910", "name": "web_fetch", "max_uses": 8}
READ = {"name": "Read", "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}}}
ASK: dict[str, Any] = {"model": "lab/m", "max_tokens": 500, "messages": [{"role": "user", "content": "What is new?"}]}
streams = pytest.mark.parametrize("stream", [True, False])
FINAL = Reply(text="It is A.", usage=Tokens(200, 6))


def ask(*tools: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**ASK, "tools": list(tools or (SEARCH,)), **more}


def settings(provider: Provider, more: str = "", dialect: str = "openai_chat") -> str:
    return f"""
        {more}
        [providers.lab]
        dialect = "{dialect}"
        base_url = "{provider.base_url(dialect)}"
        models = ["m"]
    """


class Setting:
    """A gateway between a scripted model and a search service."""

    def __init__(self, folder: Path, script: Any, pages: Any = PAGES, more: str = "", answer: Answer | None = None):
        self._folder, self._more = folder, more
        self.provider = Provider(script)
        self.search = SearchServer(pages, answer=answer)

    async def __aenter__(self) -> Setting:
        await self.provider.__aenter__()
        await self.search.__aenter__()
        text = settings(self.provider, self.search.settings("brave", self._more))
        self.gateway = Running(self._folder, text, env={"SEARCH_KEY": KEY})
        await self.gateway.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self.gateway.__aexit__(*error)
        await self.search.__aexit__(*error)
        await self.provider.__aexit__(*error)

    async def message(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer as one message, whether it is streamed or not; a stream is checked by a strict client."""
        reply = await self.gateway.post("/v1/messages", body)
        assert reply.status == 200, reply.body
        return read(reply.body, body.get("stream", False))


def read(body: bytes, stream: bool) -> dict[str, Any]:
    """An answer of the Messages API as a message."""
    if not stream:
        found: dict[str, Any] = json.loads(body)
        return found
    heard = hear_anthropic(body)
    assert heard.ended
    content: list[Any] = []
    for record in body.decode().split("\n\n"):
        data = json.loads(record.partition("data: ")[2] or "{}")
        match data.get("type"):
            case "content_block_start":
                content.append({**data["content_block"], "deltas": ""})
            case "content_block_delta":
                content[-1]["deltas"] += data["delta"].get("text", data["delta"].get("partial_json", ""))
    for block in content:
        said = block.pop("deltas")
        if block["type"] == "text":
            block["text"] = said
        elif block["type"] in ("tool_use", "server_tool_use"):
            block["input"] = json.loads(said)
    return {"content": content, "stop_reason": heard.finish, "usage": heard.usage, "error": heard.error}


def types(message: dict[str, Any]) -> list[str]:
    return [block["type"] for block in message["content"]]


def searching(*queries: str, then: str = "It is A.") -> Agent:
    """A model that searches for one after the other."""
    steps = tuple((("web_search", {"query": query}),) for query in queries)
    return Agent(steps=steps, final=then, says="I look.", usage=Tokens(100, 5))
