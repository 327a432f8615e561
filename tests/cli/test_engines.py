"""`landbridge ps`, `load`, `unload`, `pin` and `unpin`, as a user runs them against a running router."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Home
from tests.fakes.local import local
from tests.fakes.router import FakeRouter

pytestmark = pytest.mark.io


@contextmanager
def router(home: Home, folder: Path, more: str = "", **flags: str) -> Iterator[str]:
    """A router with pretend engines, in a thread of its own; the settings of `home` lead to it."""
    started, stop, url = threading.Event(), threading.Event(), ""

    async def serve() -> None:
        nonlocal url
        async with local(folder, more, **flags) as gateway:
            url = gateway.url
            started.set()
            while not stop.is_set():
                await asyncio.sleep(0.02)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    folder.mkdir()
    thread.start()
    try:
        assert started.wait(10)
        home.settings(int(url.rpartition(":")[2]))
        yield url
    finally:
        stop.set()
        thread.join()


def test_load_ps_pin_unload(home: Home, tmp_path: Path) -> None:
    with router(home, tmp_path / "router", m="--load-seconds 1.2"):
        nothing = home.run("ps")
        assert (nothing.returncode, "No model has been asked for yet" in nothing.stdout) == (0, True)
        loaded = home.run("load", "m")
        assert loaded.returncode == 0, loaded.stderr
        assert loaded.stdout.startswith("m is ready after ")
        assert "window 4096 tokens" in loaded.stdout
        assert "landbridge: m is loading" in loaded.stderr
        assert home.run("pin", "m").stdout == "m stays in memory.\n"
        shown = home.run("ps").stdout.splitlines()
        assert shown[0].split() == ["MODEL", "STATE", "MEMORY", "WINDOW", "BUSY", "WAITING", "STAYS", "NOTE"]
        assert shown[1].split()[:2] == ["m", "ready"]
        assert shown[1].split()[-1] == "pinned"
        (told,) = json.loads(home.run("ps", "--json").stdout)
        assert (told["name"], told["state"], told["pinned"], told["pid"] > 0) == ("m", "ready", True, True)
        assert "may go when it is idle" in home.run("unpin", "m").stdout
        gone = home.run("unload", "m")
        assert gone.stdout.startswith("m is unloaded; ")
        assert home.run("unload", "m", "--now").stdout == "m was not loaded.\n"


def test_what_goes_wrong_is_said_in_the_routers_words(home: Home, tmp_path: Path) -> None:
    with router(home, tmp_path / "router", m="--crash-at-load") as url:
        failed = home.run("load", "m")
        assert (failed.returncode, failed.stdout) == (1, "")
        assert "the fake was told to fail" in failed.stderr
        unknown = home.run("pin", "nope", "--base-url", f"{url}/v1")
        assert (unknown.returncode, "There is no model 'nope'." in unknown.stderr) == (1, True)


@pytest.mark.parametrize("words", [["ps"], ["load", "m"], ["unload", "m"], ["pin", "m"], ["unpin", "m"]])
def test_without_a_router_each_says_how_to_start_one(
    home: Home, free_port: Callable[[], int], words: list[str]
) -> None:
    home.settings(free_port())
    done = home.run(*words)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Nothing listens at" in done.stderr
    assert "landbridge serve" in done.stderr


def test_another_program_and_a_router_that_is_off(home: Home, router: FakeRouter) -> None:
    router.answer("/api/v1/engines", 200, b"<html>")
    home.settings(router.port)
    other = home.run("ps")
    assert (other.returncode, "Something else than landbridge" in other.stderr) == (1, True)
    home.config.write_text("[listeners.router]\nenabled = false\n")
    off = home.run("ps")
    assert (off.returncode, "switched off" in off.stderr) == (2, True)


def test_watching_shows_it_again_until_it_is_told_to_stop(home: Home, router: FakeRouter) -> None:
    engine = {"name": "watched", "state": "ready", "since": 1.0, "used": 1.0}
    router.answer("/api/v1/engines", 200, {"engines": [engine]})
    command = [sys.executable, "-m", "landbridge", "ps", "--watch", "--base-url", router.url]
    with subprocess.Popen(command, env=home.env, cwd=home.folder, stdout=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 20
        while len(router.asked) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "watched" in said
