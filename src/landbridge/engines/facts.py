"""What is known of a model from its file. Pure; `gguf.py` reads it, `plan.py` plans from it."""

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
    key_length: int
    value_length: int
    sliding_window: int
    """Tokens its windowed layers look back; 0 if it has none."""
    vocabulary: int
    chat_template: str
    file_size: int
    pooling: str = ""
    """How the vectors of its tokens become one (`mean`, `cls`, `last`); `none` or empty where the file does not say."""

    @property
    def encoder(self) -> bool:
        """Whether it only reads: it keeps no key-value cache and writes no tokens."""
        return self.architecture in ENCODERS

    @property
    def embeds(self) -> bool:
        """Whether it was made for embeddings and not for chatting."""
        return self.encoder or self.pooling in ("mean", "cls", "last")

    @property
    def kv_bytes_per_token(self) -> int:
        """Bytes of f16 key-value cache for one token."""
        if self.encoder:
            return 0
        return 2 * self.layers * self.kv_heads * (self.key_length + self.value_length)
