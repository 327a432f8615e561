"""Providers that are away are looked for beside the requests: none of these waits for one that is not there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from landbridge.gateway.world import World
from tests.fakes.provider import Answer, Provider, Reply, chat_error, error
from tests.fakes.running import Running
from tests.fakes.script import Step
from tests.gateway.test_trip import ASK, CHAT, SILENT, section

pytestmark = [pytest.mark.anyio, pytest.mark.io]

ROUTE = '[aliases]\nfast = ["a/m", "b/m"]\n'
BREAKER = "[breaker]\nfailures = 1\nrest = 0.05\n"


def settings(first: str, second: Provider, more: str = "") -> str:
    return (
        BREAKER
        + more
        + ROUTE
        + section("a", first, more="first_byte_timeout = 0.1")
        + section("b", second.base_url("openai_chat"))
    )


async def route(gateway: Running) -> str:
    """Who answers, and why."""
    reply = await gateway.post(CHAT, ASK)
    assert reply.status == 200, reply.body
    return reply.headers["x-landbridge-route"]


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not what():
            await asyncio.sleep(0.005)


def looked_for(name: str) -> bool:
    return any(task.get_name() == f"looking for {name}" for task in asyncio.all_tasks())


async def test_no_request_tries_it_until_it_was_found(tmp_path: Path, free_port: Callable[[], int]) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/v1"
    async with Provider(Reply(text="b")) as other, Running(tmp_path, settings(url, other)) as gateway:
        assert "failed a/m" in await route(gateway)
        breaker = gateway.gateway.world.breakers["a/m"]
        await until(lambda: breaker.left(asyncio.get_running_loop().time()) > 0.1)  # looked for twice, not found
        assert "skipped a/m" in await route(gateway)
        async with Provider(Reply(text="a"), port=port) as back:
            await until(lambda: breaker.admits(asyncio.get_running_loop().time()))
            assert [request.path for request in back.requests] == [], "no completion was asked to find out"
            assert await route(gateway) == "a/m; alias fast"
            assert breaker.closed


async def test_one_that_answers_anything_may_be_tried(tmp_path: Path) -> None:
    """It was silent once; that it refuses its list shows that it is there."""
    silent_once: list[Step] = [SILENT, Reply(text="a")]
    async with Provider(silent_once) as first, Provider(Reply(text="b")) as other:
        url = first.base_url("openai_chat")
        async with Running(tmp_path, settings(url, other)) as gateway:
            assert "failed a/m" in await route(gateway)
            breaker = gateway.gateway.world.breakers["a/m"]
            await until(lambda: breaker.admits(asyncio.get_running_loop().time()))
            assert await route(gateway) == "a/m; alias fast"


@pytest.mark.parametrize(
    ("script", "more"),
    [(SILENT, "check = false\n"), (error(*chat_error(500, "boom")), "")],
    ids=["switched off", "who answers with an error is there"],
)
async def test_who_is_not_looked_for(tmp_path: Path, script: Answer, more: str) -> None:
    async with (
        Provider(script) as first,
        Provider(Reply(text="b")) as other,
        Running(tmp_path, settings(first.base_url("openai_chat"), other, more)) as gateway,
    ):
        assert "failed a/m" in await route(gateway)
        breaker = gateway.gateway.world.breakers["a/m"]
        await until(lambda: breaker.state(asyncio.get_running_loop().time()) == "half-open")
        assert breaker.admits(asyncio.get_running_loop().time()), "the next request finds out"


async def test_new_settings_end_it(tmp_path: Path, free_port: Callable[[], int]) -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    async with Provider(Reply(text="b")) as other, Running(tmp_path, settings(url, other)) as gateway:
        await route(gateway)
        assert looked_for("a")
        gateway.gateway.world = World(gateway.config, {}, tuple)
        await until(lambda: not looked_for("a"))
