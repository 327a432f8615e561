"""The models in memory as a table for people."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from msgspec import Struct

from .progress import size_text
from .tables import make_table

if TYPE_CHECKING:
    from rich.table import Table


class Reading(Struct):
    """How far a prompt is read."""

    percent: int
    seconds: float | None = None


class Engine(Struct):
    """One engine, as the router tells of it."""

    name: str
    state: str
    pid: int | None = None
    window: int | None = None
    slots: int = 0
    busy: int = 0
    waiting: int = 0
    progress: list[Reading] = []
    prompts: int = 0
    reused: int = 0
    memory: int = 0
    pinned: bool = False
    unload_at: float | None = None
    last_fault: str = ""
    failing: bool = False
    waits_for_memory: bool = False


class Engines(Struct):
    """All that were wanted since the router's start."""

    engines: list[Engine]


def table(engines: list[Engine]) -> Table:
    """One row for each."""
    columns = ("MODEL", "STATE", "MEMORY", "WINDOW", "BUSY", "WAITING", "STAYS", "NOTE")
    rows = [cells(engine, time.time()) for engine in engines]
    return make_table(columns, rows, numbers=("MEMORY", "WINDOW", "BUSY", "WAITING"), last=("NOTE",))


def cells(engine: Engine, now: float) -> tuple[str, ...]:
    """One row of the table."""
    return (
        engine.name,
        "waiting for memory" if engine.waits_for_memory else engine.state,
        size_text(engine.memory) if engine.memory else "",
        str(engine.window or ""),
        f"{engine.busy}/{engine.slots}" if engine.slots else "",
        str(engine.waiting or ""),
        _stays(engine, now),
        _note(engine),
    )


def _stays(engine: Engine, now: float) -> str:
    if engine.pinned:
        return "pinned"
    if engine.pid is None:
        return ""
    if engine.unload_at is None:
        return "in use" if engine.busy or engine.waiting else "for good"
    left = max(0.0, engine.unload_at - now)
    return f"{left / 60:.0f} min" if left >= 90 else f"{left:.0f} s"


def _note(engine: Engine) -> str:
    reading = [f"reads a prompt: {each.percent} %{_left(each)}" for each in engine.progress]
    return "; ".join(reading) or (engine.last_fault if engine.failing else _known(engine))


def _known(engine: Engine) -> str:
    """How much of what it was sent it did not have to read."""
    return f"{100 * engine.reused // engine.prompts} % of its prompts were known" if engine.reused else ""


def _left(reading: Reading) -> str:
    return f", {reading.seconds:.0f} s left" if reading.seconds is not None else ""
