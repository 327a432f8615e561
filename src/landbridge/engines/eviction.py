"""Who has to go so that a model can be loaded. Pure: who is there, what is free and how the model would be run come in.

Nobody who is pinned. First who leaves anyway, then the idle ones, used longest ago first, then those at work, who step
aside when their line is served (P91). A model in the background takes nothing of one that others used lately.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Literal, Protocol

from msgspec import Struct

from ..errors import NoMemory

LATELY = 600.0
"""Seconds after its last use in which a model is not pushed out by one in the background: people read and think."""
ENOUGH = 24_576
"""Tokens of one conversation; for more nobody has to go: an agent's first request has 12,000 to 20,000."""

Standing = Literal["leaving", "idle", "working", "loading"]
_ORDER: Sequence[Standing] = ("leaving", "idle", "working", "loading")


class Tenant(Struct, frozen=True):
    """An engine that has memory."""

    name: str
    memory: int
    """Bytes that come back when it goes."""
    standing: Standing
    used: float
    """When it was last used."""
    served: float | None = None
    """When it was last used by somebody in the foreground."""
    pinned: bool = False


class Sized(Protocol):
    """A way to run a model, as far as it matters here."""

    @property
    def context(self) -> int:
        """Tokens, all slots together."""
        ...

    @property
    def slots(self) -> int:
        """Conversations that share them."""
        ...

    @property
    def memory(self) -> int:
        """Bytes it will take."""
        ...


class Choice(Struct, frozen=True):
    """How a model is to be run, and who has to go for it."""

    available: int
    """Bytes it is planned with."""
    memory: int
    """Bytes it takes of them."""
    gone: tuple[Tenant, ...] = ()
    """Nobody: there is room now."""


def movable(tenants: Iterable[Tenant], *, background: bool, now: float) -> list[Tenant]:
    """Who may have to go, the first to go first."""
    found = [each for each in tenants if each.standing == "leaving" or _may_go(each, background, now)]
    return sorted(found, key=lambda each: (_ORDER.index(each.standing), each.used))


def _may_go(tenant: Tenant, background: bool, now: float) -> bool:
    lately = tenant.served is not None and now - tenant.served < LATELY
    return not tenant.pinned and not (background and lately)


def choose(plan: Callable[[int], Sized], free: int, movable: Sequence[Tenant], enough: int = ENOUGH) -> Choice:
    """The least that has to go. Raises what `plan` raises where the model would not fit if all went.

    `plan` says how the model would be run with so many bytes, or raises `NoMemory`; it takes a larger context where
    there are more. Nobody goes for more than `enough` tokens of one conversation, nor for further slots.
    """
    most = plan(free + sum(each.memory for each in movable))
    wanted = min(enough, most.context // most.slots)
    available = free
    for count in range(len(movable) + 1):
        available += movable[count - 1].memory if count else 0
        with suppress(NoMemory):
            made = plan(available)
            if made.context // made.slots >= wanted:
                return Choice(available, made.memory, _needed(movable[:count], available - made.memory))
    raise AssertionError("with all of it, it fits")


def _needed(gone: Sequence[Tenant], spare: int) -> tuple[Tenant, ...]:
    """Without those whose going would change nothing, as a later one is large enough alone."""
    kept = list(gone)
    for each in reversed(gone):
        if each.memory <= spare:
            spare -= each.memory
            kept.remove(each)
    return tuple(kept)
