"""Access keys, as people give, change and end them. All functions wait for the database: call them in a thread.

They stand in the ledger's database, so no router need run; one that runs takes changes up within a second or two, or
at once where it is told (`access/book.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from ..access.budget import MICRO
from ..access.grant import Grant, Period, state_of
from ..access.terms import check_name, check_pattern, read_dollars, read_expiry
from ..errors import ConfigFault
from ..store.location import Location

if TYPE_CHECKING:
    from ..access.keys import Keys, Used

T = TypeVar("T")

EVERY = "*"
"""A pattern that takes back all others."""
MANY = 10**12
Count = Annotated[int, Meta(ge=1, lt=MANY)]


class Terms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a key may do. What is left out stays as it is; null takes a limit away."""

    models: list[str] | UnsetType = UNSET
    """Models it may use, by name or pattern (`smollm2`, `lab/*`); `*` or none: every one."""
    rpm: Count | UnsetType | None = UNSET
    """Requests a minute."""
    tpm: Count | UnsetType | None = UNSET
    """Tokens a minute: those of prompts that no cache had, and those of answers."""
    budget: float | str | UnsetType | None = UNSET
    """Dollars that it may spend."""
    per: Period | UnsetType = UNSET
    """How often the budget begins anew; `total`: never."""
    expires: float | str | UnsetType | None = UNSET
    """When it ends: Unix seconds, after a time (`30d`, `12h`), with a day (`2027-01-31`), or `never`."""

    def applied(self, grant: Grant, now: float) -> Grant:
        """`grant`, with what is said. Raises `ConfigFault`."""
        changed = replace(
            grant,
            models=grant.models if self.models is UNSET else _patterns(self.models),
            rpm=grant.rpm if self.rpm is UNSET else self.rpm,
            tpm=grant.tpm if self.tpm is UNSET else self.tpm,
            budget=grant.budget if self.budget is UNSET else _micro(self.budget),
            per=grant.per if self.per is UNSET else self.per,
            expires=grant.expires if self.expires is UNSET else _end(self.expires, now),
        )
        if self.per is not UNSET and changed.budget is None:
            what = "A period says how often a budget begins anew, and there is none."
            raise ConfigFault(what, remedy="Say the budget, too (--budget).")
        return changed


class Held(Struct, frozen=True):
    """A key, and what it has used."""

    grant: Grant
    used: Used
    last: float | None
    """When it was used last."""


class Made(Struct, frozen=True):
    """A key with its secret, which is known this once."""

    grant: Grant
    key: str
    count: int
    """Of all keys."""


class KeyInfo(Struct):
    """A key, without its secret. Money is in dollars; times are Unix seconds."""

    id: str
    name: str
    state: Literal["active", "expired", "revoked"]
    models: list[str]
    """Patterns; none: every model."""
    rpm: int | None
    """Requests a minute."""
    tpm: int | None
    """Tokens a minute."""
    budget: float | None
    per: Period
    """How often the budget begins anew."""
    created: float
    expires: float | None
    revoked: float | None
    requests: int = 0
    """In its period."""
    spent: float = 0.0
    """In its period."""
    unpriced: int = 0
    """Requests whose price nobody knows; they are not in `spent`."""
    used: float | None = None
    """When it was used last."""


def listed(location: Location) -> list[Held]:
    """All keys, the oldest first. Makes no database where there is none. Raises `StoreFault`."""

    async def read(keys: Keys) -> list[Held]:
        found = await keys.all()
        used = await keys.used([each.grant for each in found], time.time())
        return [Held(each.grant, used[each.grant.id], each.used) for each in found]

    return [] if _is_empty(location) else _with_keys(location, read)


def shown(location: Location, key: str) -> Held:
    """The key of that name or id. Raises `ConfigFault`, `StoreFault`; so do all that follow."""

    async def read(keys: Keys) -> Held:
        grant = await keys.find(key)
        known = next(each for each in await keys.all() if each.grant.id == grant.id)
        return Held(known.grant, (await keys.used([grant], time.time()))[grant.id], known.used)

    return _with_keys(_existing(location), read)


