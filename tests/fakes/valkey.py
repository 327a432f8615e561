"""A Valkey (or Redis) server of a test's own, on loopback, that keeps nothing: `stop`, `start`, `hang` and `go_on`.

Where no such program is installed the tests fail and say how to install it: nothing is skipped.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

UNCLOSED = pytest.mark.filterwarnings("ignore:Unclosed <MemoryObject:ResourceWarning")
"""For tests in which it goes away: coredis leaves the streams of connections that broke to the garbage collector, which
warns of them. They end with `gc.collect()`, so that this happens in no other test."""


def program() -> str:
    """The server's program: Debian has the one or the other."""
    for name in ("valkey-server", "redis-server"):
        if (found := shutil.which(name)) is not None:
            return found
    raise AssertionError("Valkey is not installed: run scripts/services, or apt-get install redis-server")


class Valkey:
    """The server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"valkey://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it; ready when this returns."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [program(), *options, "--dir", str(self._folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 20
        while not self._answers():
            assert time.monotonic() < deadline, "it did not start"
            time.sleep(0.01)

    def stop(self) -> None:
        """End it, whoever is connected."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def hang(self) -> None:
        """It accepts and says nothing any more."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """It speaks again."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as asked:
                asked.sendall(b"PING\r\n")
                return asked.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@contextmanager
def running(folder: Path) -> Iterator[Valkey]:
    """A server until the block ends."""
    server = Valkey(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
