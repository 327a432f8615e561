"""What ledger, metrics, keys and limits cost: `python -m bench.extras`.

Two routers get the same requests in turn: one without any of them, one with all. CPU is that of the whole process by
the operating system's accounting; the ratio of one round is what counts.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import load, table, works
from .compare import CONNECTIONS
from .subjects import ROOT, Provider, Subject, start_landbridge
from .works import Work

GOAL = 1.25
OFF = """
[store]
enabled = false
[metrics]
enabled = false
[server]
log_level = "error"
"""
ON = """
[access]
required = "always"
[prices."bench/m"]
input = 3.0
output = 15.0
"""
LIMITS = ("--models", "bench/*", "--rpm", "100000000", "--tpm", "100000000000", "--budget", "1000000", "--per", "day")


def make_key(folder: Path) -> str:
    """A key with every limit there is, for the router whose data are in `folder`."""
    command = [sys.executable, "-m", "landbridge", "keys", "create", "--name", "bench", "--json", *LIMITS]
    where = ["--data-dir", str(folder), "--config", str(folder / "settings" / "landbridge.toml")]
    made = subprocess.run([*command, *where], cwd=ROOT, check=True, capture_output=True)
    return str(json.loads(made.stdout)["key"])


def cost(subject: Subject, work: Work, key: str, requests: int) -> float:
    """Seconds of CPU a request of `work` costs."""
    head = work.head.replace(b"Bearer landbridge", f"Bearer {key}".encode())
    before = subject.cpu_seconds()
    load.send(subject.port, head + work.body, requests, CONNECTIONS)
    return (subject.cpu_seconds() - before) / requests


def measure(folder: Path, rounds: int) -> list[dict[str, str]]:
    """All rows."""
    provider, subjects = Provider(), list[Subject]()
    try:
        for name, more in (("off", OFF), ("on", ON)):
            subjects.append(start_landbridge(folder / name, provider.port, more=more))
        off, on = subjects
        key = make_key(folder / "on")
        time.sleep(3)  # until the router has looked
        return [row(work, off, on, key, rounds) for work in works.WORKS if work.goal is not None]
    finally:
        for subject in subjects:
            subject.stop()
        provider.stop()


def row(work: Work, off: Subject, on: Subject, key: str, rounds: int) -> dict[str, str]:
    """One line of the table; the first round warms up, and each comes first in every other one."""
    figures: list[tuple[float, float]] = []
    for number in range(rounds + 1):
        turns = (off, on) if number % 2 else (on, off)
        spent = {each: cost(each, work, key, work.requests if number else work.requests // 5) for each in turns}
        if number:
            figures.append((spent[off], spent[on]))
            table.tell(f"{work.name}: {spent[off] * 1000:.3f} ms without, {spent[on] * 1000:.3f} ms with all")
    ratios = [more / less for less, more in figures]
    median = statistics.median(ratios)
    return {
        "work": work.name,
        "without, ms CPU": f"{statistics.median(less for less, _ in figures) * 1000:.3f}",
        "with all, ms CPU": f"{statistics.median(more for _, more in figures) * 1000:.3f}",
        "ratio (least-most)": table.spread(ratios),
        "goal": f"<= {GOAL:g} {'yes' if median <= GOAL else 'no'}",
    }


def main() -> None:
    """Measure, print, and save where asked."""
    asked = table.options(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(Path(folder), asked.rounds)
    table.show("extras", "python -m bench.extras", rows, asked)


if __name__ == "__main__":
    main()
