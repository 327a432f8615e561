"""How long `landbridge serve` takes to be ready, and what it costs when idle: `python -m bench.start`.

Beside it in each round: a Python that starts and does nothing, so that the machine's mood can be told from ours.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import table
from .subjects import start_landbridge

SETTLE = 1.0
"""Seconds after readiness when memory is looked at."""
IDLE = 5.0
"""Seconds in which it is counted how often an idle router wakes the processor."""
READY_GOAL, MEMORY_GOAL = 1.0, 60e6


def python_seconds() -> float:
    """An interpreter's own start and end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - began


def main() -> None:
    """Measure, print, and save where asked."""
    asked = table.options(__doc__).parse_args()
    bare: list[float] = []
    ready: list[float] = []
    memory: list[float] = []
    wakings: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(asked.rounds + 1):
            bare.append(python_seconds())
            subject = start_landbridge(Path(folder) / str(number), upstream=9)
            time.sleep(SETTLE)
            ready.append(subject.ready_seconds)
            memory.append(float(subject.memory()))
            before = subject.wakings()
            time.sleep(IDLE)
            wakings.append((subject.wakings() - before) / IDLE)
            subject.stop()
    del bare[0], ready[0], memory[0], wakings[0]  # the first fills the page cache
    rows = [
        {"what": "a bare Python, s", "median (least-most)": table.spread(bare, ".3f"), "goal": "-"},
        {
            "what": "ready to serve, without a model, s",
            "median (least-most)": table.spread(ready, ".3f"),
            "goal": f"< {READY_GOAL:g} {'yes' if statistics.median(ready) < READY_GOAL else 'no'}",
        },
        {
            "what": "idle memory (proportional), MB",
            "median (least-most)": table.spread([each / 1e6 for each in memory], ".1f"),
            "goal": f"<= {MEMORY_GOAL / 1e6:g} {'yes' if statistics.median(memory) <= MEMORY_GOAL else 'no'}",
        },
        {"what": "wakings while idle, per second", "median (least-most)": table.spread(wakings, ".1f"), "goal": "-"},
    ]
    table.show("start", "python -m bench.start", rows, asked)


if __name__ == "__main__":
    main()
