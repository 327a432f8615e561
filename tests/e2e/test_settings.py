"""The settings file is taken up while the program runs; a broken one is said and changes nothing."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.fakes.landbridge import LISTENERS, Served
from tests.fakes.provider import Provider, Reply

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(60)]

ASK = {"model": "lab/m", "max_tokens": 20, "messages": [{"role": "user", "content": "Hi"}]}


async def until(served: Served, wanted: int, body: object = ASK) -> object:
    """Ask until the answer has the wanted status."""
    deadline = time.monotonic() + 10
    while True:
        status, answer = await served.post("/anthropic/v1/messages", body)
        if status == wanted:
            return answer
        assert time.monotonic() < deadline, (status, answer, served.log)
        await asyncio.sleep(0.1)


async def test_a_provider_is_added_without_a_restart(tmp_path: Path) -> None:
    async with Provider(Reply(text="I am the lab.")) as provider, Served(tmp_path) as served:
        status, refusal = await served.post("/anthropic/v1/messages", ASK)
        assert status == 404
        assert refusal["error"]["type"] == "not_found_error"
        settings = f"""
            [providers.lab]
            dialect = "openai_chat"
            base_url = "{provider.base_url("openai_chat")}"
            api_key = "${{LAB_KEY}}"
        """
        served.config.write_text(settings.replace('api_key = "${LAB_KEY}"', "") + LISTENERS)
        answer = await until(served, 200)
        assert isinstance(answer, dict)
        assert answer["content"][0]["text"] == "I am the lab."

        served.config.write_text("[providers.lab\n")
        deadline = time.monotonic() + 10
        while (await served.get("/health"))[0] != 503:
            assert time.monotonic() < deadline, served.log
            await asyncio.sleep(0.1)
        _, health = await served.get("/health")
        assert health["parts"]["settings"]["status"] == "failed"
        assert "line 1" in health["parts"]["settings"]["detail"]
        assert (await served.post("/anthropic/v1/messages", ASK))[0] == 200, "the settings from before are in force"

        served.config.write_text(settings + LISTENERS)
        answer = await until(served, 403)
        assert "LAB_KEY" in str(answer), "an unset variable is named when it is needed"


async def test_the_openai_listener_moves(tmp_path: Path) -> None:
    async with Served(tmp_path) as served:
        served.config.write_text(
            LISTENERS.replace("[listeners.openai]\nport = 0", "[listeners.openai]\nenabled = false")
        )
        host, port = served.openai.removeprefix("http://").split(":")
        deadline = time.monotonic() + 10
        while True:
            try:
                _, writer = await asyncio.open_connection(host, int(port))
            except ConnectionRefusedError:
                break
            writer.close()
            assert time.monotonic() < deadline, served.log
            await asyncio.sleep(0.1)
        assert (await served.get("/health"))[0] == 200
