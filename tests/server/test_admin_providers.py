"""`/api/v1/presets` and `/api/v1/providers`, and what they say of models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from landbridge.providers.presets import presets
from landbridge.server.admin_providers import TOPIC
from tests.fakes.keychain import folder, instead
from tests.fakes.lists import Lister, models
from tests.fakes.provider import Answer, Provider
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]
KEY = "planted-key-of-the-lab"


@pytest.fixture(autouse=True)
def keychain() -> Iterator[None]:
    with instead(folder()):
        yield


def settings(server: Provider, more: str = "") -> str:
    return f"""
        default_model = "lab/m"
        [prices]
        "lab/m" = {{ input = 1, output = 2 }}
        [providers.lab]
        dialect = "openai_chat"
        base_url = "{server.base_url("openai_chat")}"
        api_key = "${{LAB}}"
        {more}
    """


async def test_presets(tmp_path: Path) -> None:
    async with Running(tmp_path, env={"OPENAI_API_KEY": KEY}) as running:
        reply = await running.get("/api/v1/presets")
    assert [each["preset"] for each in reply.json["presets"] if each["preset"]] == list(presets())
    assert reply.json["presets"][0]["variables_set"] is True
    assert "keychain (" in reply.json["keys_in"]
    assert KEY.encode() not in reply.body


async def test_how_they_stand_and_all_that_is_known_of_one(tmp_path: Path) -> None:
    async with Lister(models("m", "n")) as server, Running(tmp_path, settings(server), env={"LAB": KEY}) as running:
        (row,) = (await running.get("/api/v1/providers")).json["providers"]
        assert (row["name"], row["key"], row["state"], row["enabled"]) == ("lab", "variable LAB", "ok", True)
        assert (row["models"], row["listed"], row["tried"], row["missed"]) == (None, None, None, None)
        one = await running.get("/api/v1/providers/lab")
        assert (one.json["standing"], one.json["leads"]) == (row, ["default_model"])
        assert one.json["settings"]["api_key"] == "${LAB}"
        none = await running.get("/api/v1/providers/lap")
    assert none.status == 404 and "There are: lab." in none.json["error"]["message"]
    assert KEY.encode() not in one.body


async def test_models_are_asked_for_once_and_again_when_that_is_wished(tmp_path: Path) -> None:
    async with Lister(models("m", "n")) as server, Running(tmp_path, settings(server), env={"LAB": KEY}) as running:
        found = (await running.get("/api/v1/providers/lab/models")).json
        assert (found["listed"], found["problem"]) == (True, "")
        assert [(each["name"], each["price"] and each["price"]["output"]) for each in found["models"]] == [
            ("lab/m", 2.0),
            ("lab/n", None),
        ]
        server.list = models("m", "n", "new")
        assert len((await running.get("/api/v1/providers/lab/models")).json["models"]) == 2
        assert len((await running.get("/api/v1/providers/lab/models?fresh=true")).json["models"]) == 3
        assert (await running.get("/api/v1/providers")).json["providers"][0]["listed"] == 3
        server.list = Answer(status=500)
        failed = (await running.get("/api/v1/providers/lab/models?fresh=true")).json
    assert failed["listed"] is False and "500" in failed["problem"]


async def test_models_of_one_that_is_off_or_names_them(tmp_path: Path) -> None:
    async with Lister(models("m")) as server:
        with_names = settings(server, 'models = ["a"]\n[providers.off]\npreset = "ollama"\nenabled = false')
        async with Running(tmp_path, with_names, env={"LAB": KEY}) as running:
            named = (await running.get("/api/v1/providers/lab/models")).json
            off = (await running.get("/api/v1/providers/off/models")).json
        assert server.asked == 0
    assert ([each["model"] for each in named["models"]], named["listed"]) == (["a"], False)
    assert off["models"] == [] and "turned off" in off["problem"]


async def test_whoever_listens_hears_how_they_stand(tmp_path: Path) -> None:
    async with Lister(models("m")) as server, Running(tmp_path, settings(server), env={"LAB": KEY}) as running:
        await running.get("/api/v1/providers")
        async for said in running.hub.listen([TOPIC]):
            assert b'"name":"lab"' in dict(said)[TOPIC]
            break
