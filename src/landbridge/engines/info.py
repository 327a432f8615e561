"""What is told of an engine: for `landbridge ps`, the health page and the dashboard."""

from __future__ import annotations

from msgspec import Struct

from .speed import Headway
from .states import State


class EngineInfo(Struct, frozen=True, kw_only=True):
    """One engine."""

    name: str
    state: State
    pid: int | None = None
    window: int | None = None
    """Tokens per request, while it is loaded and where that is known."""
    slots: int = 0
    """Requests it serves at once, while it is loaded."""
    busy: int = 0
    """Requests that hold it."""
    waiting: int = 0
    progress: tuple[Headway, ...] = ()
    """How far the prompts are that it reads now."""
    prompts: int = 0
    """Tokens of all prompts so far, while it is loaded."""
    reused: int = 0
    """Those of them that it knew already."""
    memory: int = 0
    """Bytes in memory now."""
    planned: int = 0
    """Bytes it was promised."""
    since: float
    """When it came into this state, in seconds since 1970."""
    used: float
    """When it was last used, in seconds since 1970."""
    pinned: bool = False
    unload_at: float | None = None
    """When it will be unloaded if nobody uses it, in seconds since 1970."""
    last_fault: str = ""
    """Why it last failed or crashed; empty if it never did."""
    failing: bool = False
    """Whether that was the end of its last run."""
    waits_for_memory: bool = False
    """Whether it waits until others have made room."""
