"""Who waits for memory, and who gets it: in the order they came, those in the background last.

Whoever needs what others have waits until they have gone: idle ones are stopped at once, those at work step aside when
everybody who stood in their line has been served. So two models that want the same memory take turns, and neither is
starved (P91). Later ones get what the earlier ones do not need. Waiting that cannot help is refused at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TypeVar

from ..errors import NoMemory
from .backing import NobodyWaits
from .eviction import Choice, Sized, Tenant, choose, movable
from .room import Room

PATIENCE = 20.0
"""Seconds a model in the background waits for memory that the others keep."""
LOOK = 0.05
"""Seconds between two looks whether the system has the memory of an engine that is gone."""

P = TypeVar("P", bound=Sized)


class House(Protocol):
    """What the engines are asked, and told."""

    def tenants(self) -> list[Tenant]:
        """Every engine that has memory."""
        ...

    def wanted(self, name: str) -> bool:
        """Whether somebody waits for `name`."""
        ...

    def background(self, name: str) -> bool:
        """Whether all who wait for `name` do so in the background."""
        ...

    def make_way(self, names: set[str]) -> None:
        """These shall step aside, and all others stay."""
        ...


class Want:
    """One model that is to be loaded."""

    def __init__(self, name: str, plan: Callable[[int], Sized], now: float) -> None:
        self.name, self.plan, self.since = name, plan, now
        self.answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def grant(self, available: int) -> None:
        """It has its memory, and is to be planned with so many bytes."""
        if not self.answer.done():
            self.answer.set_result(available)

    def refuse(self, fault: Exception) -> None:
        """It gets none."""
        if not self.answer.done():
            self.answer.set_exception(fault)


class Allotment:
    """Gives memory to engines; `settle` is called whenever something may have changed."""

    def __init__(self, room: Room, house: House) -> None:
        self._room, self._house = room, house
        self._wants: list[Want] = []
        self._timer: asyncio.TimerHandle | None = None

    @property
    def wanting(self) -> tuple[str, ...]:
        """Models that wait for memory."""
        return tuple(want.name for want in self._wants)

    async def take(self, name: str, plan: Callable[[int], P]) -> P:
        """How to run `name`; the memory for it is reserved then. Raises what `plan` raises, and `NobodyWaits`.

        `plan` says how with so many bytes, or raises `NoMemory`.
        """
        want = Want(name, plan, asyncio.get_running_loop().time())
        self._wants.append(want)
        self.settle()
        try:
            return plan(await want.answer)
        finally:
            self._drop(want)

    def settle(self) -> None:
        """Give what there is, and see to it that there will be more."""
        if not self._wants:
            return
        now = asyncio.get_running_loop().time()
        free, tenants = self._room.free(), self._house.tenants()
        if returning := self._room.returning():
            tenants.append(Tenant("", returning, "leaving", 0.0))
        going: set[str] = set()
        alarms = [now + LOOK] if returning else []
        left = free
        for want in sorted(self._wants, key=lambda want: self._house.background(want.name)):
            try:
                choice = self._choose(want, left, [each for each in tenants if each.name not in going], now)
                if choice is None:
                    alarms += self._patience(want, free, tenants, now)
                    continue
            except Exception as fault:  # also a defect: it is this model's, and others wait, too
                want.refuse(fault)
                self._drop(want)
                continue
            left -= max(0, choice.memory - sum(each.memory for each in choice.gone))
            going |= {each.name for each in choice.gone}
            if not choice.gone:
                self._room.reserve(want.name, choice.memory)
                want.grant(choice.available)
                self._drop(want)
        self._house.make_way(going)
        self._set_alarm(min(alarms, default=None))

    def _choose(self, want: Want, left: int, tenants: list[Tenant], now: float) -> Choice | None:
        """Who has to go; None where too little is left by those who came before."""
        if not self._house.wanted(want.name):
            raise NobodyWaits
        with suppress(NoMemory):
            background = self._house.background(want.name)
            return choose(want.plan, left, movable(tenants, background=background, now=now))
        return None

    def _patience(self, want: Want, free: int, tenants: list[Tenant], now: float) -> list[float]:
        """When to look again at the latest. Raises `NoMemory` where waiting does not help."""
        background = self._house.background(want.name)
        with suppress(NoMemory):
            choose(want.plan, free, movable(tenants, background=background, now=now))
            return []  # those who came before will leave enough in the end
        try:
            everybody = choose(want.plan, free, movable(tenants, background=False, now=now))
        except NoMemory as fault:
            raise _explained(fault, tenants) from None
        until = want.since + PATIENCE
        if now >= until:
            raise not_now(want.name, [each.name for each in everybody.gone])
        return [until]

    def _drop(self, want: Want) -> None:
        if want in self._wants:
            self._wants.remove(want)
            if not self._wants:
                self._set_alarm(None)
                self._house.make_way(set())

    def _set_alarm(self, at: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(at, self.settle) if at is not None else None


def _explained(fault: NoMemory, tenants: list[Tenant]) -> NoMemory:
    """The fault, with the models that are not asked to go."""
    pinned = sorted(each.name for each in tenants if each.pinned)
    if not pinned:
        return fault
    remedy = f"{fault.remedy} {', '.join(pinned)} {'is' if len(pinned) == 1 else 'are'} pinned: landbridge unpin NAME."
    return NoMemory(fault.message, remedy=remedy.strip(), origin=fault.origin, retry_after=fault.retry_after)


def not_now(name: str, kept: list[str]) -> NoMemory:
    """A call in the background would push out a model that is in use."""
    return NoMemory(
        f"Model '{name}' is not loaded for a call in the background: {', '.join(kept)} would have to go for it, "
        "and was used lately.",
        remedy='Let the small calls go to the same model, or to a smaller one (an alias for "claude-*haiku*").',
        origin=f"engine:{name}",
        retry_after=60.0,
    )
