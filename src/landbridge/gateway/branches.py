"""How the targets of a fork stand at this moment: usable, resting, busy, too small. Values for `routing.chain`."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ..access.grant import Grant, may_use
from ..engines.keeper import Keeper
from ..routing.chain import Branch, Fork
from ..routing.forks import Leaf
from ..routing.target import Target
from ..wire.openai_responses.types import DIALECT as RESPONSES
from .call import Call
from .world import World

BYTES_PER_TOKEN = 4
"""Of a request's body, roughly."""
NOT_FOR_KEY = "the key may not use it"
MEDIA = (b'"base64"', b";base64,", b'"inlineData"', b'"inline_data"')
"""In a body whose bytes say nothing of its tokens."""


class Stand(Struct, frozen=True):
    """One target and how it stands."""

    branch: Branch
    target: Target | None
    """None where there is no such model."""


def first_of(world: World, fork: Fork, call: Call) -> Stand | None:
    """The first model, where it needs no look at the others to see that it is asked: mostly all is well."""
    if fork.policy != "order" or fork.sticky or fork.longer or fork.spill != "never":
        return None
    if (call.key is not None and call.key.models) or call.dialect == RESPONSES:
        return None
    leaf = world.leaves(fork, world.view(call))[0]
    if leaf.route is None or (leaf.route.by_lists and world.unasked):
        return None
    target = world.target(leaf.route)
    breaker = world.breakers.get(target.label)
    if breaker is not None and not breaker.closed:
        return None
    if not target.local and world.providers[target.provider].key_problem:
        return None
    return Stand(Branch(target.label, local=target.local, window=target.traits.window), target)


def stands(
    world: World, keeper: Keeper, asked: str, leaves: Sequence[Leaf], grant: Grant | None, now: float
) -> list[Stand]:
    """How each of the models stands that `asked` leads to, for whoever has that key."""
    return [_stand(world, keeper, asked, leaf, grant, now) for leaf in leaves]


def _stand(world: World, keeper: Keeper, asked: str, leaf: Leaf, grant: Grant | None, now: float) -> Stand:
    label, weight = leaf.label, leaf.member.weight
    if leaf.route is None:
        return Stand(Branch(label, weight, fault=leaf.fault), None)
    target = world.target(leaf.route)
    if not may_use(grant, asked, label):
        return Stand(Branch(label, weight, fault=NOT_FOR_KEY), target)
    rests = resting(world, label, now)
    if not target.local:
        fault = world.providers[target.provider].key_problem
        return Stand(Branch(label, weight, fault=fault, rests=rests, window=target.traits.window), target)
    place, wait = keeper.place(target.model)
    window = window_of(world, keeper, target)
    return Stand(Branch(label, weight, True, rests=rests, waiting=place, wait=wait, window=window), target)


def resting(world: World, label: str, now: float) -> str:
    """Why nothing is sent to a target now; empty where something is."""
    breaker = world.breakers.get(label)
    if breaker is None or breaker.admits(now):
        return ""
    left = breaker.left(now)
    return f"breaker open {max(1, round(left))}s" if left else "breaker half-open, one request tries it"


def window_of(world: World, keeper: Keeper, target: Target) -> int | None:
    """Tokens that a model holds, as far as is known without loading it."""
    if not target.local:
        return target.traits.window
    said = world.config.model(target.model).context
    return keeper.window(target.model) or (said if isinstance(said, int) else None)


def tokens_of(fork: Fork, body: bytes) -> int | None:
    """About how many tokens a request has, where that matters; None where nobody can tell from its bytes."""
    if not fork.longer or any(mark in body for mark in MEDIA):
        return None
    return len(body) // BYTES_PER_TOKEN
