"""Instructions an exchange costs the router, counted by Valgrind, and only those of user mode: `python -m bench.count`.

Unlike times they are the same on a busy machine: for changes smaller than its noise. Copies count for more than they
take, a byte each (`rep movs`); system calls do not count at all.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import load, table
from .subjects import SETTINGS, Provider, answers, free_port
from .works import WORKS

EXCHANGES = 300
WARM = 200
SETTLED = 5.0
"""Seconds in which batches of records are worked on."""
START_SECONDS = 300.0
"""A program starts fifty times as slowly when it is counted."""


def start(folder: Path, upstream: int) -> tuple[subprocess.Popen[bytes], int]:
    """The router under callgrind, and its port."""
    port = free_port()
    settings = folder / "landbridge.toml"
    settings.write_text(SETTINGS.format(upstream=upstream))
    counted = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out"]
    serve = [sys.executable, "-m", "landbridge", "serve", "--config", str(settings), "--data-dir", str(folder)]
    flags = ["--port", str(port), "--no-openai", "--no-dashboard"]
    with (folder / "log").open("wb") as out:
        process = subprocess.Popen(
            [*counted, *serve, *flags], stdout=out, stderr=out, env={**os.environ, "PYTHONHASHSEED": "0"}
        )
    deadline = time.monotonic() + START_SECONDS
    while not answers(port, "/"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the router did not start:\n{(folder / 'log').read_text()[-2000:]}")
        time.sleep(0.2)
    return process, port


def counted(process: subprocess.Popen[bytes], folder: Path) -> int:
    """Instructions since this was last asked."""
    before = set(folder.glob("out.*"))
    subprocess.run(["callgrind_control", "--dump", str(process.pid)], check=True, stdout=subprocess.DEVNULL)
    time.sleep(1)
    found = [re.search(r"^totals: (\d+)", new.read_text(), re.M) for new in set(folder.glob("out.*")) - before]
    return sum(int(total.group(1)) for total in found if total is not None)


def main() -> None:
    """Count, print, and save where asked."""
    asked = table.options(__doc__).parse_args()
    if shutil.which("valgrind") is None:
        raise SystemExit("valgrind is needed: apt-get install valgrind")
    provider, rows = Provider(), []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process, port = start(folder, provider.port)
        try:
            for work in (work for work in WORKS if not work.stream):
                for _ in range(2):  # what is loaded with the first records comes a little after them
                    load.send(port, work.head + work.body, WARM)
                    time.sleep(SETTLED)
                counted(process, folder)
                figures = []
                for _ in range(asked.rounds):
                    load.send(port, work.head + work.body, EXCHANGES)
                    figures.append(counted(process, folder) / EXCHANGES)
                spread = f"({min(figures) / 1000:.0f}-{max(figures) / 1000:.0f})"
                rows.append({"work": work.name, "thousand instructions": f"{min(figures) / 1000:.0f} {spread}"})
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(120)
            provider.stop()
    table.show("count", "python -m bench.count", rows, asked)


if __name__ == "__main__":
    main()
