"""Green, or red with the part that is dead and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landbridge.gateway.stored.disk import Disk, Limits
from landbridge.server.health import PartHealth
from landbridge.server.settings import Settings
from tests.fakes.lists import Lister
from tests.fakes.local import local
from tests.fakes.provider import Answer, Provider
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]


def provider(url: str, more: str = 'models = ["m"]') -> str:
    return f'[providers.lab]\ndialect = "openai_chat"\nbase_url = "{url}"\n{more}\n'


async def parts(gateway: Running, status: int) -> dict[str, Any]:
    reply = await gateway.get("/health")
    assert reply.status == status, reply.body
    assert reply.json["status"] == ("ok" if status == 200 else "failing")
    found: dict[str, Any] = reply.json["parts"]
    return found


async def test_green(tmp_path: Path) -> None:
    async with Running(tmp_path, provider("http://127.0.0.1:9/v1")) as gateway:
        assert await parts(gateway, 200) == {"settings": {"status": "ok"}, "provider lab": {"status": "ok"}}
        reply = await gateway.get("/health")
        assert reply.headers["content-type"] == "application/json"
        assert reply.json["version"].count(".") == 2
        assert reply.json["uptime"] >= 0
        assert (await gateway.get("/health", base=gateway.openai)).json["status"] == "ok"


async def test_red_says_which_part_and_what_to_do(tmp_path: Path) -> None:
    async with Running(tmp_path) as gateway:
        gateway.health.settings = Settings(tmp_path / "none.toml", tmp_path, {}, {})
        gateway.health.settings.fault = "line 3 is not TOML."
        gateway.health.listeners = lambda: {
            "listener router": PartHealth("ok", "127.0.0.1:1"),
            "listener openai": PartHealth("failed", "port 8000 is not open", "Free it."),
        }
        found = await parts(gateway, 503)
    assert found["settings"]["status"] == "failed"
    assert "line 3" in found["settings"]["detail"]
    assert "stays so until it is mended" in found["settings"]["remedy"]
    assert found["listener openai"]["remedy"] == "Free it."
    assert found["listener router"] == {"status": "ok", "detail": "127.0.0.1:1"}


async def test_a_provider_that_is_turned_off_is_no_fault(tmp_path: Path) -> None:
    async with Running(tmp_path, provider("http://127.0.0.1:9/v1", "enabled = false")) as gateway:
        part = (await parts(gateway, 200))["provider lab"]
        reply = await gateway.post("/v1/chat/completions", {"model": "lab/m", "messages": []})
    assert part["status"] == "off" and "providers enable lab" in part["remedy"]
    assert reply.status == 404 and "turned off" in reply.json["error"]["message"]


async def test_an_unset_key_is_red_and_named(tmp_path: Path) -> None:
    settings = provider("http://127.0.0.1:9/v1", 'api_key = "${NO_SUCH_KEY}"\nmodels = ["m"]')
    async with Running(tmp_path, settings) as gateway:
        assert "NO_SUCH_KEY" in (await parts(gateway, 503))["provider lab"]["detail"]


async def test_settings_that_cannot_work_are_red_and_the_rest_works(tmp_path: Path) -> None:
    settings = provider("http://127.0.0.1:9/v1") + '[providers.odd]\npreset = "nobody"\n'
    async with Running(tmp_path, settings) as gateway:
        found = await parts(gateway, 503)
    assert found["provider lab"] == {"status": "ok"}
    assert "nobody" in found["provider odd"]["detail"]
    assert found["provider odd"]["remedy"]


async def test_a_provider_that_does_not_list_its_models_is_red(tmp_path: Path) -> None:
    async with Provider(Answer()) as upstream:
        gone = provider(upstream.base_url("openai_chat"), "")
    async with Running(tmp_path, gone) as gateway:
        assert (await parts(gateway, 200))["provider lab"] == {"status": "ok"}, "nobody has asked yet"
        await gateway.get("/v1/models")
        assert "Cannot connect" in (await parts(gateway, 503))["provider lab"]["detail"]


async def test_a_provider_that_lives_but_has_no_list_is_green_and_says_so(tmp_path: Path) -> None:
    async with (
        Lister(Answer(status=404, body=b'{"error":{"message":"no such path"}}')) as upstream,
        Running(tmp_path, provider(upstream.base_url("openai_chat"), "")) as gateway,
    ):
        await gateway.get("/v1/models")
        found = (await parts(gateway, 200))["provider lab"]
    assert found["status"] == "ok"
    assert "no such path" in found["detail"]


async def test_engines_are_shown_with_their_last_fault(tmp_path: Path) -> None:
    more = "[engine]\nmax_restarts = 1\n"
    async with local(tmp_path, more, good="", bad="--crash-at-load") as gateway:
        for model in ("good", "bad"):
            ask = {"model": model, "max_tokens": 2, "messages": [{"role": "user", "content": "Hi"}]}
            await gateway.post("/v1/chat/completions", ask)
        found = await parts(gateway, 503)
    assert found["model good"] == {"status": "ok", "detail": "ready"}
    assert found["model bad"]["status"] == "failed"
    assert found["model bad"]["detail"].startswith("failed: ")


async def test_a_file_of_responses_that_cannot_be_used_is_red(tmp_path: Path) -> None:
    async with Running(tmp_path) as gateway:
        parts = gateway.gateway.parts
        disk = Disk(tmp_path / "r.sqlite3", lambda: Limits(1, 1))
        parts.stored.disk = disk
        assert "responses" not in (await gateway.get("/health")).json["parts"]
        disk.lost = 3
        reply = await gateway.get("/health")
        assert (reply.status, reply.json["parts"]["responses"]["detail"]) == (200, "3 were not written to the disk")
        disk.fault = "r.sqlite3 cannot be used (disk I/O error)"
        reply = await gateway.get("/health")
    assert (reply.status, reply.json["parts"]["responses"]["status"]) == (503, "failed")
    assert "set `store` under [responses]" in reply.json["parts"]["responses"]["remedy"]
