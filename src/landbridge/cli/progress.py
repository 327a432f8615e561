"""What the user sees while a model is fetched: a bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TYPE_CHECKING

from ..errors import Unreachable
from ..manage.pull import PAUSES, pull
from . import show

if TYPE_CHECKING:
    from ..engines.library import Library, LocalModel
    from ..engines.sources import Progress, Report

BAR = 20
"""Columns of the bar; the rest is for what it says."""
SURE = 2.0
"""Seconds after which a speed is worth saying."""


def pull_with_progress(library: Library, model: str, *, name: str = "", sha256: str = "") -> LocalModel:
    """Fetch a model while the user watches: a bar on a terminal, now and then a line elsewhere."""

    def broken(fault: Unreachable, pause: float) -> None:
        show.say(f"{fault.message} Trying again in {pause:.0f} s.")
        sleep(pause)

    with _progress(name or _label(model)) as report:
        return pull(library, model, report, broken, name=name, sha256=sha256, pauses=PAUSES)


@contextmanager
def _progress(model: str) -> Iterator[Report]:
    if not sys.stderr.isatty():
        yield _Lines(model)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar
    from rich.table import Column

    columns = (
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)),
        BarColumn(bar_width=BAR),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), expand=True) as bar:
        task = bar.add_task(model, total=None)
        stage = ""
        resumed = None

        def report(progress: Progress) -> None:
            nonlocal task, stage, resumed
            if progress.note.startswith("checking") and not stage:
                stage = progress.note
                task = bar.add_task(stage, total=progress.total)
            if resumed is None and progress.total:
                resumed = progress.done
                if resumed:
                    bar.console.print(f"going on from {size_text(resumed)}", markup=False, highlight=False)
            description = stage or f"{model}: {progress.note}"
            bar.update(task, completed=progress.done, total=progress.total, description=description)

        yield report


def _label(model: str) -> str:
    """What is fetched, shortly; addresses are long and may hold a password."""
    from ..engines.sources import suggest_name

    return suggest_name(model) if "://" in model or model.startswith("hf:") else model


class _Lines:
    """Progress for logs: a line at each tenth, or every 100 MB where the whole is not known."""

    def __init__(self, model: str, clock: Callable[[], float] = monotonic) -> None:
        self._model, self._clock = model, clock
        self._last: tuple[str, int] | None = None
        self._began: dict[str, tuple[float, int]] = {}

    def __call__(self, progress: Progress) -> None:
        stage = "checking" if progress.note.startswith("checking") else "fetching"
        if stage not in self._began:
            self._began[stage] = (self._clock(), progress.done)
            if stage == "fetching" and progress.done:
                show.say(f"going on with {self._model} from {size_text(progress.done)}")
        if progress.total:
            step = progress.done * 10 // progress.total
            text = f"{step * 10}% of {size_text(progress.total)}{self._pace(stage, progress)}"
        else:
            step = progress.done // 10**8
            text = f"{size_text(progress.done)} so far"
        if (stage, step) != self._last:
            self._last = (stage, step)
            show.say(f"{stage} {self._model}: {text}")

    def _pace(self, stage: str, progress: Progress) -> str:
        """Speed and time left, as soon as there is something to reckon with."""
        since, done = self._began[stage]
        seconds, come = self._clock() - since, progress.done - done
        left = (progress.total or 0) - progress.done
        if seconds < SURE or not come or not left:
            return ""
        return f", {size_text(int(come / seconds))}/s, {time_text(left * seconds / come)} left"


def time_text(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def size_text(size: int) -> str:
    """Bytes as people say them."""
    if size < 10**6:
        return f"{size / 1e3:.0f} kB"
    return f"{size / 1e9:.2f} GB" if size >= 10**9 else f"{size / 1e6:.0f} MB"
