"""Whether memory stays flat: `python -m bench.memory` sends 50,000 requests of every kind and looks after each tenth.

The kinds take turns: converted and passed through, whole and streamed, small and large. Flat means that the second
half grows by less than 2 %.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from . import load, table
from .subjects import Provider, start_landbridge
from .works import WORKS

REQUESTS = 50_000
STEPS = 10
ALLOWED = 0.02


def main() -> None:
    """Measure, print, and save where asked."""
    parser = table.options(__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS, help=f"how many in all (default {REQUESTS})")
    asked = parser.parse_args()
    kinds = [work for work in WORKS if work.goal is not None]
    share = asked.requests // STEPS // len(kinds)
    figures: list[tuple[int, float]] = []
    sent = 0
    with tempfile.TemporaryDirectory() as folder:
        provider = Provider()
        subject = start_landbridge(Path(folder) / "landbridge", provider.port)
        try:
            figures.append((0, subject.memory() / 1e6))
            for _ in range(STEPS):
                for work in kinds:
                    load.send(subject.port, work.head + work.body, share)
                    sent += share
                figures.append((sent, subject.memory() / 1e6))
        finally:
            subject.stop()
            provider.stop()
    middle, last = figures[STEPS // 2][1], figures[-1][1]
    grown = last / middle - 1
    rows = [{"requests": f"{count:,}", "memory (proportional), MB": f"{size:.1f}"} for count, size in figures]
    verdict = f"{grown:+.1%} in the second half, goal < {ALLOWED:.0%} {'yes' if grown < ALLOWED else 'no'}"
    rows.append({"requests": "growth", "memory (proportional), MB": verdict})
    table.show("memory", "python -m bench.memory", rows, asked)


if __name__ == "__main__":
    main()
