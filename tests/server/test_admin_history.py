"""Versions of the settings and their text over the router's own API: no key leaves, none is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.access.known import own_key
from landbridge.server.admin_history import HISTORY, TEXT
from landbridge.server.admin_settings import SETTINGS
from tests.fakes.landbridge import Served

pytestmark = [pytest.mark.io, pytest.mark.anyio]
LAB = "[providers.lab]\npreset = 'openai'\nmodels = ['m']\napi_key = 'sk-1234567'\n"


async def test_a_running_router(tmp_path: Path) -> None:
    async with Served(tmp_path, LAB) as served:
        own = {"authorization": f"Bearer {own_key(served.data)}", "content-type": "application/json"}
        first = served.config.read_text()

        assert (await served.get(TEXT))[0] == 401
        _, shown = await served.get(TEXT, own)
        assert "sk-1234567" not in shown["text"] and "***1***" in shown["text"]
        text = "default_model = 'lab/m'\n" + shown["text"]
        assert (await served.put(TEXT, {"text": text}, {"content-type": "application/json"}))[0] == 401
        status, refused = await served.put(TEXT, {"text": "defalt = 1\n" + shown["text"]}, own)
        assert status == 400 and "Did you mean" in refused["error"]["message"]
        _, checked = await served.post(f"{SETTINGS}/check", {"text": text, "marked": True}, own)
        assert checked["faults"] == [] and [each["key"] for each in checked["changes"]] == ["default_model"]
        _, checked = await served.post(f"{SETTINGS}/check", {"text": text + "x = 1\n", "marked": True}, own)
        assert checked["faults"][0]["line"] == text.count("\n") + 1
        status, saved = await served.put(TEXT, {"text": text, "stamp": shown["stamp"], "how": "a test"}, own)
        assert status == 200 and saved["changes"][0]["after"] == "lab/m"
        assert served.config.read_text() == "default_model = 'lab/m'\n" + first, "the key is there as it was"
        status, refused = await served.put(TEXT, {"text": text, "stamp": shown["stamp"]}, own)
        assert status == 400 and "changed meanwhile" in refused["error"]["message"]

        _, history = await served.get(HISTORY)
        assert history["versions"][0]["how"] == "a test" and not history["unsaved"]
        newest, oldest = history["versions"][0]["number"], history["versions"][-1]["number"]
        _, difference = await served.get(f"{HISTORY}/{oldest}?to={newest}", own)
        assert "+default_model = 'lab/m'" in difference["lines"] and "sk-1234567" not in str(difference)
        assert (await served.get(f"{HISTORY}/x", own))[0] == 400
        status, back = await served.post(f"{HISTORY}/{oldest}/rollback", {"how": "a click"}, own)
        assert status == 200 and back["changes"][0]["after"] == "smollm2"
        assert served.config.read_text() == first
        _, settings = await served.get(SETTINGS)
        assert next(each for each in settings["settings"] if each["key"] == "default_model")["value"] == "smollm2"
