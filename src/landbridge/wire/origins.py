"""Whose a signature is: of one provider, not of all that speak its dialect.

Readers sign with their dialect's name and writers send back what has it: they know nothing of providers. Between an
answer and the next request the origin is `<dialect>@<provider>`, so that what one provider has encrypted is never sent
to another (P55). A client of the provider's own dialect gets signatures as they came, with nothing packed around them:
its next request may pass through. Whose those are nobody can tell later; they go to whoever speaks the dialect.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from ..neutral.parts import Message, Part, Text, Thinking, ToolCall
from ..neutral.request import Request

_DOT, _FOR_DOT = ".", "~"
"""Packed signatures end the origin at a dot; names of providers may have dots, but no tilde."""


class Origins(Struct, frozen=True):
    """Of signatures between a client and a provider, each with its dialect."""

    client: str = ""
    dialect: str = ""
    provider: str = ""

    def kept(self, origin: str) -> str:
        """An origin in the provider's answer, to be remembered."""
        return self._maker if origin and origin == self.dialect else origin

    def shown(self, origin: str) -> str:
        """An origin in the provider's answer, for the client to carry."""
        return origin if self.client == self.dialect else self.kept(origin)

    def opened(self, request: Request) -> Request:
        """The client's request with this provider's signatures as its writer knows them, all others as foreign."""
        if not _any_signed(request.messages):
            return request
        messages = tuple(map(self._message, request.messages))
        changed = any(new is not old for new, old in zip(messages, request.messages, strict=True))
        return replace(request, messages=messages) if changed else request

    @property
    def _maker(self) -> str:
        return f"{self.dialect}@{self.provider.replace(_DOT, _FOR_DOT)}"

    def _message(self, message: Message) -> Message:
        if message.role != "assistant":
            return message
        parts = tuple(map(self._part, message.parts))
        changed = any(new is not old for new, old in zip(parts, message.parts, strict=True))
        return replace(message, parts=parts) if changed else message

    def _part(self, part: Part) -> Part:
        if not isinstance(part, Text | Thinking | ToolCall) or not part.origin:
            return part
        if part.origin == self._maker:
            return replace(part, origin=self.dialect)
        if part.origin == self.dialect != self.client:
            # Carried by a client of another dialect without a provider's name: packed before there was one.
            return replace(part, origin=f"{self.dialect}@")
        return part


def _any_signed(messages: Iterable[Message]) -> bool:
    for message in messages:  # every request comes by here
        if message.role == "assistant":
            for part in message.parts:
                if isinstance(part, Text | Thinking | ToolCall) and part.origin:
                    return True
    return False


def is_of_another(origin: str, dialect: str) -> bool:
    """Whether a signature of this dialect is another provider's than the one that is written for."""
    return origin.startswith(f"{dialect}@")
