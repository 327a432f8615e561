"""A landbridge of our own is started, serves, and leaves nothing behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from landbridge.conformance import own
from landbridge.conformance.client import compose, send
from landbridge.conformance.own import own_gateway
from landbridge.errors import StartFailed

pytestmark = [pytest.mark.anyio, pytest.mark.io]


async def test_it_serves_and_is_gone_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("LANDBRIDGE_LISTENERS__ROUTER__PORT", "1")  # the user's own settings do not count
    async with own_gateway("http://127.0.0.1:1") as target:
        answer = await send(compose("GET", target.openai_url + "/v1/models", {}, b""), 5)
        assert {entry["id"].text for entry in answer.json["data"]} >= set(target.models.values())
        assert os.listdir(tmp_path)  # noqa: PTH208 - a folder of the test's own
    assert os.listdir(tmp_path) == []  # noqa: PTH208
    assert (await send(compose("GET", target.openai_url, {}, b""), 5)).ended == "nothing"


async def test_what_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "SETTINGS", "nonsense = {url!r}")
    with pytest.raises(StartFailed, match=r"did not start: .*nonsense"):
        async with own_gateway("http://127.0.0.1:1"):
            pass
