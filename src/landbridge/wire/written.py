"""What a writer returns: the bytes, and everything it could not carry."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

NewId = Callable[[str], str]
"""Makes a fresh identifier with the given prefix (`msg_` -> `msg_01F...`)."""


class Loss(Struct, frozen=True):
    """Something the target cannot take. Never silent: logged, counted in a header, in golden files."""

    path: str
    """Where it stood, in the neutral request (`messages[3].parts[0]`)."""
    why: str
    """A short sentence."""


class Written(Struct, frozen=True):
    """A body in a dialect, and the losses on the way to it."""

    body: bytes
    losses: tuple[Loss, ...] = ()
    as_call: bool = False
    """The answer's text will be a call (`openai_chat/forced.py`)."""
