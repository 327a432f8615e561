"""What is said where memory does not hold a model, or holds little of it: the numbers, and what would fit. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from ..errors import NoMemory
from .fit import Fit
from .needs import Setup

GIB = 1024**3
USEFUL = 2048
"""Tokens; a smaller context is not recommended."""


def no_memory(fit: Fit, setup: Setup, fits: int) -> NoMemory:
    """The model does not fit like that; with a context of `fits` it would."""
    placed = fit.place(setup)
    on_card = placed.vram > fit.machine.vram
    needed, free = (placed.vram, fit.machine.vram) if on_card else (placed.memory, fit.memory)
    where = " of graphics memory" if on_card else ""
    slots = f" in each of {setup.slots} slots" if setup.slots > 1 else ""
    return NoMemory(
        f"The model needs {_up(needed)} GiB{where} for a context of {setup.context} tokens{slots}, "
        f"but {max(0, free) * 10 // GIB / 10} GiB are free.",
        remedy=_remedy(fit, setup, fits),
    )


def _remedy(fit: Fit, setup: Setup, fits: int) -> str:
    if fits >= USEFUL:
        return f"Set its context to {fits} or less, or free memory."
    if setup.slots > 1 and fit(replace(setup, slots=1)):
        return "Set its slots to 1, or free memory."
    small = replace(setup, cache_k="q8_0", cache_v="q8_0")
    if setup.cache_k == "f16" and fit(small):
        return 'Set its cache_type_k and cache_type_v to "q8_0", or free memory.'
    if fit.layers and fit.machine.gpus:
        return 'Set its gpu_layers to "auto", or free memory.'
    return "Free memory, choose a smaller model, or raise engine.memory_limit."


def _up(size: int) -> float:
    return -(-size * 10 // GIB) / 10  # tenths, up here and down there: never the same number twice


def too_short(context: int, needed: int) -> str:
    """What the user should know before an agent meets such a context."""
    return (
        f"Claude Code's first request takes up to {needed} tokens with all its tools; a context of {context} "
        "holds only its smaller forms (landbridge launch claude chooses them)."
    )
