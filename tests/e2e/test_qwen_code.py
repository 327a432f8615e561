"""The real Qwen Code, headless, through `landbridge launch qwen`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.tool import DIALECTS, Model, Signing, Tool, check_turns, check_work, held, install, lab
from tests.fakes.landbridge import Served
from tests.fakes.provider import Agent, Provider

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

VERSION = "0.15.10"
"""What a plain install picks on Node 20."""
CONFIG = ".qwen/settings.json"
FILES = (CONFIG, "project/.env")
OWN = {
    "$version": 4,
    "security": {"auth": {"selectedType": "qwen-oauth"}},
    "model": {"name": "mine"},
    "modelProviders": {"openai": [{"id": "lab/m", "baseUrl": "http://127.0.0.1:9/v1", "envKey": "MINE"}]},
    "env": {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "OPENAI_API_KEY": "sk-real"},
}


@pytest.fixture
def qwen(tmp_path: Path) -> Tool:
    tool = Tool("qwen", install("@qwen-code/qwen-code", VERSION, "qwen"), tmp_path / "home")
    tool.has(CONFIG, json.dumps(OWN))
    tool.has("project/.env", "OPENAI_BASE_URL=http://127.0.0.1:9/v1\nOPENAI_API_KEY=sk-real\n")
    tool.has("project/notes.txt", "a draft of notes\n")
    return tool


def agent(project: Path) -> Agent:
    """A model that writes a file, reads another, edits it and runs a command."""
    notes = str(project / "notes.txt")
    return Agent(
        steps=(
            (("write_file", {"file_path": str(project / "first.txt"), "content": "하나 🌉\n"}),),
            (("read_file", {"file_path": notes}),),
            (("edit", {"file_path": notes, "old_string": "draft", "new_string": "final"}),),
            (("run_shell_command", {"command": "wc -l first.txt notes.txt > counted.txt", "is_background": False}),),
        ),
        final="All four steps are done.",
    )


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_it_works_on_files(qwen: Tool, tmp_path: Path, dialect: str) -> None:
    before = held(qwen.home, *FILES)
    async with Provider(Signing(agent(qwen.project)), models=["m"]) as provider:
        async with Served(tmp_path / "served", lab(provider, dialect)) as served:
            ended = await qwen.run(served, "--yolo", "-p", "Do the four steps.")
        check_work(qwen, ended)
        check_turns(provider, dialect, 5)
    assert held(qwen.home, *FILES) == before


async def test_the_settings_outlast_a_killed_launcher(qwen: Tool, tmp_path: Path) -> None:
    before = held(qwen.home, *FILES)
    model = Model(Agent(steps=()))
    async with Provider(model, models=["m"]) as provider, Served(tmp_path / "served", lab(provider)) as served:
        async with qwen.killed(served, "--yolo", "-p", "Wait."):
            await provider.received(1, seconds=60)
        assert held(qwen.home, *FILES) == before
        assert len(list((served.data / "launch").iterdir())) == 1, "the kill left its folder"
        model.awake = True
        ended = await qwen.run(served, "--yolo", "-p", "Go on.")
        assert list((served.data / "launch").iterdir()) == [], "and the next session took it away"
    assert ended.code == 0 and "Done." in ended.output, ended
    assert held(qwen.home, *FILES) == before
