"""What a model takes of the memory, byte by byte: weights, caches, states, checkpoints, buffers. Pure.

The formulas are llama.cpp's own allocations; those of buffers are upper bounds of what was measured (SmolLM2 at 512
tokens a batch: 18.6 MiB with 4096 tokens of context, 22.6 MiB with 4 slots of 8192; 167.5 MiB without flash attention).
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from .facts import Facts

MIB = 1024**2
BASE = 128 * MIB
"""The engine itself: program, libraries, tokenizer, threads. With the rest no engine was measured to take more than is
counted here (SmolLM2 at 4096 tokens: 127 MB of its own)."""
REPACKING = 0.1
"""Of weights that are laid out anew for the processor: what the copy costs beside them. The pages of the file that were
copied stay in the page cache until somebody wants the memory; they are not counted."""
CACHE_TYPES = {
    "f32": (1, 4), "f16": (1, 2), "bf16": (1, 2), "q8_0": (32, 34), "q5_1": (32, 24), "q5_0": (32, 22),
    "q4_1": (32, 20), "q4_0": (32, 18), "iq4_nl": (32, 18),
}  # fmt: skip
"""Type of a key-value cache -> (elements a block, bytes a block)."""
WINDOW_STEP = 256
"""Caches of windowed layers are multiples of this."""
BUFFERS = 64
"""Bytes of buffers an encoder takes for each token of the batch and number of its vectors (measured: 38)."""


class Setup(Struct, frozen=True):
    """One way to run a model: everything that costs memory."""

    context: int
    """Tokens of one slot."""
    slots: int = 1
    ubatch: int = 512
    """Tokens computed at once."""
    cache_k: str = "f16"
    cache_v: str = "f16"
    flash: bool = True
    """Flash attention: without it the attention of all heads to all tokens stands in a buffer."""
    swa_full: bool = False
    """Windowed layers keep everything."""
    checkpoints: int = 0
    """Copies of windows and states, of each slot, to go back to."""
    embeds: bool = False


class Parts(Struct, frozen=True):
    """Where the bytes go."""

    weights: int
    cache: int
    """Key-value caches and states of all slots."""
    checkpoints: int
    buffers: int
    """Compute buffers, output, and the engine itself."""
    companions: int = 0
    """Draft model, projector, adapters."""

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.cache + self.checkpoints + self.buffers + self.companions


def parts(facts: Facts, setup: Setup, companions: int = 0) -> Parts:
    """What a model takes, run like that."""
    return Parts(
        weights=facts.file_size + repacking(facts),
        cache=setup.slots * (slot_cache(facts, setup) + states(facts)),
        checkpoints=setup.slots * setup.checkpoints * checkpoint(facts, setup),
        buffers=buffers(facts, setup),
        companions=companions,
    )


@lru_cache(maxsize=256)
def token_bytes(facts: Facts, cache_k: str = "f16", cache_v: str = "f16", *, window: bool | None = None) -> int:
    """Bytes of cache for one token: in all layers, in windowed ones (`window`), or in the others."""
    total = 0
    for heads, windowed in facts.caching:
        if window is None or window is windowed:
            keys, values = facts.lengths(windowed)
            total += _row(facts.key_length if facts.latent else heads * keys, cache_k)
            total += 0 if facts.latent else _row(heads * values, cache_v)
            total += 2 * facts.indexed
    return total


def _row(numbers: int, kind: str) -> int:
    per_block, size = CACHE_TYPES[kind]
    return -(-numbers // per_block) * size


def repacking(facts: Facts) -> int:
    """Bytes that laying out weights anew for the processor takes."""
    return int(facts.repacked * REPACKING)


def window_cells(facts: Facts, setup: Setup) -> int:
    """Tokens that windowed layers keep for one slot."""
    if setup.swa_full:
        return setup.context
    cells = min(setup.context, facts.sliding_window + setup.ubatch)
    return -(-cells // WINDOW_STEP) * WINDOW_STEP


def slot_cache(facts: Facts, setup: Setup) -> int:
    """Bytes of one slot's key-value cache."""
    whole = token_bytes(facts, setup.cache_k, setup.cache_v, window=False) * setup.context
    if not facts.windows:
        return whole
    return whole + token_bytes(facts, setup.cache_k, setup.cache_v, window=True) * window_cells(facts, setup)


def states(facts: Facts) -> int:
    """Bytes of one conversation's recurrent states."""
    return facts.state_layers * facts.state_size


def checkpoint(facts: Facts, setup: Setup) -> int:
    """Bytes of one copy of what cannot be wound back: the windows and the states of one slot."""
    windows = 0
    if facts.windows and not setup.swa_full:
        windows = token_bytes(facts, setup.cache_k, setup.cache_v, window=True) * window_cells(facts, setup)
    return windows + states(facts)


def buffers(facts: Facts, setup: Setup) -> int:
    """Bytes of compute and output buffers, with the engine itself."""
    if setup.embeds:
        each = BUFFERS * facts.embedding_length if facts.encoder else 4 * facts.vocabulary
        return BASE + setup.context * setup.slots * each
    widest = facts.feed_forward or 4 * facts.embedding_length
    activations = 4 * setup.ubatch * (8 * facts.embedding_length + 3 * widest + 2 * facts.heads * facts.key_length)
    kinds = 2 if facts.windows else 1
    masks = 2 * kinds * setup.ubatch * setup.context
    scores = 0 if setup.flash else 4 * setup.ubatch * setup.context * (facts.heads + kinds)
    logits = 2 * 4 * facts.vocabulary * setup.slots
    return BASE + activations + masks + scores + logits
