"""The process of the pages ends with the router, and when nobody has had a page open for a while."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
import nicegui
import pytest

from landbridge.dashboard import serving
from landbridge.server.pages import Told

pytestmark = [pytest.mark.io, pytest.mark.anyio]


@asynccontextmanager
async def started(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The real process, started as the router does it, and its URL. There is no router."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "landbridge.dashboard", stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, pass_fds=(listener.fileno(),),
        )  # fmt: skip
        assert process.stdin is not None
        told = Told(listener.fileno(), "127.0.0.1", port, str(folder / "control.sock"))
        process.stdin.write(msgspec.json.encode(told) + b"\n")
        await process.stdin.drain()
        try:
            yield process, f"http://127.0.0.1:{port}"
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def test_it_serves_and_ends_with_its_standard_input(tmp_path: Path) -> None:
    async with started(tmp_path) as (process, url), aiohttp.ClientSession() as session:
        async with session.get(f"{url}/static/landbridge.css") as answer:
            assert answer.status == 200
            assert answer.headers["x-frame-options"] == "DENY"
        async with session.get(f"{url}/connect") as answer:
            page = await answer.text()
            assert "landbridge.css" in page
            assert "cannot be asked" in page, "what is wrong stands in the page's place"
        async with session.get(url, headers={"host": "evil.example"}) as answer:
            assert answer.status == 403
        assert process.stdin is not None
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), 20) == 0


async def test_started_by_hand_it_says_who_starts_it() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "landbridge.dashboard",
        stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    assert process.returncode == 2
    assert b"landbridge serve" in said


class Client:
    """A tab, as far as its connection goes."""

    def __init__(self) -> None:
        self.has_socket_connection = True


async def test_it_ends_when_nobody_looks_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    looking = Client()
    monkeypatch.setattr(serving, "LOOK_EVERY", 0.005)
    monkeypatch.setattr(serving, "IDLE_SECONDS", 0.02)
    monkeypatch.setattr(nicegui.Client, "instances", {"a": looking})
    end = asyncio.ensure_future(serving._nobody_looks())
    await asyncio.sleep(0.1)
    assert not end.done(), "somebody looks"
    looking.has_socket_connection = False
    await asyncio.wait_for(end, 5)
