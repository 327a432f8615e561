"""The settings of a running router over HTTP: seen and tried, by this machine alone, no key shown."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from landbridge.config.history import History
from landbridge.server.admin_settings import SETTINGS, AdminSettings
from landbridge.server.asgi import Scope
from tests.fakes.landbridge import Served

pytestmark = pytest.mark.io

LAB = """\
[providers.lab]
dialect = "openai_chat"
base_url = "http://127.0.0.1:9"
models = ["m"]
api_key = "sk-1234567"
"""


def scope(method: str, path: str) -> Scope:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(b"host", b"127.0.0.1"), (b"x-landbridge", b"1")],
        "client": ("127.0.0.1", 1),
    }


def test_paths_of_others_are_left_to_them() -> None:
    admin = AdminSettings(lambda: None)
    assert admin.find(scope("GET", "/api/v1/settingsx")) is None
    assert admin.find(scope("GET", SETTINGS)) is not None


@pytest.mark.anyio
async def test_a_running_router(tmp_path: Path) -> None:
    """One router for all of it: each takes a second to start."""
    async with Served(tmp_path, LAB) as served:
        await tells_and_tries(served)
        await keeps_what_is_changed_by_hand_and_nothing_broken(served)


async def tells_and_tries(served: Served) -> None:
    json_body = {"content-type": "application/json"}
    status, told = await served.get(SETTINGS)
    assert (status, told["file"], told["fault"]) == (200, str(served.config), "")
    assert "sk-1234567" not in json.dumps(told)
    by_key = {each["key"]: each for each in told["settings"]}
    assert by_key["providers.lab.api_key"]["value"] == "***"
    assert by_key["providers.lab.dialect"] == {
        "key": "providers.lab.dialect",
        "value": "openai_chat",
        "origin": "file",
        "place": "line 2",
    }
    text = served.config.read_text().replace('["m"]', '["n"]')
    status, found = await served.post(f"{SETTINGS}/check", {"text": text}, json_body)
    assert status == 200
    assert found["changes"] == [{"key": "providers.lab.models", "before": ["m"], "after": ["n"], "effect": "now"}]
    status, found = await served.post(f"{SETTINGS}/check", {"text": "defalt_model = 'x'"}, json_body)
    assert found["faults"][0]["remedy"] == "Did you mean 'default_model'?"
    status, found = await served.post(f"{SETTINGS}/check", {}, json_body)
    assert status == 400


async def keeps_what_is_changed_by_hand_and_nothing_broken(served: Served) -> None:
    history = History(served.data, served.config)
    good = served.config.read_text()

    async def until(state: str) -> dict[str, Any]:
        async with asyncio.timeout(30):
            while True:
                _, told = await served.get(SETTINGS)
                models = next(each["value"] for each in told["settings"] if each["key"] == "providers.lab.models")
                if state == ("broken" if told["fault"] else models[0]):
                    return dict(told)
                await asyncio.sleep(0.05)

    async def until_kept(count: int) -> None:
        async with asyncio.timeout(30):
            while len(history.versions()) < count:
                await asyncio.sleep(0.05)

    await until_kept(1)
    served.config.write_text(good.replace('["m"]', '["n"]'))
    await until("n")
    await until_kept(2)
    served.config.write_text(good.replace('["m"]', "["))
    broken = await until("broken")
    assert "is not TOML" in broken["fault"]
    served.config.write_text(good.replace('["m"]', '["o"]'))
    assert (await until("o"))["fault"] == ""
    await until_kept(3)
    assert [each.how for each in history.versions()] == ["as it was found", "by hand", "by hand"]
    assert history.text(history.versions()[1]) == good.replace('["m"]', '["n"]')
    assert "settings file is good again" in served.log
