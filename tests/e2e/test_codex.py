"""The real Codex, headless, through `landbridge launch codex`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.e2e.tool import DIALECTS, Signing, Tool, check_turns, check_work, held, install, lab
from tests.fakes.landbridge import Served
from tests.fakes.provider import Agent, Answer, Provider, Received, Reply

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

VERSION = "0.169.0"
CONFIG = ".codex/config.toml"
LOGIN = ".codex/auth.json"
OWN = """# mine
model = "gpt-6-mine"
model_provider = "mine"
model_context_window = 9000

[model_providers.mine]
name = "mine"
base_url = "http://127.0.0.1:9/v1"
wire_api = "responses"
"""
EXEC = ("exec", "--skip-git-repo-check", "--sandbox", "danger-full-access")


@pytest.fixture
def codex(tmp_path: Path) -> Tool:
    tool = Tool("codex", install("@openai/codex", VERSION, "codex"), tmp_path / "home", OPENAI_API_KEY="sk-real")
    tool.has(CONFIG, OWN)
    tool.has(LOGIN, json.dumps({"OPENAI_API_KEY": "sk-real"}))
    tool.has("project/notes.txt", "a draft of notes\n")
    return tool


AGENT = Agent(
    steps=(
        (("exec_command", {"cmd": "printf '하나 🌉\\n' > first.txt"}),),
        (("exec_command", {"cmd": "cat notes.txt"}),),
        (("exec_command", {"cmd": "sed -i s/draft/final/ notes.txt"}),),
        (("exec_command", {"cmd": "wc -l first.txt notes.txt > counted.txt"}),),
    ),
    final="All four steps are done.",
)
"""A model that works through its shell."""


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_it_works_on_files(codex: Tool, tmp_path: Path, dialect: str) -> None:
    before = held(codex.home, CONFIG, LOGIN)
    async with Provider(Signing(AGENT), models=["m"]) as provider:
        async with Served(tmp_path / "served", lab(provider, dialect)) as served:
            ended = await codex.run(served, *EXEC, "Do the four steps.")
            assert "sk-real" not in served.log
        check_work(codex, ended)
        check_turns(provider, dialect, 5)
        assert held(codex.home, CONFIG, LOGIN) == before
        assert "a draft of notes" in provider.requests[-1].body.decode(), "what the tool said came to the model"


async def test_the_settings_outlast_a_killed_launcher(codex: Tool, tmp_path: Path) -> None:
    before = held(codex.home, CONFIG, LOGIN)
    async with (
        Provider(Answer(wait=3600)) as provider,
        Served(tmp_path / "served", lab(provider)) as served,
        codex.killed(served, *EXEC, "Wait."),
    ):
        await provider.received(1, seconds=60)
    assert held(codex.home, CONFIG, LOGIN) == before


SIGNED = {"type": "thinking", "thinking": "Let me see. 생각", "signature": "c2lnbmVk"}


def think(request: Received) -> Reply:
    """A model that thinks, and calls a tool that Codex has in a namespace beside one that it has not."""
    work = Agent(steps=((("multi_agent_v1__close_agent", {"target": "nope"}), ("exec_command", {"cmd": "echo hi"})),))
    return replace(work(request), thinking=SIGNED["thinking"])


async def test_p54_tools_in_namespaces_are_found_and_thoughts_come_back_signed(codex: Tool, tmp_path: Path) -> None:
    async with Provider(think, models=["m"]) as provider:
        async with Served(tmp_path / "served", lab(provider, "anthropic")) as served:
            ended = await codex.run(served, *EXEC, "Go.")
        assert ended.code == 0 and "Done." in ended.output, ended
        *_, said, heard = provider.requests[-1].json["messages"]
    assert said["content"][0] == SIGNED
    assert [block.get("name") for block in said["content"][2:]] == ["multi_agent_v1__close_agent", "exec_command"]
    answers = [str(block["content"]) for block in heard["content"]]
    assert "unsupported call" not in answers[0] and "nope" in answers[0], "its own handler answered"
    assert "hi" in answers[1]
