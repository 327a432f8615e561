"""`landbridge models show`: what a model is, how it would be run here and why, and what a change would cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from . import show
from .progress import size_text

if TYPE_CHECKING:
    from rich.console import Console

    from ..config import Config
    from ..engines.choices import Choice
    from ..engines.facts import Facts
    from ..engines.library import LocalModel
    from ..engines.plan import Plan
    from ..manage.model_facts import Explained, Find


def show_facts(model: LocalModel, config: Config, find: Find, *, as_json: bool) -> int:
    """Print it. `find` knows the other models by name."""
    from ..manage.model_facts import explained

    said = explained(model, config, find)
    if as_json:
        from msgspec import to_builtins

        show.print_json(to_builtins(said))
    else:
        _print(model, said)
    return 0


# -- for people --------------------------------------------------------------------------------------------------------


def _print(model: LocalModel, said: Explained) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    planned = said.plan
    lines = [*_about(model), *(_how(planned, said.free) if planned is not None else [])]
    for label, text in lines:
        console.print(Text.assemble((f"{label:<12} ", "bold"), text))
    for reason in planned.why if planned is not None else ():
        console.print(Text(f"{'':<12} - {reason}", style="dim"))
    if planned is not None and planned.warning:
        console.print(Text.assemble((f"{'beware':<12} ", "bold yellow"), (planned.warning, "yellow")))
    if said.trouble:
        console.print(Text.assemble((f"{'runs':<12} ", "bold"), (f"not now: {said.trouble}", "red")))
    if said.alternatives:
        _print_choices(console, said.alternatives)


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
        f"context {planned.context}{slots}, threads {planned.threads}"
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
