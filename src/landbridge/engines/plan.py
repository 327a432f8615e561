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
ENCODER_CONTEXT, DECODER_CONTEXT = 8192, 2048
"""Most tokens of one text to embed, unless the settings say more. The engine reads a text in one batch, and the buffers
of a model with a vocabulary to write in grow with that (SmolLM2: 200 KB a token)."""
BUFFERS = 64
"""Bytes of buffers an encoder takes for each token of the batch and number of its vectors (measured: 38)."""


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
    pooling: str = ""
    """How it makes embeddings (`mean`, `cls`, `last`); empty: it chats."""


def plan(facts: Facts, settings: ModelSettings, memory_available: int, threads: int) -> Plan:
    """The plan for a model, with `memory_available` bytes and `threads` cores. Raises `NoMemory` with the numbers."""
    why: list[str] = []
    slots = max(1, settings.slots)
    pooling = _pooling(facts, settings, why)
    needs = Needs(facts, embeds=bool(pooling))
    context = _context(needs, settings, memory_available, slots, why)
    chosen = settings.threads if isinstance(settings.threads, int) else max(1, threads - 1)
    if settings.threads == "auto":
        why.append(f"{chosen} of {threads} cores: one is left for everything else")
    layers = settings.gpu_layers if isinstance(settings.gpu_layers, int) else 0
    return Plan(
        context=context * slots,
        slots=slots,
        threads=max(1, chosen),
        batch=context if pooling else settings.batch,
        gpu_layers=layers,
        memory=needs.memory(context * slots),
        kv_bytes_per_token=facts.kv_bytes_per_token,
        why=tuple(why),
        pooling=pooling,
    )


def _pooling(facts: Facts, settings: ModelSettings, why: list[str]) -> str:
    """How it makes embeddings; empty where it chats."""
    embeds = facts.embeds if settings.embeddings is None else settings.embeddings
    if not embeds:
        return ""
    known = facts.pooling in ("mean", "cls", "last")
    why.append(f"embeddings: {f'the file says {facts.pooling}' if known else 'mean, as the file does not say how'}")
    return facts.pooling if known else "mean"


class Needs(Struct, frozen=True):
    """What a model takes of the memory."""

    facts: Facts
    embeds: bool

    @property
    def longest(self) -> int:
        """Tokens of context it is given where the settings do not say and memory allows."""
        trained = self.facts.context_length or UNKNOWN_CONTEXT
        if not self.embeds:
            return trained
        return min(trained, ENCODER_CONTEXT if self.facts.encoder else DECODER_CONTEXT)

    @property
    def per_token(self) -> int:
        """Bytes for each token of context."""
        if not self.embeds:
            return self.facts.kv_bytes_per_token
        buffers = BUFFERS * self.facts.embedding_length if self.facts.encoder else 4 * self.facts.vocabulary
        return self.facts.kv_bytes_per_token + buffers

    def memory(self, tokens: int) -> int:
        """Bytes with so many tokens of context."""
        return int(self.facts.file_size * REPACKED) + COMPUTE + tokens * self.per_token

    def fitting(self, available: int) -> int:
        """Tokens of context that fit beside the weights."""
        left = available - self.memory(0)
        if left <= 0:
            return 0
        return left // self.per_token if self.per_token else 1 << 24


def _context(needs: Needs, settings: ModelSettings, available: int, slots: int, why: list[str]) -> int:
    """Tokens of one slot."""
    trained = needs.facts.context_length or UNKNOWN_CONTEXT
    fits = needs.fitting(available) // slots // STEP * STEP
    if isinstance(settings.context, int):
        wanted = min(settings.context, trained)
        if wanted < settings.context:
            why.append(f"context {wanted}: the model was trained for no more (asked: {settings.context})")
        else:
            why.append(f"context {wanted}: as the settings say")
        if wanted > fits:
            raise _no_memory(needs, wanted * slots, available, fits)
        return wanted
    context = min(needs.longest, fits)
    if context < min(FLOOR, needs.longest):
        raise _no_memory(needs, min(FLOOR, needs.longest) * slots, available, fits)
    if context < needs.longest:
        why.append(f"context {context}: memory allows no more (the model was trained for {trained})")
    elif context < trained:
        why.append(f"context {context}: enough for one text to embed (the model was trained for {trained})")
    else:
        why.append(f"context {context}: what the model was trained for")
    return context


def _no_memory(needs: Needs, tokens: int, available: int, fits: int) -> NoMemory:
    needed = -(-needs.memory(tokens) * 10 // GIB)  # tenths, up here and down there: never the same number twice
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
