"""How to run a model on this machine: context, threads, memory. Pure: what the machine has comes in.

    memory = weights x 1.5 (the engine repacks them) + key-value cache + compute buffers

The context is as large as the model was trained for, and as memory allows. Every decision leaves a sentence.
"""

from __future__ import annotations

from msgspec import Struct

from ..config.schema import ModelSettings
from ..errors import NoMemory
from .facts import Facts

REPACKED = 1.5
"""Memory the weights take, by file size: the file is mapped, and a part of it laid out anew for the processor."""
COMPUTE = 224 * 1024 * 1024
"""Bytes of compute buffers and of the engine itself. With these two no engine was measured to take more than planned:
Qwen2.5-Coder 1.5B took 1.98 GB at 4096 tokens and 2.6 GB at 24576, SmolLM2 0.29 GB at 4096."""
GIB = 1024**3
STEP = 256
"""Contexts are multiples of this."""
FLOOR = 2048
"""Tokens below which a model is of no use to an agent; less than this is not loaded by itself."""
UNKNOWN_CONTEXT = 4096
"""Where the file does not say what it was trained for."""


class Plan(Struct, frozen=True):
    """How one model is run."""

    context: int
    """Tokens, all slots together."""
    slots: int
    threads: int
    batch: int
    gpu_layers: int
    memory: int
    """Bytes it will take."""
    kv_bytes_per_token: int
    why: tuple[str, ...]


def plan(facts: Facts, settings: ModelSettings, memory_available: int, threads: int) -> Plan:
    """The plan for a model, with `memory_available` bytes and `threads` cores. Raises `NoMemory` with the numbers."""
    why: list[str] = []
    slots = max(1, settings.slots)
    context = _context(facts, settings, memory_available, slots, why)
    memory = _memory(facts, context * slots)
    chosen = settings.threads if isinstance(settings.threads, int) else max(1, threads - 1)
    if settings.threads == "auto":
        why.append(f"{chosen} of {threads} cores: one is left for everything else")
    layers = settings.gpu_layers if isinstance(settings.gpu_layers, int) else 0
    return Plan(
        context=context * slots,
        slots=slots,
        threads=max(1, chosen),
        batch=settings.batch,
        gpu_layers=layers,
        memory=memory,
        kv_bytes_per_token=facts.kv_bytes_per_token,
        why=tuple(why),
    )


def _context(facts: Facts, settings: ModelSettings, available: int, slots: int, why: list[str]) -> int:
    """Tokens of one slot."""
    trained = facts.context_length or UNKNOWN_CONTEXT
    fits = _fitting(facts, available) // slots // STEP * STEP
    if isinstance(settings.context, int):
        wanted = min(settings.context, trained)
        if wanted < settings.context:
            why.append(f"context {wanted}: the model was trained for no more (asked: {settings.context})")
        else:
            why.append(f"context {wanted}: as the settings say")
        if wanted > fits:
            raise _no_memory(facts, wanted * slots, available, fits)
        return wanted
    context = min(trained, fits)
    if context < min(FLOOR, trained):
        raise _no_memory(facts, min(FLOOR, trained) * slots, available, fits)
    if context < trained:
        why.append(f"context {context}: memory allows no more (the model was trained for {trained})")
    else:
        why.append(f"context {context}: what the model was trained for")
    return context


def _fitting(facts: Facts, available: int) -> int:
    """Tokens of cache that fit beside the weights."""
    left = available - _memory(facts, 0)
    per_token = facts.kv_bytes_per_token
    if left <= 0:
        return 0
    return left // per_token if per_token else 1 << 24


def _memory(facts: Facts, tokens: int) -> int:
    return int(facts.file_size * REPACKED) + COMPUTE + tokens * facts.kv_bytes_per_token


def _no_memory(facts: Facts, tokens: int, available: int, fits: int) -> NoMemory:
    needed = -(-_memory(facts, tokens) * 10 // GIB)  # tenths, up here and down there: never the same number twice
    free = max(0, available) * 10 // GIB
    remedy = (
        f"Set its context to {fits} or less, or free memory."
        if fits >= FLOOR
        else "Free memory, choose a smaller model, or raise engine.memory_limit."
    )
    return NoMemory(
        f"The model needs {needed / 10} GiB for a context of {tokens} tokens, but {free / 10} GiB are free.",
        remedy=remedy,
    )
