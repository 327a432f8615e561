"""A router is asked at its control socket, wherever its data folder is; what goes wrong is said in words."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from landbridge.errors import GatewayError, TimedOut, Unreachable
from landbridge.manage.control import LONGEST, ask, told
from landbridge.server.control import Control

pytestmark = [pytest.mark.io, pytest.mark.anyio]


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers as the path says."""
    body = (await receive()).get("body", b"") or b"{}"
    status = 200
    if scope["path"] == "/wrong":
        status, body = 400, b'{"error": {"message": "That cannot be."}}'
    if scope["path"] == "/slow":
        await asyncio.sleep(2)
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("name", ["data", "long" * (LONGEST // 4)])
async def test_answers_and_refusals(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    there = Control(folder, app)  # type: ignore[arg-type]
    await there.open()
    try:
        assert await asyncio.to_thread(told, folder, "POST", "/x", b'{"a": 1}') == b'{"a": 1}'
        assert (await asyncio.to_thread(ask, folder, "GET", "/x")).status == 200
        with pytest.raises(GatewayError, match="That cannot be"):
            await asyncio.to_thread(told, folder, "GET", "/wrong")
        with pytest.raises(TimedOut):
            await asyncio.to_thread(ask, folder, "GET", "/slow", seconds=0.05)
    finally:
        await there.close()
    with pytest.raises(Unreachable, match="No router runs"):
        await asyncio.to_thread(told, folder, "GET", "/x")


def test_no_router_and_no_folder(tmp_path: Path) -> None:
    with pytest.raises(Unreachable) as raised:
        told(tmp_path / "nothing", "GET", "/x")
    assert "landbridge serve" in raised.value.remedy
