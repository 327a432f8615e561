"""`landbridge models show`: what a model is, how it would be run here and why, and what a change would cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import show
from .progress import size_text

if TYPE_CHECKING:
    from rich.console import Console

    from ..config import Config
    from ..engines.choices import Choice
    from ..engines.facts import Facts
    from ..engines.library import LocalModel
    from ..engines.order import Order
    from ..engines.plan import Plan

Find = Callable[[str], "LocalModel | None"]


def show_facts(model: LocalModel, known: dict[str, Any], config: Config, find: Find, *, as_json: bool) -> int:
    """Print it. `known` is what other commands say of a model; `find` knows the others by name."""
    from ..engines.choices import choices
    from ..engines.room import Room

    free = Room(lambda: config.engine.memory_limit).free()
    order, planned, trouble = _planned(model, config, find, free)
    others = choices(order, free, planned) if order is not None else ()
    if as_json:
        show.print_json(_as_json(model.facts, known, free, planned, others, trouble))
    else:
        _print(model, free, planned, others, trouble)
    return 0


def _planned(model: LocalModel, config: Config, find: Find, free: int) -> tuple[Order | None, Plan | None, str]:
    """How it would be run here as things are; or why it cannot be."""
    from ..engines.companions import find_companions
    from ..engines.machine import look
    from ..engines.order import Order
    from ..engines.plan import plan
    from ..errors import ConfigFault, NoMemory

    settings = config.model(model.name)

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


# -- for programs ------------------------------------------------------------------------------------------------------


def _as_json(
    facts: Facts, known: dict[str, Any], free: int, planned: Plan | None, others: Sequence[Choice], trouble: str
) -> dict[str, Any]:
    from msgspec import to_builtins

    about = {
        "layers": facts.layers, "vocabulary": facts.vocabulary, "sliding_window": facts.sliding_window,
        "windowed_layers": sum(window for _, window in facts.caching), "state_layers": facts.state_layers,
        "experts": facts.experts, "experts_used": facts.experts_used, "kv_bytes_per_token": facts.kv_bytes_per_token,
    }  # fmt: skip
    how = None
    if planned is not None:
        how = {**to_builtins(planned), "context": planned.context // planned.slots}
    return {
        **known,
        **about,
        "free": free,
        "plan": how,
        "alternatives": to_builtins(others),
        "trouble": trouble,
    }


# -- for people --------------------------------------------------------------------------------------------------------


def _print(model: LocalModel, free: int, planned: Plan | None, others: Sequence[Choice], trouble: str) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    lines = [*_about(model), *(_how(planned, free) if planned is not None else [])]
    for label, text in lines:
        console.print(Text.assemble((f"{label:<12} ", "bold"), text))
    for reason in planned.why if planned is not None else ():
        console.print(Text(f"{'':<12} - {reason}", style="dim"))
    if planned is not None and planned.warning:
        console.print(Text.assemble((f"{'beware':<12} ", "bold yellow"), (planned.warning, "yellow")))
    if trouble:
        console.print(Text.assemble((f"{'runs':<12} ", "bold"), (f"not now: {trouble}", "red")))
    if others:
        _print_choices(console, others)


def _about(model: LocalModel) -> Iterator[tuple[str, str]]:
    facts = model.facts
    yield "model", f"{model.name} ({facts.name or facts.architecture})"
    yield "file", f"{model.path} ({size_text(model.size)}, {facts.quantization})"
    yield "source", model.source
    yield "licence", model.licence or "unknown"
    experts = f", {facts.experts_used} of {facts.experts} experts at once" if facts.experts else ""
    yield "weights", f"{facts.parameters / 1e6:,.0f} million{experts}"
    yield "trained for", f"{facts.context_length} tokens" if facts.context_length else "unknown"
    yield "layers", _layers(facts)


def _layers(facts: Facts) -> str:
    windowed = sum(window for _, window in facts.caching)
    said = [f"{facts.layers}"]
    if windowed:
        said.append(f"{windowed} look back {facts.sliding_window} tokens")
    if facts.state_layers:
        said.append(f"{facts.state_layers} keep a state of {size_text(facts.state_size)}")
    if facts.latent:
        said.append("keys and values compressed into one")
    return ", ".join(said)


def _how(planned: Plan, free: int) -> Iterator[tuple[str, str]]:
    slots = f" in each of {planned.slots} slots" if planned.slots > 1 else ""
    yield (
        "runs with",
        f"context {planned.context // planned.slots}{slots}, threads {planned.threads}"
        + (f", {planned.gpu_layers} layers on the graphics card" if planned.gpu_layers else ""),
    )
    card = f", and {size_text(planned.vram)} of the graphics card's" if planned.vram else ""
    yield "memory", f"{size_text(planned.memory)} of {size_text(free)} that are free{card}"
    if planned.parts is not None:
        named = {
            "weights": planned.parts.weights, "cache": planned.parts.cache, "checkpoints": planned.parts.checkpoints,
            "buffers": planned.parts.buffers, "beside it": planned.parts.companions, "prompts": planned.cache_ram,
        }  # fmt: skip
        yield "", ", ".join(f"{name} {size_text(size)}" for name, size in named.items() if size)
    yield "a token", f"{planned.kv_bytes_per_token} bytes of cache ({planned.cache_k}, {planned.cache_v})"


def _print_choices(console: Console, others: Sequence[Choice]) -> None:
    from rich.table import Table
    from rich.text import Text

    on_card = any(each.vram for each in others)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("CONTEXT", "CACHE", "SLOTS", "MEMORY", *(("CARD", "LAYERS") if on_card else ()), "FITS"):
        table.add_column(column, justify="left" if column in ("CACHE", "FITS") else "right", no_wrap=True)
    for each in others:
        card = (size_text(each.vram), str(each.gpu_layers)) if on_card else ()
        fits = Text("as now", "bold cyan") if each.chosen else Text("yes", "green") if each.fits else Text("no", "red")
        cells = (str(each.context), each.cache, str(each.slots), size_text(each.memory), *card)
        table.add_row(*(Text(cell, "bold" if each.chosen else "") for cell in cells), fits)
    console.print(Text("\nWhat it would cost to change (context, cache_type_k and cache_type_v, slots):", "bold"))
    console.print(table)
