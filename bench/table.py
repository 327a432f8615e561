"""Tables of figures: printed for people, as Markdown for `docs/performance.md`, as JSON for scripts."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def options(description: str | None) -> argparse.ArgumentParser:
    """A command line with what all benchmarks take."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds, after one that is not (default 5)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--save", action="store_true", help="put the table into docs/performance.md")
    return parser


def tell(what: str) -> None:
    """Say how far it has come, beside the output."""
    print(what, file=sys.stderr, flush=True)


def show(name: str, command: str, rows: Sequence[Mapping[str, str]], asked: argparse.Namespace) -> None:
    """Print `rows`, and save them as the section `name` of the page where that was asked for."""
    if asked.json:
        print(json.dumps(list(rows), indent=2))
    else:
        print(f"\n{markdown(rows)}\n{machine()}")
    if asked.save:
        save(name, f"`{command}`, {machine()}:\n\n{markdown(rows)}")


def markdown(rows: Sequence[Mapping[str, str]]) -> str:
    """A table whose columns are the keys of the first row, aligned so that it reads well as text, too."""
    columns = list(rows[0])
    widths = {column: max(len(column), *(len(row[column]) for row in rows)) for column in columns}
    lines = [
        columns,
        ["-" * widths[column] for column in columns],
        *([row[column] for column in columns] for row in rows),
    ]
    return "\n".join(
        "| " + " | ".join(cell.ljust(widths[column]) for cell, column in zip(line, columns, strict=True)) + " |"
        for line in lines
    )


def machine() -> str:
    """Where and when it was measured."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return f"{date.today()}, {os.cpu_count()} cores of {model}, Python {platform.python_version()}"


def save(name: str, text: str, page_file: Path = PAGE) -> None:
    """Replace what stands between the marks of `name` in a page."""
    begin, end = f"<!-- bench.{name} -->", f"<!-- /bench.{name} -->"
    page = page_file.read_text()
    head, found, rest = page.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"{page_file} has no place for {name}: it needs {begin} and {end}")
    page_file.write_text(f"{head}{begin}\n{text}\n{end}{tail}")


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """Median, with least and most."""
    return f"{statistics.median(values):{form}} ({min(values):{form}}-{max(values):{form}})"
