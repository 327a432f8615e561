"""What a fork leads to in the end: its members by way of aliases and other forks, each model once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from ..errors import UnknownModel
from .chain import Fork, Member
from .names import Aliases, Catalog, Route, Search, unknown

TIER_NAMES: Mapping[str, tuple[str, ...]] = {
    tier: (tier, f"claude-*{tier}*", f"*.claude-*{tier}*") for tier in ("opus", "sonnet", "haiku")
}
"""Names of the models of each of Claude's tiers."""


class Leaf(Struct, frozen=True):
    """One of the models that a name leads to in the end."""

    member: Member
    route: Route | None
    fault: str = ""
    """Why there is no such model."""

    @property
    def label(self) -> str:
        """How people write it."""
        return self.member.model if self.route is None else self.route.label


def leaves(fork: Fork, catalog: Catalog, aliases: Aliases) -> tuple[Leaf, ...]:
    """The models that `fork` leads to in the end, forks below it included; each once, with the weight of all."""
    found: dict[str, Leaf] = {}
    for leaf in _leaves(fork, catalog, aliases):
        before = found.get(leaf.label)
        if before is not None:
            leaf = replace(before, member=replace(before.member, weight=before.member.weight + leaf.member.weight))
        found[leaf.label] = leaf
    return tuple(found.values())


def _leaves(fork: Fork, catalog: Catalog, aliases: Aliases) -> Iterator[Leaf]:
    # Within a fork its name means the model of that name, if anything: so nothing leads in a circle.
    others = {name: value for name, value in aliases.items() if value is not fork}
    search = Search(catalog, others, "")
    for member in fork.members:
        try:
            below = search.follow(member.model.strip())
            if below is None:
                raise unknown(member.model, catalog, others)
        except UnknownModel as error:
            yield Leaf(member, None, error.message.removesuffix("."))
            continue
        if isinstance(below, Route):
            yield Leaf(member, below)
            continue
        inner = list(_leaves(below, catalog, others))
        whole = sum(leaf.member.weight for leaf in inner) or 1.0
        for leaf in inner:
            share = member.weight * leaf.member.weight / whole
            yield replace(leaf, member=replace(leaf.member, weight=share))


def first_of(fork: Fork, catalog: Catalog, aliases: Aliases) -> Route:
    """The first model of `fork` that there is. Raises `UnknownModel`."""
    for leaf in leaves(fork, catalog, aliases):
        if leaf.route is not None:
            return replace(leaf.route, why=fork.why)
    models = ", ".join(member.model for member in fork.members)
    raise UnknownModel(f"'{fork.name}' leads nowhere: there is none of {models}.", remedy="Mend its targets.")


def with_tiers(aliases: Aliases, tiers: Aliases) -> dict[str, str | Fork]:
    """`aliases`, and `tiers` under the names of their models; what an alias says more closely wins."""
    found: dict[str, str | Fork] = {}
    for tier, value in tiers.items():
        found |= dict.fromkeys(TIER_NAMES[tier], value)
    return found | dict(aliases)
