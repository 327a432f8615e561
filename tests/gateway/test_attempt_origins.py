"""What one provider encrypted is sent to that provider alone, whatever others speak its dialect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.provider import Provider, Reply
from tests.fakes.responses import ENCRYPTED
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

HI = {"role": "user", "content": "Hi"}
GO = {"role": "user", "content": "Go on."}


def settings(provider: Provider) -> str:
    """Two providers of one dialect."""
    return "".join(
        f"""
        [providers."{name}"]
        dialect = "openai_responses"
        base_url = "{provider.base_url("openai_responses")}"
        models = ["m"]
        """
        for name in ("lab", "an.other")
    )


async def say(gateway: Running, model: str, *messages: Any) -> Any:
    answer = await gateway.post("/v1/messages", {"model": model, "max_tokens": 50, "messages": list(messages)})
    assert answer.status == 200, answer.body
    return answer.json


@pytest.mark.parametrize("maker", ["lab", "an.other"])
async def test_p55_reasoning_goes_back_to_its_own_provider_only(tmp_path: Path, maker: str) -> None:
    reply = Reply(text="Hello.", thinking="Hm.")
    async with Provider(reply) as provider, Running(tmp_path, settings(provider)) as gateway:
        first = await say(gateway, f"{maker}/m", HI)
        turns = [HI, {"role": "assistant", "content": first["content"]}, GO]
        assert first["content"][0]["type"] == "thinking"
        bodies = []
        for name in ("lab", "an.other"):
            await say(gateway, f"{name}/m", *turns)
            bodies.append((name, provider.requests[-1].body.decode(), gateway.journal.latest[-1].losses))
    for name, body, losses in bodies:
        assert (ENCRYPTED in body) is (name == maker)
        assert "lb1." not in body
        assert any("another provider" in loss for loss in losses) is (name != maker), losses
