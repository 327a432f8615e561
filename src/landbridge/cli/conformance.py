"""`landbridge conformance`: judges a gateway, this one or another, by the rules clients need."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ..errors import ConfigFault, StartFailed
from .context import AsJson
from .show import FAILURE, print_json

if TYPE_CHECKING:
    from ..conformance.run import Result
    from ..conformance.target import Target
    from ..conformance.upstream import Upstream

MARKS = {
    "pass": "[green]pass[/]",
    "fail": "[bold red]FAIL[/]",
    "not offered": "[yellow]not offered[/]",
    "not testable": "[dim]not testable[/]",
}


@Parameter(name="*")
@dataclass(frozen=True)
class Subject:
    """Who is judged. Without a URL a landbridge is started that has the suite's upstream as its provider."""

    base_url: str = ""
    """The gateway, as a client of Anthropic's API gets it (http://127.0.0.1:38080/anthropic)."""
    model: str = ""
    """A model of it. With --upstream: one whose provider is OpenAI-compatible and points there."""
    anthropic_model: str = ""
    """A model whose provider speaks Anthropic's API and points at --upstream."""
    responses_model: str = ""
    """A model whose provider speaks OpenAI's Responses API and points there."""
    gemini_model: str = ""
    """A model whose provider speaks the Gemini API and points there."""
    upstream: str = ""
    """HOST:PORT at which the suite's own upstream listens. Without it only what needs none is judged."""
    openai_url: str = ""
    """The gateway, as a client of OpenAI's API gets it; by default the host of --base-url with /v1."""
    token: str = ""
    """The gateway's key, if it needs one."""
    own: Annotated[bool, Parameter(name="--self", negative=())] = False
    """Start a landbridge and judge that one."""

    @property
    def models(self) -> dict[str, str]:
        """Names of models by the dialect of their upstream."""
        named = {
            "openai_chat": self.model,
            "anthropic": self.anthropic_model,
            "openai_responses": self.responses_model,
            "gemini": self.gemini_model,
        }
        return {dialect: name for dialect, name in named.items() if name}

    def check(self) -> None:
        """Raise `ConfigFault` for what makes no sense together."""
        if self.own and self.base_url:
            raise ConfigFault("--self and --base-url exclude each other.")
        if self.base_url and not self.models:
            raise ConfigFault("--model is missing.", remedy="Name a model of the gateway.")
        if not self.base_url and (self.models or self.openai_url):
            raise ConfigFault("--base-url is missing.", remedy="Say where the gateway is.")


NOBODY = Subject()


def conformance(
    *,
    subject: Subject = NOBODY,
    only: Annotated[list[str] | None, Parameter(negative=())] = None,
    jobs: int = 8,
    show: Annotated[str, Parameter(name="--show")] = "",
    save: Annotated[Path | None, Parameter(negative=())] = None,
    rules: Annotated[bool, Parameter(name="--list", negative=())] = False,
    json: AsJson = False,
) -> int:
    """Judge a gateway by the rules its clients need. Exit code 1 where one is broken.

    Without --base-url a landbridge is started that has the suite's upstream as its provider.

    Parameters
    ----------
    only
        Only these: a rule (C4), a subject (C), a source (P15), a dialect (openai_chat). May be repeated.
    jobs
        How many rules run at once.
    show
        Run this rule only, and print what went over the wires.
    save
        Write what went over the wires into this folder, a folder a rule.
    rules
        Print the rules, and judge nothing.
    """
    if rules:
        return _print_rules(json)
    subject.check()
    quiet = json or bool(show) or not sys.stderr.isatty()
    results = asyncio.run(judge(subject, [show] if show else only or [], max(1, jobs), quiet=quiet))
    _write(results, subject.token, json=json, shown=bool(show), folder=save)
    return FAILURE if any(result.verdict == "fail" for result in results) else 0


def place_of(text: str) -> tuple[str, int]:
    """Host and port in `HOST:PORT`, or `PORT` alone. Raises `ConfigFault`."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) < 65536:
        raise ConfigFault(f"--upstream {text}: that is no HOST:PORT.", remedy="Say for example 127.0.0.1:9111.")
    return host.strip("[]") or "127.0.0.1", int(port)


async def judge(subject: Subject, only: Sequence[str], jobs: int, *, quiet: bool) -> list[Result]:
    """Run what was asked for. Raises `ConfigFault`, `StartFailed` or `Unreachable`."""
    from ..conformance.rules import RULES
    from ..conformance.run import Suite, runs

    chosen = runs(RULES, only)
    if not chosen:
        raise ConfigFault(f"There is no rule {' '.join(only)}.", remedy="--list shows all.")
    async with _places(subject) as (target, upstream):
        suite = Suite(target, upstream, jobs)
        await suite.look()
        if quiet:
            return await suite.run(chosen)
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("judging", total=len(chosen))
            return await suite.run(chosen, lambda result: progress.advance(task))


@contextlib.asynccontextmanager
async def _places(subject: Subject) -> AsyncIterator[tuple[Target, Upstream | None]]:
    """The gateway and the suite's upstream, running."""
    from ..conformance.own import own_gateway
    from ..conformance.target import target_at
    from ..conformance.upstream import Upstream

    async with contextlib.AsyncExitStack() as stack:
        upstream: Upstream | None = None
        if subject.upstream or not subject.base_url:
            host, port = place_of(subject.upstream) if subject.upstream else ("127.0.0.1", 0)
            try:
                upstream = await stack.enter_async_context(Upstream(host, port))
            except OSError as error:
                why = error.strerror or str(error)
                raise StartFailed(f"The suite's upstream cannot listen at {host}:{port}: {why}.") from None
        if subject.base_url:
            yield target_at(subject.base_url, subject.models, subject.openai_url, subject.token), upstream
        else:
            assert upstream is not None
            yield await stack.enter_async_context(own_gateway(upstream.url)), upstream


def _write(results: Sequence[Result], token: str, *, json: bool, shown: bool, folder: Path | None) -> None:
    from ..conformance import report

    for result in results if folder is not None else ():
        report.save(result, folder or Path(), token)
    if json:
        print_json(report.as_json(results))
    elif shown:
        print("\n".join(report.text_of(result, token) for result in results))
    elif sys.stdout.isatty():
        _print_table(results)
    else:
        _print_lines(results)


def _print_lines(results: Sequence[Result]) -> None:
    from ..conformance import report

    for title, found in report.sections(results):
        print(f"\n{title}")
        for row in report.rows(found):
            print(f"{row.verdict:<12}  {row.id:<4} {row.title} ({row.where})")
            if row.why:
                print(f"{'':<12}       -> {row.why}")
    print(f"\n{report.sentence(results)}")


def _print_table(results: Sequence[Result]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from ..conformance import report

    console = Console()
    for title, found in report.sections(results):
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), title=title, title_justify="left")
        for row in report.rows(found):
            why = f"\n[dim]-> {escape(row.why)}[/]" if row.why else ""
            table.add_row(MARKS[row.verdict], row.id, f"{escape(row.title)} [dim]({row.where})[/]{why}")
        console.print(table, "")
    console.print(report.sentence(results))


def _print_rules(json: bool) -> int:
    from ..conformance.rules import RULES, SECTIONS

    if json:
        fields = ("id", "title", "source", "faces", "upstreams", "optional")
        print_json([{name: getattr(rule, name) for name in fields} for rule in RULES])
        return 0
    for letter, (title, rules) in SECTIONS.items():
        print(f"\n{letter}. {title}")
        for rule in rules:
            print(f"  {rule.id:<4} {rule.title} ({rule.source})")
    return 0
