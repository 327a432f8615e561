"""The real Gemini CLI, headless, through `landbridge launch gemini`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.tool import DIALECTS, Model, Signing, Tool, check_turns, check_work, held, install, lab
from tests.fakes.landbridge import Served
from tests.fakes.provider import Agent, Provider

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

VERSION = "0.61.0"
CONFIG = ".gemini/settings.json"
MEMORY = ".gemini/GEMINI.md"
FILES = (CONFIG, MEMORY, ".gemini/.env")
OWN = {
    "security": {"auth": {"selectedType": "oauth-personal"}},
    "model": {"name": "gemini-mine"},
    "tools": {"exclude": ["web_fetch"]},
}
SKIP = ("--yolo", "--skip-trust", "-p")


@pytest.fixture
def gemini(tmp_path: Path) -> Tool:
    program = install("@google/gemini-cli", VERSION, "gemini")
    tool = Tool("gemini", program, tmp_path / "home", GOOGLE_API_KEY="sk-real", GEMINI_API_KEY="sk-real")
    tool.has(CONFIG, json.dumps(OWN))
    tool.has(MEMORY, "Always answer in verse.\n")
    tool.has(".gemini/.env", "GEMINI_API_KEY=sk-real\nGOOGLE_GEMINI_BASE_URL=http://127.0.0.1:9\n")
    tool.has("project/notes.txt", "a draft of notes\n")
    return tool


def agent(project: Path) -> Agent:
    """A model that writes a file, reads another, edits it and runs a command."""
    notes = str(project / "notes.txt")
    change = {"file_path": notes, "instruction": "Make it final.", "old_string": "draft", "new_string": "final"}
    return Agent(
        steps=(
            (("write_file", {"file_path": str(project / "first.txt"), "content": "하나 🌉\n"}),),
            (("read_file", {"file_path": notes}),),
            (("replace", change),),
            (("run_shell_command", {"command": "wc -l first.txt notes.txt > counted.txt"}),),
        ),
        final="All four steps are done.",
    )


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_it_works_on_files(gemini: Tool, tmp_path: Path, dialect: str) -> None:
    before = held(gemini.home, *FILES)
    async with Provider(Signing(agent(gemini.project)), models=["m"]) as provider:
        async with Served(tmp_path / "served", lab(provider, dialect)) as served:
            ended = await gemini.run(served, *SKIP, "Do the four steps.")
        check_work(gemini, ended)
        check_turns(provider, dialect, 5)
        sent = provider.requests[-1]
    assert held(gemini.home, *FILES) == before
    assert "a draft of notes" in sent.body.decode(), "what the tool said came to the model"
    assert "Always answer in verse." in sent.body.decode(), "the user's memory is part of it"
    assert "web_fetch" not in json.dumps(sent.json["tools"]), "and the user's settings"
    assert list((gemini.home / ".gemini/tmp").iterdir()), "the session is kept with the user's others"


async def test_the_settings_outlast_a_killed_launcher(gemini: Tool, tmp_path: Path) -> None:
    before = held(gemini.home, *FILES)
    model = Model(Agent(steps=()))
    async with Provider(model, models=["m"]) as provider, Served(tmp_path / "served", lab(provider)) as served:
        async with gemini.killed(served, *SKIP, "Wait."):
            await provider.received(1, seconds=60)
        assert held(gemini.home, *FILES) == before
        assert len(list((served.data / "launch").iterdir())) == 1, "the kill left its folder"
        model.awake = True
        ended = await gemini.run(served, *SKIP, "Go on.")
        assert list((served.data / "launch").iterdir()) == [], "and the next session took it away"
    assert ended.code == 0 and "Done." in ended.output, ended
    assert held(gemini.home, *FILES) == before
