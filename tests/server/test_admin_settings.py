"""The settings of a running router over HTTP: seen and tried, by this machine alone, no key shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landbridge.errors import UnknownPath
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


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("POST", SETTINGS, "takes GET, not POST"),
        ("GET", f"{SETTINGS}/check", "takes POST, not GET"),
        ("GET", f"{SETTINGS}/other", "There is no"),
    ],
)
def test_what_is_not_there_is_said(method: str, path: str, said: str) -> None:
    with pytest.raises(UnknownPath, match=said):
        AdminSettings(lambda: None).find(scope(method, path))


def test_paths_of_others_are_left_to_them() -> None:
    admin = AdminSettings(lambda: None)
    assert admin.find(scope("GET", "/api/v1/settingsx")) is None
    assert admin.find(scope("GET", SETTINGS)) is not None


@pytest.mark.anyio
async def test_a_running_router_tells_and_tries(tmp_path: Path) -> None:
    async with Served(tmp_path, LAB) as served:
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
