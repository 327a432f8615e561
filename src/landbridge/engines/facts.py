"""What is known of a model from its file. Pure; `gguf.py` reads it, `plan.py` plans from it."""

from __future__ import annotations

from msgspec import Struct


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

    @property
    def kv_bytes_per_token(self) -> int:
        """Bytes of f16 key-value cache for one token."""
        return 2 * self.layers * self.kv_heads * (self.key_length + self.value_length)
