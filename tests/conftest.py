"""What every test gets: Hypothesis profiles, asyncio by anyio, free ports, and a guard against leftovers.

- Async tests are marked `@pytest.mark.anyio` and run on asyncio.
- Pure tests run first, then `io`, then `e2e` (the folder `tests/e2e` is marked so by itself).
- A test that leaves a task, a thread, a child process or a listening socket behind fails.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Generator, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, settings

from landbridge.store.location import Location, locate
from tests.fakes import postgres as servers
from tests.fakes.postgres import Postgres
from tests.fakes.web import Web, serving

ROOT = Path(__file__).parent
KINDS = {"not io and not e2e": "pure", "io and not e2e": "io", "e2e": "e2e"}
"""What `scripts/test` asks for."""
OUTSIDE = re.compile(r"^pytestmark = .*\bmark\.(io|e2e)\b", re.MULTILINE)
"""Of a file that has no pure test."""
GRACE = 3.0
"""Seconds that threads, processes and sockets have to go away after their test."""

settings.register_profile("dev", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("deep", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))

AsyncTest = Callable[..., Coroutine[Any, Any, None]]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The event loop of async tests."""
    return "asyncio"


@pytest.fixture
def free_port() -> Callable[[], int]:
    """A function that gives a TCP port nobody listens on; never the same one twice in a test."""
    given: set[int] = set()

    def pick() -> int:
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = int(probe.getsockname()[1])
            if port not in given:
                given.add(port)
                return port

    return pick


@pytest.fixture
def web() -> Iterator[Web]:
    """A web server to put files on."""
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server."""
    with servers.running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    """Where a ledger may begin: the test runs with SQLite and with PostgreSQL."""
    if request.param == "sqlite":
        return locate("", tmp_path, {})
    server: Postgres = request.getfixturevalue("postgres")
    return locate(server.create(), tmp_path, {})


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files without a test of the kind that is asked for: each worker would read them all."""
    kind = KINDS.get(config.getoption("markexpr"))
    if kind is None or not collection_path.name.startswith("test_"):
        return None
    if ROOT / "e2e" in collection_path.parents:
        return None if kind == "e2e" else True
    text = collection_path.read_text()
    has = not OUTSIDE.search(text) if kind == "pure" else f"mark.{kind}" in text
    return None if has else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the end-to-end folder and put slow kinds of tests behind the fast ones."""
    for item in items:
        if ROOT / "e2e" in item.path.parents:
            item.add_marker(pytest.mark.e2e)
    items.sort(key=_slowness)


def _slowness(item: pytest.Item) -> int:
    if item.get_closest_marker("e2e"):
        return 2
    return 1 if item.get_closest_marker("io") else 0


@pytest.fixture(autouse=True)
def leaves_nothing_behind(request: pytest.FixtureRequest) -> Generator[None]:
    """Fail a test that leaves threads behind and, where it may open such, child processes and listening sockets."""
    outside = _slowness(request.node) > 0
    before = _leftovers(outside)
    yield
    deadline = time.monotonic() + GRACE
    while (left := _leftovers(outside) - before) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not left, f"the test left behind: {', '.join(sorted(left))}"


def _leftovers(outside: bool) -> set[str]:
    # Daemon threads of libraries (progress bars, samplers) belong to the process and not to a test.
    # Those of an event loop's pool (asyncio_0) belong to the loop, which lasts where a fixture of the session needs it.
    threads = [thread.name for thread in threading.enumerate() if not thread.daemon]
    found = {f"thread {name}" for name in threads if not name.startswith("asyncio_")}
    if outside:
        this = psutil.Process()
        found |= {f"process {child.pid}" for child in this.children(recursive=True) if not _is_of_browser(child)}
        found |= {
            f"listening socket {connection.laddr}"
            for connection in this.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        }
    return found


def _is_of_browser(child: psutil.Process) -> bool:
    """Whether it is one of the browser's, which lasts for all tests and has processes as it likes."""
    try:
        return child.name().startswith("chrom")
    except psutil.NoSuchProcess:
        return True


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Let async tests fail that leave tasks behind."""
    if inspect.iscoroutinefunction(pyfuncitem.obj):
        pyfuncitem.obj = _without_tasks_left(pyfuncitem.obj)
    return (yield)


def _tasks_of_tests() -> set[asyncio.Task[Any]]:
    """All tasks but those of fakes: a fake in a fixture outlives its test, and its fixture ends it."""
    fakes = str(ROOT / "fakes")
    return {
        task
        for task in asyncio.all_tasks()
        if fakes not in getattr(getattr(task.get_coro(), "cr_code", 0), "co_filename", "")
    }


def _without_tasks_left(test: AsyncTest) -> AsyncTest:
    @functools.wraps(test)
    async def run(*args: object, **kwargs: object) -> None:
        before = _tasks_of_tests()
        await test(*args, **kwargs)
        # Closing transports and finished groups need a few turns of the loop to vanish.
        deadline = time.monotonic() + GRACE
        while (left := _tasks_of_tests() - before) and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        assert not left, f"the test left tasks behind: {left}"

    return run
