"""Fetching a model: what is meant by what is typed, and going on where a connection breaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..errors import ConfigFault, Unreachable

if TYPE_CHECKING:
    from ..config import Config
    from ..engines.library import Library, LocalModel
    from ..engines.sources import Progress, Report

PAUSES = (1.0, 5.0, 15.0)
"""Seconds before a broken download is taken up again: after a try that brought something, and after vain ones."""

Broken = Callable[[Unreachable, float], None]
"""Told that a download broke, and how long to wait until it is taken up again; waits."""


def meant(model: str, config: Config) -> tuple[str, str]:
    """The source that is meant by a name or an address, and the name that the settings have for it, if they do."""
    from ..engines.sources import understood

    settings = config.models.get(model)
    if settings is not None and settings.source:
        return understood(settings.source), model
    return understood(model), ""


def check_sum(sha256: str) -> None:
    """Raise `ConfigFault` for what is no sha256."""
    if sha256 and (len(sha256) != 64 or set(sha256.lower()) - set("0123456789abcdef")):
        raise ConfigFault(f"'{sha256}' is no sha256.", remedy="It has 64 hexadecimal digits.")


def pull(
    library: Library,
    source: str,
    report: Report,
    broken: Broken,
    *,
    name: str = "",
    sha256: str = "",
    pauses: Sequence[float] = PAUSES,
) -> LocalModel:
    """Fetch a model. A connection that breaks while something comes is made again, as often as that helps."""
    meter = Meter(report)
    vain = 0
    while True:
        before = meter.come
        try:
            return library.pull(source, meter, name=name, sha256=sha256)
        except Unreachable as fault:
            vain = 0 if meter.come > before else vain + 1
            if not meter.come or vain >= len(pauses):
                raise
            broken(fault, pauses[vain])


class Meter:
    """Passes progress on, and counts what has come since it was made."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._first: int | None = None
        self._most = 0

    def __call__(self, progress: Progress) -> None:
        """Take note of it."""
        if not progress.note.startswith("checking"):
            self._first = progress.done if self._first is None else min(self._first, progress.done)
            self._most = max(self._most, progress.done)
        self._report(progress)

    @property
    def come(self) -> int:
        """Bytes."""
        return self._most - (self._first or 0)
