"""Why a model's name leads where it does, now: for `landbridge route --explain`, the dashboard and scripts.

The same questions are asked as for a real request (`trip.py`), and nothing is sent anywhere.
"""

from __future__ import annotations

from msgspec import Struct

from ..access.grant import Grant, forbidden, may_use
from ..engines.keeper import Keeper
from ..routing.balance import Bonds, Speeds
from ..routing.chain import Branch, Course, Fork, Member, course, said
from ..routing.forks import Leaf
from ..routing.names import Route
from .branches import Stand, stands
from .meanings import view_of
from .world import World

PRESET = "an example"
"""The conversation where weights decide and nobody has named one."""


class Asking(Struct, frozen=True):
    """Who asks for what."""

    model: str
    client: str = ""
    """Short name of the client (`codex`)."""
    key: str = ""
    """Name or id of an access key."""
    tokens: int | None = None
    """Of the prompt."""
    session: str = ""
    stream: bool = True


class Told(Struct, frozen=True):
    """One of the models that the name may lead to."""

    target: str
    place: int | None
    """When it would be asked, from 1; None: not at all."""
    why: str = ""
    """Why it is passed over, or asked last."""
    local: bool = False
    weight: float = 1.0
    window: int | None = None
    """Tokens that it holds, where that is known."""
    breaker: str = "closed"
    """`closed`, `open` or `half-open`."""
    last_failure: str = ""
    begins_after: float | None = None
    """Seconds until it began to answer lately, where that was measured."""


class Explanation(Struct, frozen=True):
    """Where a name leads."""

    model: str
    target: str
    """The one that would be asked first; empty: nobody."""
    why: str
    route: str
    """As `x-landbridge-route` would say it."""
    view: str
    """The view of the client or key; empty for none."""
    policy: str
    sticky: bool
    targets: list[Told]


class Known(Struct, frozen=True):
    """What is known in a running router; nothing of it is, elsewhere."""

    keeper: Keeper
    speeds: Speeds
    bonds: Bonds
    now: float


def explain(world: World, known: Known, asking: Asking, grant: Grant | None = None) -> Explanation:
    """Where the name leads. Raises `UnknownModel`, and `Forbidden` for a key that may not use it."""
    key = (grant.name, grant.id) if grant is not None else (asking.key,) if asking.key else ()
    view = view_of(world.views, asking.client.lower(), key)
    found = world.find(asking.model, view)
    if isinstance(found, Route):
        fork = Fork(asking.model, (Member(asking.model),), why=found.why)
        leaves: tuple[Leaf, ...] = (Leaf(Member(asking.model), found),)
    else:
        fork, leaves = found, world.leaves(found, view)
    standing = stands(world, known.keeper, asking.model, leaves, grant, known.now)
    if grant is not None and not any(may_use(grant, asking.model, leaf.label) for leaf in leaves):
        raise forbidden(grant, asking.model)
    branches = [stand.branch for stand in standing]
    way = _course(fork, branches, known, asking)
    if isinstance(found, Route):
        way = Course((0,), "")  # it is asked however it stands: there is no other
    first = branches[way.order[0]].label if way.order else ""
    return Explanation(
        model=asking.model,
        target=first,
        why="; ".join(why for why in (fork.why, way.why) if why),
        route=said(first or "-", fork, way),
        view=view,
        policy=fork.policy,
        sticky=fork.sticky,
        targets=_told(world, known, standing, way, asking.stream),
    )


def _course(fork: Fork, branches: list[Branch], known: Known, asking: Asking) -> Course:
    labels = [branch.label for branch in branches]
    fastest = known.speeds.order(labels, asking.stream, known.now) if fork.policy == "least_latency" else None
    held = known.bonds.held(fork.name, asking.session, known.now) if fork.sticky and asking.session else ""
    key = asking.session or PRESET
    return course(fork, branches, key=key, held=held, fastest=fastest, tokens=asking.tokens)


def _told(world: World, known: Known, standing: list[Stand], way: Course, stream: bool) -> list[Told]:
    """Each model: those that would be asked in their order, then all others."""
    whys = {skip.target: skip.why for skip in way.skipped}
    rest = [position for position in range(len(standing)) if position not in way.order]
    found: list[Told] = []
    for position in (*way.order, *rest):
        branch = standing[position].branch
        breaker = world.breakers.get(branch.label)
        found.append(
            Told(
                target=branch.label,
                place=way.order.index(position) + 1 if position in way.order else None,
                why=whys.get(branch.label, branch.fault or branch.rests),
                local=branch.local,
                weight=branch.weight,
                window=branch.window,
                breaker=breaker.state(known.now) if breaker is not None else "closed",
                last_failure=breaker.why if breaker is not None else "",
                begins_after=known.speeds.of(branch.label, stream, known.now),
            )
        )
    return found
