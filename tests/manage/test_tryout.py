"""One real exchange, step by step: the step that fails says why, and none comes after it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from landbridge.access.known import own_key
from landbridge.agents.clients import CLIENTS
from landbridge.manage.tryout import NAMES, Step, Tryout, run
from tests.fakes.provider import Answer, Provider, Received, Reply
from tests.fakes.running import Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]


def script(request: Received) -> Answer | Reply:
    if request.model == "broken":
        return Answer(
            status=400, text='{"error": {"message": "The lab burns."}}', headers={"content-type": "application/json"}
        )
    return Reply(text="" if request.model == "mute" else "Hello\n there.")


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with Provider(script, models=["m", "broken", "mute"]) as provider:
        settings = f"""
            [access]
            required = "auto"
            [providers.lab]
            dialect = "openai_chat"
            base_url = "{provider.base_url("openai_chat")}"
            models = ["m", "broken", "mute"]
            [providers.claudes]
            dialect = "anthropic"
            base_url = "{provider.base_url("anthropic")}"
            models = ["c"]
        """
        async with Running(tmp_path, settings) as running:
            yield running


async def steps(running: Running, client: str = "claude", model: str = "lab/m", **more: object) -> list[Step]:
    given: dict[str, object] = {"router": running.url, "key": "landbridge", "own": "landbridge", **more}
    asked = Tryout(client=client, model=model, **given)  # type: ignore[arg-type]
    found = [step async for step in run(asked)]
    told = [step for step in found if step.state != "running"]
    assert found[::2] == [Step(step.name, "running") for step in told], "each is told when it begins"
    assert [step.name for step in told] == list(NAMES[: len(told)])
    assert all(step.state == "ok" for step in told[:-1])
    return told


@pytest.mark.parametrize("client", CLIENTS)
async def test_every_client_has_its_answer(client: str, running: Running) -> None:
    told = await steps(running, client)
    assert [step.state for step in told] == ["ok"] * 5
    assert told[0].detail == running.url.removeprefix("http://")
    assert told[2].detail == "lab/m: a model of 'lab'."
    assert told[4].detail.endswith("Hello there.")
    assert told[3].seconds > 0


async def test_open_code_asks_claude_as_claude_is_asked(running: Running) -> None:
    assert (await steps(running, "opencode", "claudes/c"))[-1].detail.endswith("Hello there.")


async def test_a_name_that_leads_elsewhere_says_where(running: Running) -> None:
    told = await steps(running, model="claude-opus-9", client="codex")
    assert (told[-1].name, told[-1].state) == ("model", "failed"), "there is no default model here"


async def test_switched_off(running: Running) -> None:
    (step,) = await steps(running, off=True, router="")
    assert "switched off" in step.detail
    assert "listeners.router.enabled" in step.remedy


async def test_nobody_listens(running: Running, free_port: Callable[[], int]) -> None:
    (step,) = await steps(running, router=f"http://127.0.0.1:{free_port()}")
    assert "refuses connections" in step.detail
    assert step.remedy


async def test_an_unknown_model_is_named(running: Running) -> None:
    told = await steps(running, model="lab/x")
    assert told[-1].name == "model"
    assert "There is no model 'lab/x'" in told[-1].detail


async def test_a_provider_s_own_words_arrive(running: Running) -> None:
    told = await steps(running, model="lab/broken")
    assert told[-1].name == "first"
    assert "The lab burns." in told[-1].detail


async def test_an_answer_without_a_word_is_none(running: Running) -> None:
    told = await steps(running, model="lab/mute")
    assert (told[-1].name, told[-1].state) == ("first", "failed")


async def test_keys(running: Running, tmp_path: Path) -> None:
    (tmp_path / "keyed").mkdir()
    settings = (tmp_path / "landbridge.toml").read_text().replace('required = "auto"', 'required = "always"')
    async with Running(tmp_path / "keyed", settings) as keyed:
        own = own_key(tmp_path / "keyed")
        refused = await steps(keyed, key="landbridge", keyed=True, own=own)
        assert (refused[-1].name, refused[-1].state) == ("key", "failed")
        assert "keys create" in refused[-1].remedy
        borrowed = await steps(keyed, key=own, keyed=True, own=own, borrowed=True)
        assert "the router's own" in borrowed[1].detail
        assert borrowed[-1].state == "ok"
        assert own not in str(borrowed)
