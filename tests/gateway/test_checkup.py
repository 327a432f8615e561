"""Trying a provider: what proves that it works, and what is said where it does not."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.config import Config, ProviderSettings
from landbridge.gateway.checkup import Checkup, check
from landbridge.gateway.world import World
from landbridge.upstream.client import Client
from tests.fakes.provider import Answer, Provider, Received, chat_error, error
from tests.fakes.strict import KEY, Strict

pytestmark = [pytest.mark.anyio, pytest.mark.io]


async def tried(server: Provider, key: str = KEY, model: str = "", preset: str = "openai", **settings: Any) -> Checkup:
    made = {"base_url": server.base_url("openai_chat"), "api_key": "${K}"} | settings
    world = World(Config(providers={"work": ProviderSettings(preset=preset, **made)}), {"K": key}, tuple)
    client = Client()
    await client.start()
    try:
        return await check(client, world, "work", model)
    finally:
        await client.close()


async def test_a_list_for_a_good_key_proves_it() -> None:
    async with Strict(models=("a", "b")) as server:
        found = await tried(server)
    assert found == Checkup("work", True, "list", ("a", "b"), True)
    assert server.requests == [], "nothing was generated"


async def test_a_bad_key_is_said_in_the_providers_words() -> None:
    async with Strict() as server:
        found = await tried(server, "sk-bad")
    assert (found.ok, found.status) == (False, 403)
    assert "Incorrect API key provided." in found.problem
    assert "sk-bad" not in found.problem + found.remedy


async def test_a_list_for_everybody_proves_nothing_so_a_model_is_asked() -> None:
    async with Strict(open_list=True, models=("a", "b")) as server:
        good = await tried(server, preset="openrouter")
        bad = await tried(server, "sk-bad", preset="openrouter")
    assert good == Checkup("work", True, "answer", ("a", "b"), True, "a")
    assert (bad.ok, bad.status, bad.models) == (False, 403, ("a", "b"))
    assert "Incorrect API key provided." in bad.problem


async def test_a_model_taken_from_a_list_need_not_chat() -> None:
    async with Strict(error(*chat_error(400, "not a chat model")), open_list=True) as server:
        found = await tried(server, preset="openrouter")
        named = await tried(server, preset="openrouter", models=["m"])
    assert (found.ok, found.proof, found.asked) == (True, "list", "m")
    assert "not a chat model" in found.problem
    assert (named.ok, named.status) == (False, 400), "one that somebody named has to"


async def test_without_a_list_a_model_is_asked() -> None:
    async with Strict(has_list=False) as server:
        found = await tried(server, models=["x", "y"])
        assert (found.ok, found.proof, found.models, found.listed, found.asked) == (
            True,
            "answer",
            ("x", "y"),
            False,
            "x",
        )
        assert server.requests[0].json["model"] == "x"
        assert server.requests[0].json["max_completion_tokens"] == 32
        nothing = await tried(server)
        assert not nothing.ok and "Not Found" in nothing.problem
        azure = await tried(server, preset="azure", place={"resource": "r"}, auth="bearer")
        assert azure.problem == "Nothing could be tried: it has no list of models."
        assert azure.remedy == "Name one: --model MODEL."


async def test_a_model_that_is_named_is_asked_though_there_is_a_list() -> None:
    async with Strict(models=("a",)) as server:
        found = await tried(server, model="work/b")
    assert (found.ok, found.proof, found.asked) == (True, "answer", "b")
    assert server.requests[0].json["model"] == "b"


async def test_something_else_that_answers_there() -> None:
    class Page(Provider):
        def answer(self, request: Received) -> Answer:
            return Answer(headers={"content-type": "text/html"}, body=b"<html>Log in</html>")

    async with Page() as server:
        found = await tried(server)
    assert (found.ok, found.problem) == (False, "It answered, but not with a list of models.")
    assert "Check base_url" in found.remedy


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"base_url": "http://127.0.0.1:1/v1"}, "Cannot connect to 127.0.0.1:1"),
        ({"base_url": "no address"}, "base_url is no address"),
        ({"api_key": "${GONE}"}, "It cannot be used: the environment variable GONE is not set."),
    ],
)
async def test_what_stands_in_the_way_before(settings: dict[str, Any], said: str) -> None:
    async with Strict() as server:
        found = await tried(server, **settings)
    assert not found.ok and said in found.problem
    assert server.connected == 0
