"""Claude Code is started with what the model needs, keeps Ctrl-C for itself, and its exit code is ours.

`claude` is a program that writes down what it was given; the router is a pretend one on a real port.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.router import MODEL, FakeRouter

from .conftest import Home

pytestmark = pytest.mark.io

NOTE_DOWN = """
import json, os, sys
if "--version" in sys.argv:
    print("2.1.330 (Claude Code)"); sys.exit()
with open("given.json", "w") as file:
    json.dump({"args": sys.argv[1:], "env": dict(os.environ)}, file)
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
    assert json.loads(said.stdout)["ANTHROPIC_MODEL"] == "smollm2"


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


WAITS = """
import signal, time
def leave(number, frame): sys.exit(40 + number)
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, leave)
print("waiting", flush=True)
time.sleep(30)
"""


@pytest.mark.parametrize(("number", "to_group"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_signals_are_claudes_and_its_exit_code_is_ours(number: int, to_group: bool, ready: Home) -> None:
    ready.program("claude", NOTE_DOWN + WAITS)
    command = [sys.executable, "-m", "landbridge", "launch", "claude"]
    with subprocess.Popen(command, env=ready.env, stdout=subprocess.PIPE, start_new_session=True) as session:
        assert session.stdout is not None
        assert session.stdout.readline() == b"waiting\n"
        os.killpg(session.pid, number) if to_group else session.send_signal(number)
        assert session.wait(10) == 40 + number


def test_a_killed_claude_gives_the_shells_exit_code(ready: Home) -> None:
    ready.program("claude", NOTE_DOWN + "\nos.kill(os.getpid(), 9)")
    assert ready.run("launch", "claude").returncode == 137
