"""`landbridge doctor`: looks at everything a request passes, and says what to do about what is wrong."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

from ..manage.checks import Looking, examine
from ..manage.findings import Finding
from . import show
from .context import AsJson, ConfigFile, DataDir, places

MARKS = {"ok": "[green]ok[/]", "warn": "[yellow]warn[/]", "fail": "[bold red]FAIL[/]"}


def doctor(*, model: str = "", json: AsJson = False, config: ConfigFile = None, data_dir: DataDir = None) -> int:
    """Look for what is wrong, and say what to do. Exit code 1 where something cannot work.

    Parameters
    ----------
    model
        Model to ask; by default `default_model` of the settings.
    """
    where = places(config, data_dir)
    looking = Looking(
        config_path=where.config_path,
        named=where.config_explicit,
        data_dir=where.data_dir,
        env=os.environ,
        folder=Path.cwd(),
        model=model,
    )
    findings = list(examine(looking))
    if json:
        show.print_json({"findings": findings, "verdicts": Counter(finding.verdict for finding in findings)})
    elif sys.stdout.isatty():
        _print_table(findings)
    else:
        _print_lines(findings)
    return show.FAILURE if any(finding.verdict == "fail" for finding in findings) else 0


def _print_lines(findings: list[Finding]) -> None:
    for finding in findings:
        print(f"{finding.verdict:<4}  {finding.check}: {finding.finding}")
        if finding.remedy:
            print(f"      -> {finding.remedy}")


def _print_table(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for finding in findings:
        text = escape(finding.finding) + (f"\n[dim]-> {escape(finding.remedy)}[/]" if finding.remedy else "")
        table.add_row(MARKS[finding.verdict], escape(finding.check), text)
    Console().print(table)
