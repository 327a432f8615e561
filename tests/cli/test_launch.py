"""Clients are started with what the model needs; what they need files for is gone with them.

They are programs that write down what they were given; the router is a pretend one on a real port.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from landbridge.agents.clients import CLIENTS, Client
from tests.fakes.router import MODEL, FakeRouter

from .conftest import Home

pytestmark = pytest.mark.io

NOTE_DOWN = """
import json, os, sys
if "--version" in sys.argv:
    print("2.1.330 (Claude Code)"); sys.exit()
places = [os.environ.get(name, "") for name in ("QWEN_CODE_SYSTEM_SETTINGS_PATH", "GEMINI_CLI_HOME")]
places += [after for word, after in zip(sys.argv, sys.argv[1:]) if word == "--model-metadata-file"]
there = [place for place in places if os.path.exists(place)]
with open("given.json", "w") as file:
    json.dump({"args": sys.argv[1:], "env": dict(os.environ), "there": there}, file)
"""


def given(home: Home) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home.folder / "given.json").read_text())
    return found


@pytest.fixture
def ready(home: Home, router: FakeRouter) -> Home:
    """A router that runs, and a `claude` that notes down what it gets and exits with 7."""
    home.settings(router.port)
    home.program("claude", f"{NOTE_DOWN}\nsys.exit(7)")
    return home


def test_claude_gets_what_the_model_needs(ready: Home, router: FakeRouter) -> None:
    said = ready.run("launch", "claude", "--model", "smollm2", "--", "-p", "hi", ANTHROPIC_API_KEY="sk-real")
    assert said.returncode == 7, said.stderr
    env, args = given(ready)["env"], given(ready)["args"]
    assert env["ANTHROPIC_BASE_URL"] == f"{router.url}/anthropic"
    assert env["CLAUDE_CODE_MAX_CONTEXT_TOKENS"] == "8192"
    assert env["CLAUDE_CODE_MAX_OUTPUT_TOKENS"] == "2048"
    assert env["ANTHROPIC_API_KEY"] == ""
    assert env["HOME"] == ready.env["HOME"]
    assert args[-2:] == ["-p", "hi"]
    assert "--bare" in args
    assert "sk-real" not in json.dumps(given(ready))


def test_what_was_added_is_said_on_stderr(ready: Home) -> None:
    said = ready.run("launch", "claude", "--model", "smollm2")
    assert said.stdout == ""
    assert [line.startswith("landbridge: ") for line in said.stderr.splitlines()] == [True, True]
    assert "--bare" in said.stderr


def test_the_default_model_is_taken(ready: Home) -> None:
    ready.run("launch", "claude")
    assert given(ready)["env"]["ANTHROPIC_MODEL"] == "smollm2"


def test_options_after_the_dashes_are_claudes(ready: Home) -> None:
    ready.run("launch", "claude", "--", "--help", "--config", "x", "--json", "--tools", "Read")
    assert given(ready)["args"][-6:] == ["--help", "--config", "x", "--json", "--tools", "Read"]


def test_unknown_model_is_said_in_the_routers_words(ready: Home) -> None:
    said = ready.run("launch", "claude", "--model", "x")
    assert said.returncode == 1
    assert said.stderr == "landbridge: There is no model 'x'.\n"
    assert not (ready.folder / "given.json").exists()


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_every_client_gets_the_router_and_its_own_arguments(client: Client, ready: Home, router: FakeRouter) -> None:
    ready.program(client.program, f"{NOTE_DOWN}\nsys.exit(7)")
    said = ready.run("launch", client.name, "--", "-p", "hi", OPENAI_API_KEY="sk-real", GEMINI_API_KEY="sk-real")
    assert said.returncode == 7, said.stderr
    got = given(ready)
    assert got["args"][-2:] == ["-p", "hi"]
    assert bool(got["there"]) == client.by_files
    assert not list(ready.data.glob("launch/*")), "files of the session are gone with it"
    if not client.by_files:
        assert router.url in json.dumps(got)


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_every_client_can_be_set_up_by_hand(client: Client, ready: Home) -> None:
    ready.program(client.program, f"{NOTE_DOWN}\nsys.exit(7)")
    said = ready.run("launch", client.name, "--print-env")
    assert said.returncode == 0, said.stderr
    assert not (ready.folder / "given.json").exists()
    script = f"{said.stdout}\n{client.program} -p 'a b'"
    ran = subprocess.run(["/bin/bash", "-c", script], cwd=ready.folder, env=ready.env, capture_output=True, text=True)
    assert ran.returncode == 7, ran.stderr
    assert given(ready)["args"][-2:] == ["-p", "a b"]
    assert bool(given(ready)["there"]) == client.by_files, "its files stay"
    assert ready.run("launch", client.name, "--print-env").stdout == said.stdout, "twice is no trouble"


def test_arguments_are_part_of_the_json(ready: Home, router: FakeRouter) -> None:
    told = json.loads(ready.run("launch", "codex", "--print-env", "--json").stdout)
    assert f'model_providers.landbridge.base_url="{router.url}/v1"' in told["arguments"]


def test_alone_it_shows_the_clients(ready: Home) -> None:
    said = ready.run("launch")
    assert said.returncode == 0, said.stderr
    lines = {line.split()[0]: line for line in said.stdout.splitlines()[: len(CLIENTS)]}
    assert list(lines) == list(CLIENTS)
    assert "2.1.330" in lines["claude"]
    assert str(ready.bin / "claude") in lines["claude"]
    assert "not installed" in lines["codex"]
    assert "npm install -g @openai/codex" in lines["codex"]
    rows = json.loads(ready.run("launch", "--json").stdout)
    assert [row["client"] for row in rows] == list(CLIENTS)
    assert [row["version"] for row in rows if row["state"] == "installed"] == ["2.1.330"]


def test_without_claude_the_remedy_is_the_command(home: Home, router: FakeRouter) -> None:
    home.settings(router.port)
    said = home.run("launch", "claude")
    assert said.returncode == 1
    assert "npm install -g @anthropic-ai/claude-code" in said.stderr


def test_another_program_on_the_port(ready: Home, router: FakeRouter) -> None:
    router.answer("/health", 200, b"<html>")
    said = ready.run("launch", "claude")
    assert said.returncode == 1
    assert "Something else than landbridge" in said.stderr
    assert said.stderr.count("\n") == 1


def test_a_switched_off_router(ready: Home) -> None:
    ready.config.write_text("[listeners.router]\nenabled = false")
    said = ready.run("launch", "claude")
    assert said.returncode == 2
    assert "switched off" in said.stderr


def test_base_url_names_another_router(ready: Home, router: FakeRouter, free_port: Callable[[], int]) -> None:
    ready.settings(free_port())
    said = ready.run("launch", "claude", "--base-url", f"{router.url}/anthropic/")
    assert said.returncode == 7, said.stderr
    assert given(ready)["env"]["ANTHROPIC_BASE_URL"] == f"{router.url}/anthropic"


def test_base_url_where_nobody_is(ready: Home, free_port: Callable[[], int]) -> None:
    said = ready.run("launch", "claude", "--base-url", f"http://127.0.0.1:{free_port()}")
    assert said.returncode == 1
    assert "connection refused" in said.stderr


def test_print_env_starts_nothing_and_a_shell_understands_it(ready: Home) -> None:
    said = ready.run("launch", "claude", "--print-env")
    assert said.returncode == 0
    assert not (ready.folder / "given.json").exists()
    script = f"{said.stdout}\nenv"
    seen = subprocess.run(["/bin/sh", "-c", script], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)
    assert "ANTHROPIC_AUTH_TOKEN=landbridge\n" in seen.stdout
    assert "ANTHROPIC_API_KEY=\n" in seen.stdout


def test_print_env_as_json(ready: Home) -> None:
    said = ready.run("launch", "claude", "--print-env", "--json")
    told = json.loads(said.stdout)
    assert told["variables"]["ANTHROPIC_MODEL"] == "smollm2"
    assert told["arguments"] == ["--bare"], "what no variable says"


def test_print_env_needs_a_running_router(ready: Home, free_port: Callable[[], int]) -> None:
    ready.settings(free_port())
    said = ready.run("launch", "claude", "--print-env")
    assert said.returncode == 1
    assert "landbridge serve" in said.stderr


def test_large_windows_get_claude_as_it_is(ready: Home, router: FakeRouter) -> None:
    large = {**MODEL, "landbridge": {"window": 200_000, "local": False, "tools": True, "dialect": "openai_chat"}}
    router.answer("/anthropic/v1/models/lab%2Fm", 200, large)
    said = ready.run("launch", "claude", "--model", "lab/m")
    assert said.stderr == ""
    args = given(ready)["args"]
    assert args[:2] == ["--model", "lab/m"]
    assert not [arg for arg in args if arg.startswith(("--tools", "--bare"))]
