"""`landbridge doctor` as a user runs it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.fakes.router import FakeRouter

from .conftest import Home

pytestmark = pytest.mark.io


def test_all_is_well(home: Home, router: FakeRouter) -> None:
    home.settings(router.port)
    home.program("claude", "print('2.1.330 (Claude Code)')")
    said = home.run("doctor")
    assert said.returncode == 0, said.stdout
    assert said.stderr == ""
    assert "fail" not in said.stdout
    assert "ok    answer: smollm2 answered in" in said.stdout
    assert [path for _, path, _ in router.asked] == [
        "/health",
        "/anthropic/v1/models/smollm2",
        "/anthropic/v1/messages",
    ]


def test_router_down_fails_with_its_remedy(home: Home, free_port: Callable[[], int]) -> None:
    home.settings(free_port())
    said = home.run("doctor")
    assert said.returncode == 1
    assert "fail  router: connection refused" in said.stdout
    assert "      -> Start it with 'landbridge serve'." in said.stdout


def test_json(home: Home, router: FakeRouter) -> None:
    home.settings(router.port)
    said = home.run("doctor", "--json", "--model", "x")
    assert said.returncode == 1
    report = json.loads(said.stdout)
    (model,) = [finding for finding in report["findings"] if finding["check"] == "model"]
    assert model == {"check": "model", "verdict": "fail", "finding": "There is no model 'x'.", "remedy": ""}
    assert report["verdicts"]["fail"] == 1


def test_broken_settings_do_not_stop_it(home: Home) -> None:
    home.config.write_text("[listeners.router]\nport = 1\ncolour = 2")
    said = home.run("doctor")
    assert said.returncode == 1
    assert "fail  settings:" in said.stdout
    assert "memory:" in said.stdout


def test_a_switched_off_router_is_not_asked(home: Home, router: FakeRouter) -> None:
    home.config.write_text(f"[listeners.router]\nenabled = false\nport = {router.port}")
    said = home.run("doctor")
    assert "warn  router: switched off" in said.stdout
    assert router.asked == []


def test_a_terminal_gets_a_table(home: Home, free_port: Callable[[], int]) -> None:
    home.settings(free_port())
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "landbridge", "doctor"]
    with os.fdopen(ours, "rb", buffering=0) as screen, os.fdopen(theirs, "wb") as terminal:
        with subprocess.Popen(command, env={**home.env, "COLUMNS": "200"}, stdout=terminal) as process:
            process.wait(30)
        shown = screen.read(65536).decode()
    assert "FAIL" in shown
    assert "-> Start it with 'landbridge serve'." in shown
    assert process.returncode == 1
