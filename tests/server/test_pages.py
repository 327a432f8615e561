"""The dashboard's process is started by the first visit, replaced when it has ended, and never outlives the router."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable
from typing import Any

import psutil
import pytest

from landbridge.config import Listener
from landbridge.server import pages as module
from landbridge.server.pages import Pages

pytestmark = [pytest.mark.io, pytest.mark.anyio]

HERE = Listener(host="127.0.0.1", port=0)
ROUTER = """
import asyncio
from landbridge.config import Listener
from landbridge.server import pages
pages.MODULE = "tests.fakes.pages"
async def main():
    router = pages.Pages()
    await router.apply(Listener(port=0), "/run/control.sock")
    print(router.address[1], flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


@pytest.fixture
async def there(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pages]:
    monkeypatch.setattr(module, "MODULE", "tests.fakes.pages")
    found = Pages()
    await found.apply(HERE, "/run/control.sock")
    yield found
    await found.close()


def fetch(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return json.loads(answer.read())


async def visit(pages: Pages, path: str = "/") -> Any:
    assert pages.address is not None
    return await asyncio.to_thread(fetch, pages.address[1], path)


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


async def test_the_first_visit_starts_it_and_others_find_it(there: Pages) -> None:
    await asyncio.sleep(0.05)
    assert not any("tests.fakes.pages" in child.cmdline() for child in psutil.Process().children())
    first = await visit(there)
    assert (first["host"], first["port"], first["control"]) == ("127.0.0.1", there.address[1], "/run/control.sock")  # type: ignore[index]
    assert (await visit(there))["pid"] == first["pid"]
    assert there.health().status == "ok"


async def test_the_next_visit_after_its_end_starts_another(there: Pages) -> None:
    first = await visit(there, "/end/0")
    await until(lambda: not lives(first["pid"]))
    assert (await visit(there))["pid"] != first["pid"]
    assert there.fault == ""


async def test_one_that_cannot_start_is_said_and_tried_again(there: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHORT_LIFE", 1.0)
    await visit(there, "/end/3")
    await until(lambda: there.fault != "")
    health = there.health()
    assert (health.status, "ended with 3" in health.detail) == ("resting", True)
    assert health.remedy
    last = await visit(there)
    assert lives(last["pid"])
    await visit(there, "/end/0")
    await until(lambda: there.fault == "")


async def test_what_it_complains_of_is_in_the_log(
    there: Pages, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "MODULE", "tests.fakes.nothing_of_that_name")
    assert there.address is not None
    with socket.create_connection(there.address):
        await until(lambda: there.fault != "")
    assert "No module named tests.fakes.nothing_of_that_name" in caplog.text


async def test_closing_ends_it(there: Pages) -> None:
    first, address = await visit(there), there.address
    assert address is not None
    await there.close()
    assert not lives(first["pid"])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


async def test_one_that_does_not_end_is_killed(there: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.1)
    first = await visit(there, "/deaf")
    await there.close()
    assert not lives(first["pid"])


async def test_settings_open_move_and_close_it(there: Pages, free_port: Callable[[], int]) -> None:
    before = there.address
    await there.apply(HERE, "/run/control.sock")
    assert there.address == before, "nothing has changed"
    port = free_port()
    await there.apply(Listener(port=port), "/run/control.sock")
    assert (await visit(there))["port"] == port
    await there.apply(Listener(port=port, enabled=False), "")
    assert (there.address, there.health().status) == (None, "off")


async def test_a_port_in_use_is_no_end_of_the_router(there: Pages) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = Listener(port=other.getsockname()[1])
        await there.apply(taken, "")
        assert there.address is None
        assert "in use" in there.health().detail
    await there.apply(taken, "")
    assert there.health().status == "ok", "it is tried again with the next reading of the settings"
    await there.close()


async def test_it_ends_with_a_router_that_is_killed() -> None:
    router = await asyncio.create_subprocess_exec(sys.executable, "-c", ROUTER, stdout=asyncio.subprocess.PIPE)
    assert router.stdout is not None
    port = int(await router.stdout.readline())
    child = (await asyncio.to_thread(fetch, port, "/"))["pid"]
    assert lives(child)
    os.kill(router.pid, signal.SIGKILL)
    await router.wait()
    await until(lambda: not lives(child))
