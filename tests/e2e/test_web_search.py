"""The real Claude Code searches the web with a model that knows nothing of it: landbridge runs its WebSearch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Claude
from tests.fakes.landbridge import Served
from tests.fakes.provider import Provider, Received, Reply, Tokens
from tests.fakes.search import KEY, Found, SearchServer

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

PAGES = [
    Found("https://a.example/news", "News of 2026", "The bridge opened on Monday.", "2 days ago"),
    Found("https://b.example/", "Another", "Nothing new."),
]
PROMPT = "When did the bridge open? Search the web."
TOOLS = ("--allowedTools", "WebSearch")


def names(asked: dict[str, Any]) -> set[str]:
    return {tool["function"]["name"] for tool in asked.get("tools", ())}


def results(asked: dict[str, Any]) -> list[str]:
    return [str(turn["content"]) for turn in asked["messages"] if turn["role"] == "tool"]


def model(request: Received) -> Reply:
    """Asks Claude Code for a search; asked by it to search, calls the tool, and says what was found."""
    asked = request.json
    told = results(asked)
    if "WebSearch" in names(asked):
        if not told:
            return Reply(tools=(("WebSearch", {"query": "bridge opening"}),), usage=Tokens(1000, 9))
        return Reply(
            text=f"It opened on {'Monday' if 'Monday' in told[-1] else 'no known day'}.", usage=Tokens(1100, 9)
        )
    if "web_search" in names(asked):
        if not told:
            return Reply(
                text="I look.", tools=(("web_search", {"query": "bridge opening 2026"}),), usage=Tokens(100, 9)
            )
        found = "a Monday" if "on Monday" in told[0] else "nothing"
        return Reply(text=f"The pages say: {found} (https://a.example/news).", usage=Tokens(300, 9))
    if any("no web search" in str(turn["content"]) for turn in asked["messages"] if turn["role"] == "system"):
        return Reply(text="There is no web search here.")
    return Reply(text="A title")


def settings(provider: Provider, search: str = "") -> str:
    return f"""
        {search}
        [providers.lab]
        dialect = "openai_chat"
        base_url = "{provider.base_url("openai_chat")}"
        models = ["m"]
    """


@pytest.mark.parametrize("service", ["searxng", "brave"])
async def test_it_finds_what_the_service_finds(claude: Claude, tmp_path: Path, service: str) -> None:
    async with Provider(model, models=["m"]) as provider, SearchServer(PAGES) as search:
        text = settings(provider, search.settings(service))
        async with Served(tmp_path / "served", text, env={"SEARCH_KEY": KEY}) as served:
            result = await claude.run(
                served.router + "/anthropic", PROMPT, "--model", "lab/m", *TOOLS, ENABLE_TOOL_SEARCH="false"
            )
            log = served.log
        assert result.code == 0, (result, log)
        assert result.text == "It opened on Monday.", result
        assert search.queries == ["bridge opening 2026"]
        assert KEY not in log
        inner = [request.json for request in provider.requests if "web_search" in names(request.json)]
        assert len(inner) == 2, "once for the call, once with its results"
        outer = provider.requests[-1].json
        (told,) = results(outer)
        assert "https://a.example/news" in told and "News of 2026" in told, (
            "links of the blocks, as Claude Code reads them"
        )
        assert "The pages say: a Monday" in told
        used = result.answer["modelUsage"]["lab/m"]
        assert (used["webSearchRequests"], used["inputTokens"]) == (1, 1000 + 1100 + 100 + 300), (
            "counted, and all of it"
        )


async def test_without_a_service_it_is_told_so(claude: Claude, tmp_path: Path) -> None:
    async with Provider(model, models=["m"]) as provider:
        async with Served(tmp_path / "served", settings(provider)) as served:
            result = await claude.run(
                served.router + "/anthropic", PROMPT, "--model", "lab/m", *TOOLS, ENABLE_TOOL_SEARCH="false"
            )
        assert result.code == 0, result
        (told,) = results(provider.requests[-1].json)
        assert "There is no web search here." in told
        assert result.text == "It opened on no known day."


async def test_a_service_that_fails_is_no_end(claude: Claude, tmp_path: Path) -> None:
    async with Provider(model, models=["m"]) as provider:
        async with SearchServer(PAGES) as search:
            text = settings(provider, search.settings())
        async with Served(tmp_path / "served", text) as served:
            result = await claude.run(
                served.router + "/anthropic", PROMPT, "--model", "lab/m", *TOOLS, ENABLE_TOOL_SEARCH="false"
            )
            log = served.log
        assert result.code == 0, (result, log)
        (told,) = results(provider.requests[-1].json)
        assert "unavailable" in told, "the error of the block, as Claude Code reads it"
        assert "Cannot connect" in log
