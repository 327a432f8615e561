"""What stands between an engine and its keeper: what its owner needs from there, and the words for no."""

from __future__ import annotations

from typing import Protocol

from ..config.durations import parse_duration
from ..errors import GatewayError, StartFailed
from .lease import Live


class Backing(Protocol):
    """What an engine needs from its keeper."""

    async def launch(self, name: str) -> Live:
        """A ready process. Raises why not."""
        ...

    def released(self, name: str) -> None:
        """Its memory is free again."""
        ...

    def leaving(self, name: str) -> None:
        """Its process is told to end."""
        ...

    def moved(self) -> None:
        """Something may have changed for those who wait for memory."""
        ...

    def pinned(self, name: str) -> bool:
        """Whether it stays in memory."""
        ...

    def planned(self, name: str) -> int:
        """Bytes it was promised."""
        ...

    def wish(self, name: str) -> object:
        """What it would be started with now."""
        ...

    def cause(self, name: str) -> object:
        """What a failure depends on."""
        ...

    def limits(self, name: str) -> Limits:
        """The settings that take effect while it runs."""
        ...


class Limits:
    """Settings of one engine that need no restart."""

    def __init__(self, idle_unload: str, max_queue: int, max_restarts: int) -> None:
        self.idle_seconds = parse_duration(idle_unload)
        self.max_queue = max_queue
        self.max_restarts = max_restarts


class NobodyWaits(Exception):
    """An engine is not started after all: whoever wanted it has left."""


def too_often(name: str, strikes: int, last: GatewayError | None, seconds_left: float) -> StartFailed:
    """It crashed too many times in a row."""
    why = last.message if last is not None else "no reason is known"
    return StartFailed(
        f"Model '{name}' failed {strikes} times in a row and is not started again for now. Last: {why}",
        remedy="Change its settings or its file, or wait some minutes.",
        origin=f"engine:{name}",
        retry_after=max(1.0, seconds_left),
    )


def being_stopped(name: str) -> StartFailed:
    """landbridge ends, or the owner did."""
    return StartFailed(f"Model '{name}' is being stopped.", remedy="Try again in a moment.", origin=f"engine:{name}")


def defect(name: str, error: Exception) -> StartFailed:
    """A mistake of ours."""
    return StartFailed(
        f"The engine of '{name}' could not be started: {type(error).__name__}.",
        remedy="This is a defect of landbridge; its log has the details.",
        origin=f"engine:{name}",
    )


def unloaded(name: str) -> StartFailed:
    """Its user does not want it loaded."""
    return StartFailed(
        f"Model '{name}' was unloaded while it was loading.", remedy="Try again.", origin=f"engine:{name}"
    )
