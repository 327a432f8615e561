"""CPU per request beside nginx, which passes the same bytes through: `python -m bench.compare`.

In every round each program gets the same requests over 16 connections, in turn; CPU is that of its whole process tree
by the operating system's accounting. The ratio of one round is what counts: both met the same machine.
"""

from __future__ import annotations

import statistics
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from . import load, table, works
from .subjects import Provider, Subject, check, start_landbridge, start_nginx
from .works import Work

CONNECTIONS = 16


def cpu_per_request(subject: Subject, work: Work, requests: int) -> float:
    """Seconds of CPU a request of `work` costs `subject`."""
    before = subject.cpu_seconds()
    load.send(subject.port, work.head + work.body, requests, CONNECTIONS)
    return (subject.cpu_seconds() - before) / requests


def compare(subjects: Sequence[Subject], work: Work, rounds: int) -> dict[str, list[float]]:
    """CPU seconds per request by subject, a figure a round; the round that warms up is not counted."""
    figures: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    for subject in subjects:
        check(subject, work)
        cpu_per_request(subject, work, work.requests // 5)
    for _ in range(rounds):
        for subject in subjects:
            figures[subject.name].append(cpu_per_request(subject, work, work.requests))
    return figures


def row(work: Work, figures: dict[str, list[float]]) -> dict[str, str]:
    """One line of the table."""
    ratios = [ours / theirs for ours, theirs in zip(figures["landbridge"], figures["nginx"], strict=True)]
    median = statistics.median(ratios)
    goal = "-" if work.goal is None else f"<= {work.goal:g}"
    reached = "" if work.goal is None else (" yes" if median <= work.goal else " no")
    return {
        "work": work.name,
        "nginx, ms CPU": f"{statistics.median(figures['nginx']) * 1000:.3f}",
        "landbridge, ms CPU": f"{statistics.median(figures['landbridge']) * 1000:.3f}",
        "ratio (least-most)": table.spread(ratios),
        "goal": goal + reached,
    }


def measure(folder: Path, asked: Namespace) -> list[dict[str, str]]:
    """All rows."""
    wanted = [work for work in works.WORKS if not asked.only or asked.only in work.name]
    provider = Provider()
    subjects: list[Subject] = []
    try:
        subjects.append(start_nginx(folder / "nginx", provider.port))
        subjects.append(start_landbridge(folder / "landbridge", provider.port))
        return [row(work, compare(subjects, work, asked.rounds)) for work in wanted]
    finally:
        for subject in subjects:
            subject.stop()
        provider.stop()


def main() -> None:
    """Measure, print, and save where asked."""
    parser = table.options(__doc__)
    parser.add_argument("--only", default="", help="only works whose name holds this")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(Path(folder), asked)
    table.show("compare", "python -m bench.compare", rows, asked)


if __name__ == "__main__":
    main()
