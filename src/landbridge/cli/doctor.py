"""`landbridge doctor`: looks at everything a request passes, and says what to do about what is wrong."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigFault
from . import show
from .check_claude import check_claude
from .check_clients import check_clients
from .check_machine import check_keys, check_room, check_settings
from .check_router import check_answer, check_listeners, check_model, check_parts, check_pulled
from .context import AsJson, ConfigFile, DataDir, Places, places
from .findings import Finding, fail
from .router import Probe, probe, url_of

if TYPE_CHECKING:
    from ..config import Config

MARKS = {"ok": "[green]ok[/]", "warn": "[yellow]warn[/]", "fail": "[bold red]FAIL[/]"}


def doctor(*, model: str = "", json: AsJson = False, config: ConfigFile = None, data_dir: DataDir = None) -> int:
    """Look for what is wrong, and say what to do. Exit code 1 where something cannot work.

    Parameters
    ----------
    model
        Model to ask; by default `default_model` of the settings.
    """
    findings = examine(places(config, data_dir), model)
    if json:
        show.print_json({"findings": findings, "verdicts": Counter(finding.verdict for finding in findings)})
    elif sys.stdout.isatty():
        _print_table(findings)
    else:
        _print_lines(findings)
    return show.FAILURE if any(finding.verdict == "fail" for finding in findings) else 0


def examine(where: Places, model: str) -> list[Finding]:
    """All findings, in the order of a request's way."""
    findings, config = check_settings(where, os.environ)
    name = model or config.default_model
    try:
        url = url_of(config.listeners.router)
    except ConfigFault as fault:
        return [*findings, fail("router", fault.message, fault.remedy)]
    found = probe(url) if config.listeners.router.enabled else Probe("nobody")
    findings += check_listeners(config.listeners, found)
    findings += check_parts(found)
    findings += _model(url, name, found, config, where.data_dir)
    keys = found.health.parts.get("keys") if found.health else None
    keyed = keys is not None and keys.detail.startswith("needed")
    findings += check_claude(os.environ, url, Path.cwd(), keyed=keyed)
    findings += check_clients(os.environ, url)
    findings += check_keys(config, os.environ)
    findings += check_room(where.data_dir)
    return findings


def _model(url: str, name: str, found: Probe, config: Config, data_dir: Path) -> list[Finding]:
    if found.state != "up":
        return [check_pulled(config, name, data_dir)]
    finding, facts = check_model(url, name)
    return [finding] if facts is None else [finding, check_answer(url, facts)]


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
