"""What connects a client: lines without a key of anybody's, and files that stay where they were written."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from landbridge.agents.clients import CLIENTS, Client
from landbridge.agents.facts import ModelFacts
from landbridge.agents.session import Setup
from landbridge.config import default_config_path, default_data_dir
from landbridge.manage.connecting import PLACEHOLDER, Launcher, Wish, clients, folder_of, launcher, lay, recipe, write
from tests.fakes.home import Home

pytestmark = pytest.mark.io
ROUTER = "http://127.0.0.1:38080"
SMOL = ModelFacts(name="smollm2", window=8192, local=True, tools=False)


def wish(folder: Path, client: str = "claude", **more: object) -> Wish:
    given: dict[str, object] = {"facts": SMOL, "router": ROUTER, "launcher": Launcher(), "data_dir": folder, **more}
    return Wish(client=CLIENTS[client], **given)  # type: ignore[arg-type]


def test_which_are_here_and_in_which_version(home: Home) -> None:
    home.program("claude", "print('2.1.330 (Claude Code)')")
    home.program("aider", "raise SystemExit(1)")
    found = {each.client: each for each in clients(home.env)}
    assert list(found) == list(CLIENTS)
    assert (found["claude"].state, found["claude"].version) == ("installed", "2.1.330")
    assert (found["aider"].state, found["aider"].version) == ("installed", "")
    assert (found["codex"].state, found["codex"].path) == ("not installed", "")
    assert {each.client: each.version for each in clients(home.env, versions=False)}["claude"] == ""


def test_claude_code_needs_its_lines_alone(tmp_path: Path) -> None:
    made = recipe(wish(tmp_path))
    assert made.endpoint == f"{ROUTER}/anthropic"
    assert made.launch == "landbridge launch claude --model smollm2"
    assert made.files == []
    assert "export ANTHROPIC_MODEL=smollm2" in made.lines
    assert made.lines[-1] == 'claude() { command claude --bare "$@"; }'
    said = subprocess.run(
        ["bash", "-c", "\n".join([*made.lines, "env"])], env={"PATH": os.environ["PATH"]}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert f"ANTHROPIC_BASE_URL={ROUTER}/anthropic\n" in said.stdout


@pytest.mark.parametrize("client", CLIENTS.values(), ids=list(CLIENTS))
def test_where_a_key_is_needed_a_place_is_left_for_it(client: Client, tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "OPENAI_API_KEY": "sk-real", "LANDBRIDGE_KEY": "lb-real", "OPENCODE_CONFIG_CONTENT":
           '{"provider": {"x": {"options": {"apiKey": "sk-real"}}}}'}  # fmt: skip
    made = recipe(wish(tmp_path, client.name, keyed=True, env=env))
    assert made.placeholder == PLACEHOLDER
    assert PLACEHOLDER in "".join(made.lines)
    assert "real" not in str(made)
    assert recipe(wish(tmp_path, client.name)).placeholder == ""


@pytest.mark.parametrize("client", ["gemini", "qwen", "aider"])
def test_files_are_written_when_they_are_asked_for(client: str, tmp_path: Path) -> None:
    asked = wish(tmp_path / "data", client, env={"HOME": str(tmp_path)})
    made = recipe(asked)
    assert made.files
    assert not folder_of(tmp_path / "data", CLIENTS[client]).exists()
    assert write(asked) == made
    for name in made.files:
        assert stat.S_IMODE(Path(name).stat().st_mode) == 0o600
    assert str(folder_of(tmp_path / "data", CLIENTS[client])) in "".join(made.lines)


def test_files_are_written_again_over_what_was_there(tmp_path: Path) -> None:
    setup = Setup(variables={}, arguments=(), files={"a/b": b"2"}, links={"l": "/x"}, records=(str(tmp_path / "r"),))
    lay(Setup(variables={}, arguments=(), files={"a/b": b"1"}), tmp_path)
    lay(setup, tmp_path)
    lay(setup, tmp_path)
    assert (tmp_path / "a/b").read_bytes() == b"2"
    assert (tmp_path / "l").readlink() == Path("/x")
    assert (tmp_path / "r").is_dir()


def test_the_launcher_is_told_what_it_cannot_find_by_itself(tmp_path: Path) -> None:
    usual = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "PATH": str(tmp_path)}
    config, data = default_config_path(usual), default_data_dir(usual)
    found = launcher(config, data, usual)
    assert found.options == ()
    assert found.program.endswith("landbridge")
    (tmp_path / "landbridge").touch(mode=0o755)
    assert launcher(config, data, usual).program == "landbridge"
    other = launcher(tmp_path / "my settings", tmp_path / "d", usual, ROUTER)
    assert other.options == (
        "--config", str(tmp_path / "my settings"), "--data-dir", str(tmp_path / "d"), "--base-url", ROUTER,
    )  # fmt: skip
    made = recipe(wish(tmp_path, launcher=other))
    assert made.launch.startswith("landbridge launch claude --model smollm2 --config '/")
