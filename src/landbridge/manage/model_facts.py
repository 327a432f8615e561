"""What a model is, how it would be run here and why, and what a change would cost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from ..engines.choices import Choice, choices
from ..engines.plan import Plan

if TYPE_CHECKING:
    from ..config import Config, ModelSettings
    from ..engines.library import LocalModel
    from ..engines.order import Order

Find = Callable[[str], "LocalModel | None"]


class Known(Struct, frozen=True, kw_only=True):
    """What is known of a model."""

    name: str
    path: str
    size: int
    sha256: str
    source: str
    licence: str
    architecture: str
    parameters: int
    quantization: str
    context_length: int


class Explained(Known, frozen=True, kw_only=True):
    """And how it would be run."""

    layers: int
    vocabulary: int
    sliding_window: int
    windowed_layers: int
    state_layers: int
    experts: int
    experts_used: int
    kv_bytes_per_token: int
    free: int
    """Bytes it may take now."""
    plan: Plan | None
    """How it would be run; `context` is that of one slot. Null where it cannot be."""
    alternatives: tuple[Choice, ...]
    """What else it could be run with, and what that would take."""
    trouble: str
    """Why it cannot be run; empty where it can."""


def known(model: LocalModel) -> Known:
    """What is known of it."""
    facts = model.facts
    return Known(
        name=model.name,
        path=str(model.path),
        size=model.size,
        sha256=model.sha256,
        source=model.source,
        licence=model.licence,
        architecture=facts.architecture,
        parameters=facts.parameters,
        quantization=facts.quantization,
        context_length=facts.context_length,
    )


def explained(
    model: LocalModel, config: Config, find: Find, settings: ModelSettings | None = None, free: int | None = None
) -> Explained:
    """All of it, with these settings instead of those in force. `find` knows the other models by name; `free` bytes
    may be taken, where that is known. Reads files and looks at the machine: call it in a thread.
    """
    from msgspec.structs import asdict

    from ..engines.room import Room

    facts = model.facts
    available = Room(lambda: config.engine.memory_limit).free() if free is None else free
    order, planned, trouble = _planned(model, config, find, settings or config.model(model.name), available)
    return Explained(
        **asdict(known(model)),
        layers=facts.layers,
        vocabulary=facts.vocabulary,
        sliding_window=facts.sliding_window,
        windowed_layers=sum(window for _, window in facts.caching),
        state_layers=facts.state_layers,
        experts=facts.experts,
        experts_used=facts.experts_used,
        kv_bytes_per_token=facts.kv_bytes_per_token,
        free=available,
        plan=replace(planned, context=planned.context // planned.slots) if planned is not None else None,
        alternatives=choices(order, available, planned) if order is not None else (),
        trouble=trouble,
    )


def _planned(
    model: LocalModel, config: Config, find: Find, settings: ModelSettings, free: int
) -> tuple[Order | None, Plan | None, str]:
    """How it would be run here as things are; or why it cannot be."""
    from ..engines.companions import find_companions
    from ..engines.machine import look
    from ..engines.order import Order
    from ..engines.plan import plan
    from ..errors import ConfigFault, NoMemory

    def path_of(name: str) -> Path | None:
        found = find(name)
        return found.path if found is not None else None

    try:
        companions, around = find_companions(model.name, settings, model.facts, path_of, model.projector)
    except ConfigFault as fault:
        return None, None, fault.text
    order = Order(
        name=model.name,
        path=model.path,
        facts=model.facts,
        template="",
        settings=settings,
        saves_prompts=config.engine.prompt_cache > 0,
        machine=look(bool(config.engine.command)),
        companions=companions,
        around=around,
        plan=plan,
    )
    try:
        return order, order.fit(free), ""
    except NoMemory as fault:
        return order, None, fault.text
