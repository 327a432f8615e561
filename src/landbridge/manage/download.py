"""One download: what is told of it, what is remembered of it, and how it stands."""

from __future__ import annotations

import threading
import time
from typing import Literal

from msgspec import Struct, field

from .pace import Pace

State = Literal["fetching", "checking", "waiting", "stopping", "paused", "failed", "done"]
Wish = Literal["run", "pause", "cancel"]


class Download(Struct, frozen=True, kw_only=True):
    """One download, as it stands."""

    name: str
    """What the model is called, or will be."""
    source: str
    state: State
    done: int
    """Bytes."""
    total: int | None
    speed: float | None
    """Bytes a second; null where nothing comes."""
    left: float | None
    """Seconds until it is done; null where nobody knows."""
    note: str
    """What is being fetched right now."""
    fault: str
    """What went wrong."""
    begun: float
    """In seconds since 1970."""


class Kept(Struct, omit_defaults=True):
    """What is remembered of one that is not done."""

    source: str
    name: str
    sha256: str = ""
    wish: Wish = "run"
    fault: str = ""
    begun: float = field(default_factory=time.time)


class Stopped(Exception):
    """It shall not go on now."""


class Job:
    """One download while the router runs."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.thread: threading.Thread | None = None
        self.stop = threading.Event()
        self.pace = Pace()
        self.done = 0
        self.total: int | None = None
        self.note = ""
        self.waits = ""
        """Why it waits before it goes on."""
        self.whole = False

    @property
    def state(self) -> State:
        """How it stands."""
        if self.thread is None:
            return "done" if self.whole else "failed" if self.kept.fault else "paused"
        if self.stop.is_set():
            return "stopping"
        if self.waits:
            return "waiting"
        return "checking" if self.note.startswith("checking") else "fetching"


def told(job: Job) -> Download:
    """What is said of one."""
    kept, now = job.kept, time.monotonic()
    comes = job.state in ("fetching", "checking")
    return Download(
        name=kept.name,
        source=shown(kept.source),
        state=job.state,
        done=job.done,
        total=job.total,
        speed=job.pace.speed(now) if comes else None,
        left=job.pace.left(now, job.total) if comes else None,
        note=job.note,
        fault=kept.fault or job.waits,
        begun=kept.begun,
    )


def shown(source: str) -> str:
    """Without user and password."""
    from ..engines.catalog import catalog
    from ..engines.sources import recorded

    return source if source in catalog() else recorded(source)
