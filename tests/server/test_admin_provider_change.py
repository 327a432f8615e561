"""Providers added, tried, given other keys, turned off and removed over HTTP; a key goes in and never comes out."""

from __future__ import annotations

import json
import tomllib
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import msgspec
import pytest

from landbridge.providers.key_file import KeyFile
from landbridge.server.admin_provider_change import STEPS, NewProvider, OtherKey
from tests.fakes.keychain import instead, nothing
from tests.fakes.landbridge import Served
from tests.fakes.running import Running
from tests.fakes.strict import KEY, Strict

pytestmark = [pytest.mark.anyio, pytest.mark.io]
BAD = "sk-bad-key-0815"
HI = [{"role": "user", "content": "Hi"}]


@pytest.fixture(autouse=True)
def keychain() -> Iterator[None]:
    with instead(nothing()):
        yield


class Home:
    """A router with a provider beside it."""

    def __init__(self, served: Served, server: Strict) -> None:
        self.served, self.server = served, server
        self.keys = KeyFile(served.data, {})
        own = (served.data / "own.key").read_text().strip()
        self._headers = {"content-type": "application/json", "authorization": f"Bearer {own}"}
        self.said = ""

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        def fetch() -> tuple[int, bytes]:
            data = None if body is None else json.dumps(body).encode()
            url = f"{self.served.router}/api/v1/providers{path}"
            request = urllib.request.Request(url, data=data, headers=self._headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as refusal:
                with refusal:
                    return refusal.code, refusal.read()

        status, content = await anyio.to_thread.run_sync(fetch)
        self.said += content.decode()
        return status, json.loads(content)

    @property
    def new(self) -> dict[str, Any]:
        return {"name": "lab", "dialect": "openai_chat", "base_url": self.server.base_url("openai_chat")}

    @property
    def providers(self) -> dict[str, Any]:
        found: dict[str, Any] = tomllib.loads(self.served.config.read_text()).get("providers", {})
        return found


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    env = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "OPENAI_API_KEY": ""}
    settings = 'default_model = "lab/m"\n[retries]\nmax = 0\n'
    async with Strict(models=("m", "n")) as server, Served(tmp_path, settings, env=env) as served:
        home = Home(served, server)
        yield home
        texts = [served.log, home.said, served.config.read_text()]
        assert not any(key in text for text in texts for key in (KEY, BAD)), "a key got out"


async def test_from_a_bad_key_to_one_that_is_gone(home: Home) -> None:
    status, found = await home.ask("POST", "", {**home.new, "key": BAD})
    assert (status, found["saved"], found["checkup"]["status"]) == (200, False, 403)
    assert "Incorrect API key provided." in found["checkup"]["problem"]
    assert [(step["name"], step["state"]) for step in found["steps"]] == [
        ("settings", "ok"),
        ("key", "ok"),
        ("list", "failed"),
    ]
    assert home.providers == {} and home.keys.names() == []
    status, found = await home.ask("POST", "", {**home.new, "key": KEY, "save": "never"})
    assert (found["saved"], found["checkup"]["ok"], home.providers) == (False, True, {})
    status, found = await home.ask("POST", "", {**home.new, "key": f" {KEY}\n"})
    assert (status, found["saved"], found["checkup"]["models"], found["fault"]) == (200, True, ["m", "n"], "")
    assert "encrypted file" in found["kept_in"] and home.keys.get("lab") == KEY
    assert home.providers["lab"]["api_key"] == "keyring:lab"
    chat = {"model": "lab/m", "messages": HI}
    assert (await home.served.post("/v1/chat/completions", chat))[0] == 200, "it is taken up before it is answered"
    assert (await home.ask("GET", ""))[1]["providers"][0]["listed"] == 2

    status, found = await home.ask("POST", "/lab/disable", {})
    assert (status, found) == (200, {"name": "lab", "enabled": False, "leads": ["default_model"], "fault": ""})
    status, refused = await home.served.post("/v1/chat/completions", chat)
    assert status == 404 and "'lab' cannot be used: it is turned off" in refused["error"]["message"]
    assert (await home.served.get("/v1/models"))[1]["data"] == []
    assert (await home.ask("POST", "/lab/test", {}))[1]["checkup"]["ok"], "it can be tried before it is on again"
    assert (await home.ask("POST", "/lab/enable", {}))[1]["enabled"] is True
    assert (await home.served.post("/v1/chat/completions", chat))[0] == 200

    status, found = await home.ask("DELETE", "/lab", {})
    assert status == 400 and "would lead nowhere: default_model" in found["error"]["message"]
    status, found = await home.ask("DELETE", "/lab?confirm=true", {})
    assert (found["leads"], found["key_gone"], found["key_fault"]) == (["default_model"], True, "")
    assert (await home.ask("GET", ""))[1]["providers"] == [] and home.keys.names() == []


