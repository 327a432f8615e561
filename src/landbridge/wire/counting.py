"""How dialects are asked how many tokens a prompt has, and how they answer."""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

from .dialects import in_path


class Counting(Struct, frozen=True):
    """One dialect's form."""

    place: str
    """Path below a provider's base URL; `{model}` stands for the model."""
    field: str
    """Of the answer, with the count."""
    rest: dict[str, str] = {}
    """The answer's other fields."""

    def path(self, model: str) -> str:
        """Where a provider counts for `model`."""
        return in_path(self.place, model)

    def write(self, count: int) -> bytes:
        """The answer."""
        return msgspec.json.encode({**self.rest, self.field: count})

    def is_answer(self, body: bytes) -> bool:
        """Whether `body` is one."""
        try:
            return self.field in _decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False


COUNTING = {
    "anthropic": Counting("/v1/messages/count_tokens", "input_tokens"),
    "openai_responses": Counting("/responses/input_tokens", "input_tokens", {"object": "response.input_tokens"}),
    "gemini": Counting("/models/{model}:countTokens", "totalTokens"),
}
"""Of the dialects that have such an endpoint."""

_decode = msgspec.json.Decoder(dict[str, Raw]).decode
