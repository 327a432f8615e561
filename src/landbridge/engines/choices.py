"""What else a model could be run with, and what that would take: the alternatives that `models show` lays out."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from ..errors import NoMemory
from .order import Order
from .plan import Plan

CONTEXTS = (8192, 16_384, 32_768, 65_536)
CACHES = ("f16", "q8_0")
SLOTS = (1, 2, 4)
WITHOUT_END = 1 << 62
"""Memory to plan with what does not fit, only to know what it would take."""


class Choice(Struct, frozen=True):
    """One way to run a model."""

    context: int
    """Tokens of one slot."""
    cache: str
    """Type of keys and values in the cache."""
    slots: int
    memory: int
    vram: int
    gpu_layers: int
    fits: bool
    chosen: bool = False


def choices(order: Order, free: int, planned: Plan | None) -> tuple[Choice, ...]:
    """Contexts with caches of both types, then other numbers of slots; what is planned is among them."""
    trained = order.facts.context_length
    slots = planned.slots if planned is not None else 1
    context = planned.context // slots if planned is not None else min(CONTEXTS[0], trained or CONTEXTS[0])
    cache = planned.cache_k if planned is not None else "f16"
    contexts = sorted({*(each for each in CONTEXTS if each < trained), *([trained] if trained else []), context})
    wanted = [(each, kind, slots) for kind in dict.fromkeys((*CACHES, cache)) for each in contexts]
    if planned is None or not planned.pooling:
        wanted += [(context, cache, count) for count in SLOTS if count != slots]
    found = (_choice(order, free, *each, planned) for each in wanted)
    return tuple(each for each in found if each is not None)


def _choice(order: Order, free: int, context: int, cache: str, slots: int, planned: Plan | None) -> Choice | None:
    settings = replace(order.settings, context=context, slots=slots, cache_type_k=cache, cache_type_v=cache)
    if planned is not None:
        settings = replace(settings, cache_ram=planned.cache_ram)
    changed = replace(order, settings=settings)
    now = (planned.context // planned.slots, planned.cache_k, planned.slots) if planned is not None else ()
    if planned is not None and now == (context, cache, slots):
        return _row(planned, True, True)
    try:
        return _row(changed.fit(free), True)
    except NoMemory:
        pass
    try:
        return _row(changed.fit(WITHOUT_END), False)
    except NoMemory:  # the graphics card does not hold the layers that the settings name
        return None


def _row(plan: Plan, fits: bool, chosen: bool = False) -> Choice:
    context = plan.context // plan.slots
    return Choice(context, plan.cache_k, plan.slots, plan.memory, plan.vram, plan.gpu_layers, fits, chosen)