async def test_another_key_and_what_is_kept_although_it_does_not_work(home: Home) -> None:
    assert (await home.ask("POST", "", {**home.new, "key": BAD, "save": "always"}))[1]["saved"] is True
    tried = (await home.ask("POST", "/lab/test", {"model": "m"}))[1]
    assert (tried["checkup"]["ok"], tried["checkup"]["status"]) == (False, 403)
    (row,) = (await home.ask("GET", ""))[1]["providers"]
    assert "Incorrect API key" in row["tried"]["problem"]
    found = (await home.ask("PUT", "/lab/key", {"key": "sk-worse-key-4712"}))[1]
    assert (found["saved"], home.keys.get("lab")) == (False, BAD)
    found = (await home.ask("PUT", "/lab/key", {"key": KEY}))[1]
    assert (found["saved"], home.keys.get("lab")) == (True, KEY)
    (row,) = (await home.ask("GET", ""))[1]["providers"]
    assert (row["tried"]["ok"], row["state"]) == (True, "ok")
    assert (await home.ask("PUT", "/lab/key", {"key_from": "${NO_SUCH}", "save": "always"}))[1]["saved"] is True
    assert home.providers["lab"]["api_key"] == "${NO_SUCH}"


IMPOSSIBLE: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("POST", "", {}, "Which provider?"),
    ("POST", "", {"preset": "openai"}, "openai needs a key"),
    ("POST", "", {"preset": "openai", "key_from": KEY}, "does not say where a key is"),
    ("POST", "", {"preset": "openai", "key": KEY, "name": "a b"}, "is no name"),
    ("POST", "", {"preset": "openai", "key": [KEY]}, "Expected `str`"),
    ("POST", "", {"preset": "openai", "kye": KEY}, "unknown field `kye`"),
    ("PUT", "/lap/key", {"key": KEY}, "no provider 'lap'"),
    ("PUT", "/lap/key", {}, "key is missing"),
    ("POST", "/lap/test", {}, "no provider 'lap'"),
    ("POST", "/lap/enable", {}, "no provider 'lap'"),
    ("DELETE", "/lap?confirm=1", {}, "no provider 'lap'"),
)


async def test_what_cannot_be(home: Home) -> None:
    for method, path, body, words in IMPOSSIBLE:
        status, found = await home.ask(method, path, body)
        assert (status, words in found["error"]["message"]) == (400, True), found


async def test_steps_are_told_as_they_are_taken(tmp_path: Path) -> None:
    async with Strict() as server:
        url = server.base_url("openai_chat")
        settings = f'[providers.lab]\ndialect = "openai_chat"\nbase_url = "{url}"\napi_key = "${{K}}"\n'
        async with Running(tmp_path, settings, env={"K": KEY}) as running:
            await running.get("/api/v1/providers")
            told: list[tuple[str, str]] = []

            async def listen() -> None:
                async for said in running.hub.listen([STEPS]):
                    steps = [json.loads(value) for _, value in said]
                    told.extend((each["step"]["name"], each["step"]["state"]) for each in steps if each["trial"] == "t")
                    if ("list", "ok") in told:
                        return

            own = {"authorization": f"Bearer {(tmp_path / 'own.key').read_text().strip()}"}
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(listen)
                await anyio.wait_all_tasks_blocked()
                json_type = {"content-type": "application/json"}
                reply = await running.post("/api/v1/providers/lab/test", {"trial": "t"}, {**own, **json_type})
    assert reply.json["checkup"]["ok"] is True
    assert told == [("settings", "ok"), ("key", "ok"), ("list", "begun"), ("list", "ok")]


def test_bodies_do_not_show_their_keys() -> None:
    for type in (NewProvider, OtherKey):
        assert KEY not in repr(msgspec.convert({"key": KEY}, type))
    assert STEPS == "trials"
