"""The real aider, headless, through `landbridge launch aider`: it edits by text and needs no tools."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.e2e.tool import DIALECTS, Tool, held, install_python, lab
from tests.fakes.landbridge import Served
from tests.fakes.provider import Answer, Provider, Received, Reply

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

VERSION = "0.86.2"
PYTHON = ">=3.10,<3.13"
"""It takes no newer one."""
CONFIG = ".aider.conf.yml"
ENV = "project/.env"
ANSWER = "I finish it.\n\nnotes.txt\n```\na final of notes 🌉\n```\n\nfirst.txt\n```\n하나\n```\n"
MESSAGE = "docs: make the notes final"
RUN = ("--yes-always", "--no-check-update", "--no-show-release-notes", "--message")


@pytest.fixture
def aider(tmp_path: Path) -> Tool:
    program = install_python("aider-chat", VERSION, "aider", PYTHON)
    tool = Tool("aider", program, tmp_path / "home", OPENAI_API_KEY="sk-real")
    tool.has(CONFIG, "model: openai/mine\nopenai-api-base: http://127.0.0.1:9/v1\n")
    tool.has(ENV, "OPENAI_API_BASE=http://127.0.0.1:9/v1\nOPENAI_API_KEY=sk-real\n")
    tool.has("project/notes.txt", "a draft of notes\n")
    tool.has("project/.gitignore", ".aider*\n.env\n")
    tool.has(".gitconfig", "[user]\nname = Ada\nemail = ada@example.com\n")
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "A draft")):
        git(tool, *words)
    return tool


def git(tool: Tool, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=tool.project, env=tool.env, check=True, capture_output=True, text=True)
    return done.stdout


def editor(request: Received) -> Reply:
    """A model that gives whole files, and a message for the commit where it is asked for one."""
    asked = request.body.decode()
    return Reply(text=MESSAGE if "commit message" in asked else ANSWER)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_it_edits_files_and_commits_them(aider: Tool, tmp_path: Path, dialect: str) -> None:
    before = held(aider.home, CONFIG, ENV)
    async with Provider(editor, models=["m"]) as provider:
        async with Served(tmp_path / "served", lab(provider, dialect)) as served:
            ended = await aider.run(served, *RUN, "Make it final.", "notes.txt")
            assert list((served.data / "launch").iterdir()) == []
            assert "sk-real" not in served.log
        asked = provider.requests
    assert ended.code == 0, ended
    assert (aider.project / "notes.txt").read_text() == "a final of notes 🌉\n"
    assert (aider.project / "first.txt").read_text() == "하나\n"
    assert git(aider, "log", "-1", "--format=%s").strip() == MESSAGE
    assert git(aider, "status", "--short") == ""
    assert held(aider.home, CONFIG, ENV) == before
    assert [(request.dialect, request.model) for request in asked] == [(dialect, "m")] * 2, "the edit and its message"
    assert "a draft of notes" in asked[0].body.decode()
    assert not any("sk-real" in str(request.headers) for request in asked)


async def test_the_settings_outlast_a_killed_launcher(aider: Tool, tmp_path: Path) -> None:
    before = held(aider.home, CONFIG, ENV)
    async with (
        Provider(Answer(wait=3600)) as provider,
        Served(tmp_path / "served", lab(provider)) as served,
        aider.killed(served, *RUN, "Wait.", "notes.txt"),
    ):
        await provider.received(1, seconds=60)
    assert held(aider.home, CONFIG, ENV) == before
    assert (aider.project / "notes.txt").read_text() == "a draft of notes\n"
