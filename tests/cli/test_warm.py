"""A client is run once so that the model has read its prompt; the client is a program that notes down what it got."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes.router import MODEL, FakeRouter

from .conftest import Home
from .test_launch import NOTE_DOWN, given

pytestmark = pytest.mark.io

RESULT: dict[str, Any] = {
    "type": "result",
    "is_error": False,
    "result": "Hello.",
    "usage": {"input_tokens": 100, "cache_read_input_tokens": 4000, "output_tokens": 3},
}


def claude(home: Home, answer: object, code: int = 0) -> None:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    home.program("claude", f"{NOTE_DOWN}\nprint({text!r})\nsys.exit({code})")


def test_claude_is_run_once_as_a_session_would_be(home: Home, router: FakeRouter) -> None:
    home.settings(router.port)
    claude(home, RESULT)
    said = home.run("warm", "claude", "--model", "smollm2", ANTHROPIC_API_KEY="sk-real")
    assert said.returncode == 0, said.stderr
    env, args = given(home)["env"], given(home)["args"]
    assert args[-4:] == ["-p", "Say hello.", "--output-format", "json"]
    assert "--bare" in args, "the same form as a session's"
    assert env["ANTHROPIC_BASE_URL"] == f"{router.url}/anthropic"
    assert env["CLAUDE_CODE_MAX_OUTPUT_TOKENS"] == "128"
    assert env["ANTHROPIC_API_KEY"] == ""
    assert said.stdout == ""
    assert "smollm2 reads the prompt of Claude Code" in said.stderr
    assert "4100 tokens, 4000 of which it knew" in said.stderr


def test_its_arguments_are_the_sessions(home: Home, router: FakeRouter) -> None:
    home.settings(router.port)
    claude(home, RESULT)
    said = home.run("warm", "claude", "--", "--tools", "Read")
    assert said.returncode == 0, said.stderr
    assert given(home)["args"][-2:] == ["--tools", "Read"]
    assert "--bare" not in given(home)["args"]


def test_without_claude_it_says_how_to_get_it(home: Home, router: FakeRouter) -> None:
    home.settings(router.port)
    said = home.run("warm", "claude")
    assert said.returncode == 1
    assert "Claude Code is not installed" in said.stderr
    assert "npm install" in said.stderr


def test_another_client_is_no_choice(home: Home, router: FakeRouter) -> None:
    home.settings(router.port)
    assert home.run("warm", "emacs").returncode == 2


@pytest.mark.parametrize("answer", [{**RESULT, "is_error": True, "result": "API Error: 500"}, "API Error: 500"])
def test_what_went_wrong_is_said_in_its_words(home: Home, router: FakeRouter, answer: object) -> None:
    home.settings(router.port)
    claude(home, answer, 1)
    said = home.run("warm", "claude")
    assert said.returncode == 1
    assert "Claude Code did not get through: API Error: 500" in said.stderr
    assert "doctor" in said.stderr


def test_a_client_that_says_nothing_failed(home: Home, router: FakeRouter) -> None:
    home.settings(router.port)
    home.program("claude", "import sys; sys.exit(3)")
    said = home.run("warm", "claude")
    assert said.returncode == 1
    assert "exit code 3" in said.stderr


def test_a_providers_model_has_nothing_to_read_here(home: Home, router: FakeRouter) -> None:
    home.settings(router.port)
    claude(home, RESULT)
    router.answer("/anthropic/v1/models/p%2Fm", 200, {**MODEL, "id": "p/m", "landbridge": {"window": 8192}})
    said = home.run("warm", "claude", "--model", "p/m")
    assert said.returncode == 0, said.stderr
    assert "a provider's model" in said.stderr
    assert not (home.folder / "given.json").exists()