def create(location: Location, name: str, terms: Terms) -> Made:
    """Make a key. Only its hash is kept."""
    now = time.time()
    wanted = terms.applied(Grant(id="", name=check_name(name), created=now), now)

    async def make(keys: Keys) -> Made:
        made, key = await keys.create(wanted)
        return Made(made, key, len(await keys.all()))

    return _with_keys(location, make)


def change(location: Location, key: str, terms: Terms, name: str = "") -> Grant:
    """Change what a key may do, and its name where another is said."""

    async def take_up(keys: Keys) -> Grant:
        changed = terms.applied(await keys.find(key), time.time())
        changed = replace(changed, name=check_name(name)) if name else changed
        await keys.change(changed)
        return changed

    return _with_keys(_existing(location), take_up)


def revoke(location: Location, key: str) -> Grant:
    """End a key, now and for good. Gives it as it was before: one that was revoked already stays as it is."""

    async def end(keys: Keys) -> Grant:
        grant = await keys.find(key)
        if grant.revoked is None:
            await keys.revoke(grant, time.time())
        return grant

    return _with_keys(_existing(location), end)


def rotate(location: Location, key: str) -> Made:
    """Give a key another secret. The one before ends now; what it may do and has spent stays."""

    async def renew(keys: Keys) -> Made:
        grant = await keys.find(key)
        if grant.revoked is not None:
            raise ConfigFault(f"Key '{grant.name}' was revoked.", remedy="Make a new one: landbridge keys create.")
        return Made(grant, await keys.rotate(grant), len(await keys.all()))

    return _with_keys(_existing(location), renew)


def remove(location: Location, key: str) -> tuple[Grant, int]:
    """Forget a key that was revoked or has expired; the ledger keeps what it did. Gives how many are left, too."""

    async def forget(keys: Keys) -> tuple[Grant, int]:
        grant = await keys.find(key)
        if state_of(grant, time.time()) == "active":
            raise ConfigFault(
                f"Key '{grant.name}' is in use.", remedy=f"End it first: landbridge keys revoke {grant.name}."
            )
        await keys.remove(grant)
        return grant, len(await keys.all())

    return _with_keys(_existing(location), forget)


def told(grant: Grant, now: float, used: Used | None = None, last: float | None = None) -> KeyInfo:
    """A key for scripts and pages."""
    info = KeyInfo(
        id=grant.id,
        name=grant.name,
        state=state_of(grant, now),
        models=list(grant.models),
        rpm=grant.rpm,
        tpm=grant.tpm,
        budget=None if grant.budget is None else grant.budget / MICRO,
        per=grant.per,
        created=grant.created,
        expires=grant.expires,
        revoked=grant.revoked,
    )
    if used is not None:
        info.requests, info.spent, info.unpriced, info.used = used.requests, used.spent / MICRO, used.unpriced, last
    return info


def _patterns(models: list[str]) -> tuple[str, ...]:
    patterns = tuple(dict.fromkeys(check_pattern(pattern) for pattern in models))
    return () if EVERY in patterns else patterns


def _micro(budget: float | str | None) -> int | None:
    return None if budget is None else read_dollars(str(budget))


def _end(expires: float | str | None, now: float) -> float | None:
    if expires is None or isinstance(expires, str):
        return None if expires is None else read_expiry(expires, now)
    if expires <= now:
        raise ConfigFault(f"{expires:.0f} is over already.", remedy="Name a time to come.")
    return expires


def _is_empty(location: Location) -> bool:
    """Whether there is no database yet, which reading need not make."""
    return location.path is not None and not location.path.exists()


def _existing(location: Location) -> Location:
    """`location`, where there may be keys. Raises `ConfigFault`."""
    if _is_empty(location):
        raise ConfigFault("There are no keys yet.", remedy="Make one: landbridge keys create --name NAME.")
    return location


def _with_keys(location: Location, work: Callable[[Keys], Awaitable[T]]) -> T:
    """What `work` gives, with the keys of the database."""

    async def run() -> T:
        from ..access.keys import Keys  # SQLAlchemy, which takes time and memory

        keys = await Keys.open(location)
        try:
            return await work(keys)
        finally:
            await keys.close()

    return asyncio.run(run())
