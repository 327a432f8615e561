"""What is known of providers while the router runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.gateway.checkup import Checkup
from landbridge.server.provider_news import News
from tests.fakes.provider import Provider, Reply, chat_error, error
from tests.fakes.running import Running
from tests.fakes.script import Step

pytestmark = [pytest.mark.anyio, pytest.mark.io]
KEY = "planted-key-of-the-lab"
ASKED = {"model": "lab/m", "messages": [{"role": "user", "content": "Hi"}]}


def settings(server: Provider) -> str:
    return f"""
        [retries]
        max = 0
        [providers.lab]
        dialect = "openai_chat"
        base_url = "{server.base_url("openai_chat")}"
        api_key = "${{LAB}}"
        [providers.off]
        preset = "ollama"
        enabled = false
    """


async def test_the_latest_miss_and_whether_others_went_well_since(tmp_path: Path) -> None:
    script: list[Step] = [
        error(*chat_error(500, f"broken, {KEY}")),
        Reply(text="Hi"),
        error(*chat_error(400, "no such field")),
    ]
    async with Provider(script) as server, Running(tmp_path, settings(server), env={"LAB": KEY}) as running:
        await running.post("/v1/chat/completions", ASKED)
        running.journal.flush()
        news = News(running.works)
        (lab, off) = news.all()
        assert (off.state, off.enabled, off.missed) == ("off", False, None)
        assert lab.missed is not None and not lab.missed.since
        assert (lab.missed.model, lab.missed.status) == ("lab/m", 500)
        assert "broken, ***" in lab.missed.message, "what was before it is known, too, and without keys"
        assert (await running.post("/v1/chat/completions", ASKED)).status == 200
        running.journal.flush()
        assert (missed := news.all()[0].missed) is not None and missed.since
        await running.post("/v1/chat/completions", ASKED)
        running.journal.flush()
        await running.post("/v1/chat/completions", {"model": "lab/m"})  # what a client does wrong is no miss
        running.journal.flush()
        assert (refused := news.all()[0].missed) is not None and "no such field" in refused.message


async def test_trials_are_kept_until_it_is_another_one(tmp_path: Path) -> None:
    async with Provider() as server, Running(tmp_path, settings(server), env={"LAB": KEY}) as running:
        news = News(running.works)
        news.tried(Checkup("lab", False, problem="It is not there.", remedy="Start it."))
        tried = news.all()[0].tried
        assert tried is not None and (tried.ok, tried.problem, tried.at > 1e9) == (False, "It is not there.", True)
        running.gateway.world.learn("lab", ("a", "b"))
        assert news.all()[0].listed == 2
        news.forget("lab")
        assert news.all()[0].tried is None
