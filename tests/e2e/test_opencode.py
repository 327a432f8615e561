"""The real OpenCode, headless, through `landbridge launch opencode`: it speaks two dialects, and upstreams four."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.tool import DIALECTS, Signing, Tool, check_turns, check_work, held, install, lab
from tests.fakes.landbridge import Served
from tests.fakes.provider import Agent, Answer, Provider

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

VERSION = "1.18.33"
OWN = """{
  // The user's own models.
  "$schema": "https://opencode.ai/config.json",
  "model": "mine/x",
  "small_model": "mine/y",
  "agent": {"build": {"model": "mine/x"}},
  "provider": {"mine": {
    "npm": "@ai-sdk/openai-compatible",
    "options": {"baseURL": "http://127.0.0.1:9/v1", "apiKey": "sk-real"},
    "models": {"x": {}, "y": {}},
  }},
}
"""
CONFIG = ".config/opencode/opencode.jsonc"


@pytest.fixture
def opencode(tmp_path: Path) -> Tool:
    tool = Tool("opencode", install("opencode-ai", VERSION, "opencode"), tmp_path / "home")
    tool.has(CONFIG, OWN)
    tool.has("project/notes.txt", "a draft of notes\n")
    return tool


def agent(project: Path) -> Agent:
    """A model that writes a file, reads another, edits it and runs a command."""
    return Agent(
        steps=(
            (("write", {"filePath": str(project / "first.txt"), "content": "하나 🌉\n"}),),
            (("read", {"filePath": str(project / "notes.txt")}),),
            (("edit", {"filePath": str(project / "notes.txt"), "oldString": "draft", "newString": "final"}),),
            (("bash", {"command": "wc -l first.txt notes.txt > counted.txt", "description": "Count lines"}),),
        ),
        final="All four steps are done.",
    )


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_it_works_on_files(opencode: Tool, tmp_path: Path, dialect: str) -> None:
    before = held(opencode.home, CONFIG)
    async with Provider(Signing(agent(opencode.project)), models=["m"]) as provider:
        async with Served(tmp_path / "served", lab(provider, dialect)) as served:
            ended = await opencode.run(served, "run", "Do the four steps.")
        check_work(opencode, ended)
        check_turns(provider, dialect, 5)
    assert held(opencode.home, CONFIG) == before
    if dialect == "anthropic":
        assert all("anthropic-version" in request.headers for request in provider.requests)
        assert any("cache_control" in str(request.json["messages"]) for request in provider.requests), "passed through"


async def test_the_settings_outlast_a_killed_launcher(opencode: Tool, tmp_path: Path) -> None:
    before = held(opencode.home, CONFIG)
    async with (
        Provider(Answer(wait=3600)) as provider,
        Served(tmp_path / "served", lab(provider)) as served,
        opencode.killed(served, "run", "Wait."),
    ):
        await provider.received(1, seconds=60)
    assert held(opencode.home, CONFIG) == before
