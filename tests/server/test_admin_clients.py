"""What connects a client, over HTTP: for the shell that is asked for, and without a key of anybody's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from landbridge.access.known import own_key
from landbridge.server.admin_clients import CLIENTS_PATH
from tests.fakes.running import Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]

SETTINGS = """
default_model = "lab/m"
[providers.lab]
dialect = "openai_chat"
base_url = "http://127.0.0.1:9"
api_key = "sk-real"
models = ["m"]
[models.m]
"""


@pytest.fixture
async def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    monkeypatch.setenv("HOME", str(tmp_path))
    env = {"PATH": str(tmp_path), "SHELL": "/usr/bin/fish", "HOME": str(tmp_path)}
    async with Running(tmp_path, SETTINGS, env=env) as running:
        yield running


async def got(running: Running, path: str, status: int = 200) -> Any:
    reply = await running.get(CLIENTS_PATH + path)
    assert reply.status == status, reply.body
    assert b"sk-real" not in reply.body
    return reply.json


async def test_which_there_are(running: Running, tmp_path: Path) -> None:
    program = tmp_path / "codex"
    program.write_text("#!/bin/sh\necho 0.169.0")
    program.chmod(0o755)
    told = await got(running, "")
    assert (told["router"], told["open"], told["keyed"]) == (running.url, True, False)
    assert (told["shell"], told["default_model"]) == ("fish", "lab/m")
    found = {each["client"]: each for each in told["clients"]}
    assert (found["codex"]["version"], found["claude"]["state"]) == ("0.169.0", "not installed")
    quick = await got(running, "?versions=false")
    assert {each["client"]: each["state"] for each in quick["clients"]}["codex"] == "installed"
    assert {each["client"]: each["version"] for each in quick["clients"]}["codex"] == ""
    assert (await got(running, "?version=1", 400))["error"]["message"].startswith("There is no parameter")


async def test_a_recipe(running: Running) -> None:
    made = await got(running, "/claude?shell=fish")
    assert f"set -gx ANTHROPIC_BASE_URL {running.url}/anthropic" in " ".join(made["lines"]).replace("'", "")
    assert made["launch"].endswith(f"--base-url {running.url}"), "a free port stands in no settings"
    assert (made["model"], made["local"], made["window"]) == ("lab/m", False, None)
    away = await got(running, "/claude?base_url=http://box.lan:38080/")
    assert away["endpoint"] == "http://box.lan:38080/anthropic"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/emacs", 404, "There is no client 'emacs'"),
        ("/claude?model=lab/x/y", 200, ""),
        ("/claude?model=nobody", 404, "There is no model 'nobody'"),
        ("/claude?shell=tcsh", 400, "shell"),
        ("/claude?base_url=file:///etc", 400, "base_url"),
        ("/claude?base_url=http://a/b", 400, "base_url"),
        ("/claude?colour=blue", 400, "colour"),
    ],
)
async def test_what_cannot_be_meant(running: Running, path: str, status: int, words: str) -> None:
    status = 404 if "x/y" in path else status
    said = await got(running, path, status)
    assert words in said["error"]["message"]


async def test_files_are_written_for_whoever_has_the_key(running: Running, tmp_path: Path) -> None:
    path = f"{CLIENTS_PATH}/qwen/files"
    headers = {"content-type": "application/json"}
    assert (await running.post(path, {}, headers)).status == 401
    headers["authorization"] = f"Bearer {own_key(tmp_path)}"
    made = (await running.post(path, {"model": "lab/m"}, headers)).json
    (name,) = made["files"]
    assert '"lab/m"' in Path(name).read_text()


async def test_a_key_is_asked_for_and_not_shown(tmp_path: Path) -> None:
    async with Running(tmp_path, SETTINGS + '[access]\nrequired = "always"\n') as running:
        headers = {"authorization": f"Bearer {own_key(tmp_path)}"}
        told = (await running.get(CLIENTS_PATH, headers)).json
        made = await running.get(f"{CLIENTS_PATH}/claude", headers)
        assert told["keyed"]
        assert "export ANTHROPIC_AUTH_TOKEN=YOUR-KEY" in made.json["lines"]
        assert own_key(tmp_path).encode() not in made.body
