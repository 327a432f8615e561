"""What is known of a model from its file. Pure; `gguf.py` reads it, `metadata.py` makes sense of it, `plan.py` plans.

Layers keep what they have read in different ways: all of it (attention), the last tokens only (a sliding window), or a
state of fixed size (recurrent layers). `Facts` says which layer does what; `needs.py` counts the bytes.
"""

from __future__ import annotations

from msgspec import Struct

ENCODERS = frozenset(
    {
        "bert",
        "modern-bert",
        "nomic-bert",
        "nomic-bert-moe",
        "neo-bert",
        "jina-bert-v2",
        "jina-bert-v3",
        "eurobert",
        "gemma-embedding",
        "t5encoder",
    }
)
"""Architectures that read and never write: what they are for is embeddings."""
POOLINGS = {0: "none", 1: "mean", 2: "cls", 3: "last", 4: "rank"}
"""The file's number for how the vectors of tokens become one, and its name."""


class Facts(Struct, frozen=True):
    """What is known of a model from its file."""

    architecture: str
    name: str
    parameters: int
    """Weights, counted from the tensors."""
    quantization: str
    context_length: int
    """Tokens it was trained for."""
    embedding_length: int
    layers: int
    heads: int
    kv_heads: int
    """The most of any layer."""
    key_length: int
    value_length: int
    sliding_window: int
    """Tokens its windowed layers look back; 0 if it has none."""
    vocabulary: int
    chat_template: str
    file_size: int
    pooling: str = ""
    """How the vectors of its tokens become one (`mean`, `cls`, `last`); `none` or empty where the file does not say."""
    layer_kv_heads: tuple[int, ...] = ()
    """Heads of each layer's cache, 0 where it has none; empty: all have `kv_heads`."""
    windowed: tuple[bool, ...] = ()
    """Which layers look back only `sliding_window` tokens; empty: none."""
    windowed_lengths: tuple[int, int] = (0, 0)
    """Length of keys and of values in windowed layers, where it is another one."""
    state_layers: int = 0
    """Recurrent layers: they keep a state instead of, or beside, a cache."""
    state_size: int = 0
    """Bytes of one such state, for one conversation."""
    latent: bool = False
    """Keys and values are one compressed vector (multi-head latent attention)."""
    indexed: int = 0
    """Numbers that each layer keeps of a token beside the cache, to choose what it looks at."""
    feed_forward: int = 0
    """Width of a feed-forward layer, of all experts that one token meets together."""
    experts: int = 0
    experts_used: int = 0
    """Experts that one token meets."""
    layer_bytes: int = 0
    """Bytes of the weights of all layers; 0 where they were not counted. The rest are embeddings and the output."""
    expert_bytes: int = 0
    """Those of them that belong to experts."""
    repacked: int = 0
    """Bytes of weights in formats that the engine lays out anew for the processor."""

    @property
    def encoder(self) -> bool:
        """Whether it only reads: it keeps no key-value cache and writes no tokens."""
        return self.architecture in ENCODERS

    @property
    def embeds(self) -> bool:
        """Whether it was made for embeddings and not for chatting."""
        return self.encoder or self.pooling in ("mean", "cls", "last")

    @property
    def caching(self) -> tuple[tuple[int, bool], ...]:
        """Of each layer that has a cache: its heads, and whether it is windowed."""
        if self.encoder:
            return ()
        heads = self.layer_kv_heads or (self.kv_heads,) * self.layers
        windowed = self.windowed if self.sliding_window and self.windowed else (False,) * len(heads)
        return tuple((each, window) for each, window in zip(heads, windowed, strict=False) if each)

    @property
    def windows(self) -> bool:
        """Whether some layers look back only so far."""
        return any(window for _, window in self.caching)

    @property
    def recurrent(self) -> bool:
        """Whether some layers keep a state, which cannot be wound back to an earlier token."""
        return self.state_layers > 0

    @property
    def active_bytes(self) -> int:
        """Bytes of weights that one token meets."""
        if not self.experts or not self.experts_used:
            return self.file_size
        return self.file_size - self.expert_bytes + self.expert_bytes * self.experts_used // self.experts

    @property
    def kv_bytes_per_token(self) -> int:
        """Bytes of f16 key-value cache for one token, in all layers that have one."""
        return sum(
            2 * (heads * sum(self.lengths(window)) if not self.latent else self.key_length) + 2 * self.indexed
            for heads, window in self.caching
        )

    def lengths(self, window: bool) -> tuple[int, int]:
        """Length of a key and of a value of one head."""
        return self.windowed_lengths if window and any(self.windowed_lengths) else (self.key_length, self.value_length)
