"""A PostgreSQL server of the tests' own: Debian's binaries, a folder that goes away, loopback only, nothing synced.

Where the binaries are missing the tests fail and say how to install them: nothing is skipped.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "30",
    "shared_buffers": "16MB",
    "max_logical_replication_workers": "0",
    "listen_addresses": "127.0.0.1",
    "password_encryption": "scram-sha-256",
}


def binaries() -> Path:
    """The folder with `initdb` and `postgres`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    if (command := shutil.which("postgres")) is not None:
        return Path(command).parent
    raise AssertionError("PostgreSQL is not installed: run scripts/services, or apt-get install postgresql")


class Postgres:
    """The server. `stop` and `start` are its bad day."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._bin = folder, binaries()
        self._names = (f"ledger_{number}" for number in count(1))
        # It refuses to run as root.
        self._user = _unprivileged() if os.geteuid() == 0 else None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._options = _OPTIONS | {"port": str(self.port), "unix_socket_directories": str(folder)}
        if self._user is not None:
            shutil.chown(folder, self._user)
        self._run("initdb", "-D", f"{folder}/data", "-U", "tester", "--no-sync", "-A", "trust", "--locale=C", "-EUTF8")

    def start(self) -> None:
        """Start it; ready when this returns. It is no child of ours: it outlives the test that wants it first."""
        options = [f"-c {name}={value}" for name, value in self._options.items()]
        self._control("start", "-l", f"{self.folder}/log", "-o", " ".join(options))

    def stop(self) -> None:
        """Stop it, whoever is connected."""
        self._control("stop", "-m", "fast")

    def create(self) -> str:
        """The URL of a new, empty database."""
        name = next(self._names)
        self.sql(f"CREATE DATABASE {name}")
        return f"postgresql://tester@127.0.0.1:{self.port}/{name}"

    def sql(self, text: str, database: str = "postgres") -> str:
        """What `psql` says to it."""
        to = ("-h", str(self.folder), "-p", str(self.port), "-U", "tester", "-d", database)
        return self._run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *to, input=text)

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-s", "-t", "60", *arguments)

    def _run(self, program: str, *arguments: str, input: str = "") -> str:
        # Its words go to a file: the server that `pg_ctl` starts would keep a pipe open.
        with tempfile.TemporaryFile("w+") as words:
            done = subprocess.run(
                [f"{self._bin}/{program}", *arguments],
                input=input,
                stdout=words,
                stderr=words,
                text=True,
                cwd=self.folder,
                user=self._user,
                check=False,
            )
            words.seek(0)
            said = words.read()
        assert done.returncode == 0, said
        return said


def _unprivileged() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@contextmanager
def running() -> Iterator[Postgres]:
    """A server that runs until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="landbridge-pg-") as folder:
        server = Postgres(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
