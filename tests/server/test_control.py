"""The control socket: for its owner alone, wherever the data folder is, and gone with the router."""

from __future__ import annotations

import socket
import stat
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from landbridge.errors import ConfigFault
from landbridge.server.admin import CONTROL
from landbridge.server.control import FILE, LONGEST, Control

pytestmark = [pytest.mark.io, pytest.mark.anyio]


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Says whether it was asked by the control socket."""
    body = str(scope.get(CONTROL)).encode()
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def control(folder: Path) -> Control:
    return Control(folder, app)  # type: ignore[arg-type]


async def asked(path: str) -> str:
    connector = aiohttp.UnixConnector(path)
    async with aiohttp.ClientSession(connector=connector) as session, session.get("http://localhost/") as answer:
        return await answer.text()


async def test_what_comes_by_it_is_marked(tmp_path: Path) -> None:
    there = control(tmp_path / "data")
    await there.open()
    assert there.path == str(tmp_path / "data" / FILE)
    assert await asked(there.path) == "True"
    assert stat.S_IMODE(Path(there.path).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    await there.close()
    assert not Path(there.path).exists()


async def test_what_a_killed_router_left_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / FILE))
    there = control(tmp_path)
    await there.open()
    assert await asked(there.path) == "True"
    await there.close()


async def test_a_path_that_is_too_long_for_a_socket(tmp_path: Path) -> None:
    there = control(tmp_path / ("long" * (LONGEST // 4)))
    await there.open()
    folder = Path(there.path).parent
    assert len(there.path) < LONGEST
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert await asked(there.path) == "True"
    await there.close()
    assert not folder.exists()


async def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(ConfigFault, match="cannot be made"):
        await control(tmp_path / "data").open()


async def test_closed_without_having_been_open(tmp_path: Path) -> None:
    await control(tmp_path).close()
    assert list(tmp_path.iterdir()) == []
