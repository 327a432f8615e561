"""The real Claude Code, headless, through a real landbridge: the work is checked on disk."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.e2e.conftest import Claude, Result
from tests.fakes.landbridge import Served
from tests.fakes.provider import Agent, Provider

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

TOOLS = ("--allowedTools", "Bash,Read,Edit,Write")


def agent(project: Path) -> Agent:
    """A model that reads a file, writes two at once, edits one and counts lines with Bash."""
    return Agent(
        steps=(
            (("Read", {"file_path": str(project / "notes.txt")}),),
            (
                ("Write", {"file_path": str(project / "first.txt"), "content": "하나\n"}),
                ("Write", {"file_path": str(project / "second.txt"), "content": "two 🌉\n"}),
            ),
            (("Edit", {"file_path": str(project / "notes.txt"), "old_string": "draft", "new_string": "final"}),),
            (("Bash", {"command": "wc -l first.txt second.txt > counted.txt", "description": "Count lines"}),),
        ),
        final="All four steps are done.",
    )


def check_work(claude: Claude, result: Result) -> None:
    project = claude.project
    assert result.code == 0, result
    assert result.text == "All four steps are done.", result
    assert (project / "first.txt").read_text() == "하나\n"
    assert (project / "second.txt").read_text() == "two 🌉\n"
    assert (project / "notes.txt").read_text() == "a final of notes\n"
    assert "2 total" in (project / "counted.txt").read_text()
    assert result.answer["usage"]["output_tokens"] > 0
    assert result.answer["usage"]["input_tokens"] > 0


@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic", "openai_responses", "gemini"])
async def test_it_works_on_files(claude: Claude, tmp_path: Path, dialect: str) -> None:
    (claude.project / "notes.txt").write_text("a draft of notes\n")
    async with Provider(agent(claude.project), models=["m"]) as provider:
        settings = f"""
            [providers.lab]
            dialect = "{dialect}"
            base_url = "{provider.base_url(dialect)}"
            api_key = "${{LAB_KEY}}"
            models = ["m"]
        """
        async with Served(tmp_path / "served", settings, env={"LAB_KEY": "secret-of-the-lab"}) as served:
            result = await claude.run(served.router + "/anthropic", "Do the four steps.", "--model", "lab/m", *TOOLS)
            assert "secret-of-the-lab" not in served.log
        check_work(claude, result)
        asked = provider.requests
        assert len(asked) == 5, "one request a turn: nothing was repeated"
        assert all((request.model, request.dialect) == ("m", dialect) for request in asked)
        sent = asked[0].headers
        credential = sent.get("authorization") or sent.get("x-api-key") or sent["x-goog-api-key"]
        assert credential.endswith("secret-of-the-lab")
        if dialect != "anthropic":
            history = {"openai_chat": "messages", "openai_responses": "input", "gemini": "contents"}[dialect]
            assert all("billing-header" not in request.body.decode() for request in asked)
            for earlier, later in pairwise(asked):
                before, after = earlier.json[history], later.json[history]
                assert after[: len(before)] == before, "the prompt of a turn is a prefix of the next (P43, P80)"
                assert later.json["tools"] == earlier.json["tools"]
        else:
            assert all("anthropic-beta" in request.headers for request in asked)
            assert asked[0].json["system"][0]["text"].startswith("x-anthropic-billing-header")


async def test_p40_p41_tools_of_an_editor_s_bridge_are_found_and_work(claude: Claude, tmp_path: Path) -> None:
    """Tools of an MCP server are only named until a search loads them; the gateway expands what the search found."""
    note = claude.project / "note.txt"
    server = {
        "type": "stdio",
        "command": sys.executable,
        "args": ["-m", "tests.fakes.mcp", str(note)],
        "env": {"PYTHONPATH": str(Path(__file__).parents[2])},
    }
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"editor": server}}))
    tool = "mcp__editor__write_note"
    works = Agent(
        steps=((("ToolSearch", {"query": f"select:{tool}"}),), ((tool, {"text": "노트"}),)), final="It is written."
    )
    async with Provider(works, models=["m"]) as provider:
        settings = f"""
            [providers.lab]
            dialect = "openai_chat"
            base_url = "{provider.base_url("openai_chat")}"
            models = ["m"]
        """
        async with Served(tmp_path / "served", settings) as served:
            result = await claude.run(
                served.router + "/anthropic",
                "Write the note.",
                "--model",
                "lab/m",
                "--mcp-config",
                str(tmp_path / "mcp.json"),
                "--strict-mcp-config",
                "--allowedTools",
                f"ToolSearch,{tool}",
                ENABLE_TOOL_SEARCH="true",
            )
        assert (result.code, result.text) == (0, "It is written."), result
        assert note.read_text() == "노트"
        named = [[each["function"]["name"] for each in request.json["tools"]] for request in provider.requests]
        assert tool not in named[0], "it costs nothing until it is wanted"
        assert named[1] == [*named[0], tool], "it comes last, so that the prompt keeps its prefix"


async def test_background_names_go_to_the_default_model(claude: Claude, tmp_path: Path) -> None:
    async with Provider(agent(claude.project), models=["m"]) as provider:
        settings = f"""
            default_model = "lab/m"
            [providers.lab]
            dialect = "openai_chat"
            base_url = "{provider.base_url("openai_chat")}"
            models = ["m"]
        """
        async with Served(tmp_path / "served", settings) as served:
            result = await claude.run(
                served.router + "/anthropic", "Hi", "--model", "claude-opus-9-20301231", "--tools", ""
            )
        assert result.code == 0
        assert provider.requests[0].json["model"] == "m"


async def test_an_unknown_model_is_named_at_once(claude: Claude, tmp_path: Path) -> None:
    async with Served(tmp_path / "served") as served:
        result = await claude.run(served.router + "/anthropic", "Hi", "--model", "smolm2x", seconds=30)
        assert result.code == 1
        assert "smolm2x" in result.text


async def test_the_real_local_model_answers(claude: Claude, tmp_path: Path, models: Path) -> None:
    # The most likely words, always the same: a longer answer than the limit makes Claude Code ask for more, and fail.
    # Which words these are depends on how they are computed; so computed, they come to an end.
    settings = """
        [models.smollm2]
        threads = 1
        batch = 32
        flash_attention = "on"
        extra = { "sampling.temp" = 0.0 }
    """
    async with Served(tmp_path / "served", settings, models=models) as served:
        result = await claude.run(
            served.router + "/anthropic",
            "Say hello.",
            "--model",
            "smollm2",
            "--bare",
            "--system-prompt",
            "You are brief.",
            seconds=240,
            CLAUDE_CODE_MAX_OUTPUT_TOKENS="400",
        )
        assert result.code == 0, (result, served.log)
        assert result.text.strip()
        assert result.answer["usage"]["input_tokens"] > 0
        assert result.answer["usage"]["output_tokens"] > 0
