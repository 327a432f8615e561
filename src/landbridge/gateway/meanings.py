"""What the settings say that names mean, in general and for one client or access key: values for `routing.names`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ..config import Config
from ..config.schema import Chain, RouteSettings, RouteTarget
from ..routing.chain import Fork, Member
from ..routing.forks import with_tiers
from ..routing.names import Aliases

KEY = "key:"
"""Before the name or id of an access key, in the name of a view."""


class Meanings(Struct, frozen=True):
    """What names mean to one kind of caller."""

    aliases: Aliases
    tiers: Aliases
    first: frozenset[str] = frozenset()
    """Names in `aliases` that are this view's own."""

    @property
    def forks(self) -> bool:
        """Whether any name may lead to several models."""
        return any(isinstance(value, Fork) for value in (*self.aliases.values(), *self.tiers.values()))


def meanings_of(config: Config, view: str = "") -> Meanings:
    """What names mean to those who have that view; to all others, where it is empty."""
    tiers = _tiers(config)
    general: dict[str, str | Fork] = {name: _value(chain, name, "alias") for name, chain in config.aliases.items()}
    general |= {name: _route(name, route) for name, route in config.routes.items()}
    own = {name: _value(chain, name, f"view {view}, alias") for name, chain in config.views.get(view, {}).items()}
    return Meanings(with_tiers({**general, **own}, tiers), tiers, frozenset(own))


def view_of(views: Mapping[str, object], client: str, key: Sequence[str]) -> str:
    """The view of a caller: that of its access key (`key` holds its name and id), else that of its client."""
    for name in (*(KEY + each for each in key), client):
        if name in views:
            return name
    return ""


def _tiers(config: Config) -> dict[str, str | Fork]:
    found: dict[str, str | Fork] = {}
    for tier in config.tiers.__struct_fields__:
        if (chain := getattr(config.tiers, tier)) != "":
            found[tier] = _value(chain, tier, "tier")
    return found


def _value(chain: Chain, name: str, kind: str) -> str | Fork:
    """One name; or a fork, of a list of more than one."""
    if isinstance(chain, str):
        return chain
    if len(chain) == 1:
        return chain[0]
    return Fork(name, tuple(Member(model) for model in chain), why=f"{kind} {name}")


def _route(name: str, route: RouteSettings) -> Fork:
    return Fork(
        name,
        tuple(_member(target) for target in route.targets),
        policy=route.policy,
        sticky=route.sticky,
        spill=route.spill,
        spill_queue=route.spill_queue,
        spill_wait=route.spill_wait,
        longer=route.too_long == "next",
        why=f"route {name}",
    )


def _member(target: str | RouteTarget) -> Member:
    return Member(target) if isinstance(target, str) else Member(target.model, target.weight)
