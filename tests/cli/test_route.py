"""`landbridge route`: as the running router sees it, and by the settings alone where none runs."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from landbridge.cli.main import main
from tests.cli.conftest import Home
from tests.fakes.router import FakeRouter

pytestmark = pytest.mark.io

MORE = """
[providers.lab]
dialect = "openai_chat"
base_url = "http://127.0.0.1:9/v1"
auth = "none"
models = ["m", "n"]
[aliases]
fast = ["lab/q", "lab/m", "lab/n"]
[views.codex]
fast = "lab/n"
"""
TOLD = {"target": "lab/m", "place": 1, "breaker": "closed", "window": 4096, "begins_after": 0.5}
LEFT = {"target": "lab/n", "place": None, "breaker": "open", "why": "breaker open 3s", "last_failure": "unreachable"}
FOUND = {
    "model": "fast",
    "target": "lab/m",
    "why": "alias fast",
    "route": "lab/m; alias fast",
    "view": "",
    "policy": "least_latency",
    "sticky": True,
    "targets": [TOLD, LEFT],
}


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["route", *words])
    out, err = capsys.readouterr()
    return code, out, err


def test_as_the_running_router_sees_it(home: Home, router: FakeRouter, capsys: pytest.CaptureFixture[str]) -> None:
    home.settings(router.port)
    path = "/api/v1/routes/fast?client=codex&tokens=5"
    router.answer(path, 200, FOUND)
    router.answer("/api/v1/routes", 200, {"routes": [FOUND]})
    code, out, _ = run(capsys, "--explain", "fast", "--client", "codex", "--tokens", "5")
    assert code == 0
    first, head, *rows = out.splitlines()
    assert first == "fast -> lab/m (alias fast)"
    assert head.split() == ["TARGET", "ASKED", "STATE", "WINDOW", "BEGINS", "AFTER", "BECAUSE"]
    assert rows[0].split() == ["lab/m", "first", "closed", "4096", "0.50", "s"]
    assert rows[1].split()[:3] == ["lab/n", "no", "open"] and "last" in out
    code, out, _ = run(capsys)
    assert out.splitlines()[1].split() == ["fast", "lab/m", "least", "latency,", "sticky", "lab/m,", "lab/n"]
    code, out, _ = run(capsys, "--explain", "fast", "--client", "codex", "--tokens", "5", "--json")
    assert (code, json.loads(out)["targets"][1]["last_failure"]) == (0, "unreachable")


def test_by_the_settings_alone(home: Home, free_port: Callable[[], int], capsys: pytest.CaptureFixture[str]) -> None:
    home.settings(free_port(), MORE)
    code, out, err = run(capsys, "--explain", "fast")
    assert code == 0 and "this is what the settings say" in err
    assert out.startswith("fast -> lab/m (alias fast)\n") and "There is no model" in out
    assert "fast -> lab/n" in run(capsys, "--explain", "fast", "--client", "codex")[1]
    assert "fast" in run(capsys)[1]
    code, _, err = run(capsys, "--explain", "nope")
    assert code == 1 and "There is no model 'nope'" in err
    home.settings(free_port())
    assert "No name leads to several models" in run(capsys)[1]


def test_nobody_to_ask_is_a_failure(
    home: Home, free_port: Callable[[], int], capsys: pytest.CaptureFixture[str]
) -> None:
    home.settings(free_port(), '[aliases]\nfast = ["gone", "away"]\n')
    code, out, _ = run(capsys, "--explain", "fast")
    assert (code, out.splitlines()[0]) == (1, "fast -> nobody (alias fast)")


def test_a_router_that_was_named_is_asked_and_another_program_is_told_apart(
    home: Home, router: FakeRouter, free_port: Callable[[], int], capsys: pytest.CaptureFixture[str]
) -> None:
    home.settings(free_port(), MORE)
    code, _, err = run(capsys, "--explain", "fast", "--base-url", f"http://127.0.0.1:{free_port()}")
    assert code == 1 and "Nothing listens at" in err
    router.answer("/api/v1/routes/fast", 200, b"<html>")
    code, _, err = run(capsys, "--explain", "fast", "--base-url", router.url)
    assert code == 1 and "Something else than landbridge" in err
