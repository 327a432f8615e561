"""What a client understands of an answer, in no dialect."""

from __future__ import annotations

from msgspec import Struct, field

from .node import Node


class SaidCall(Struct):
    """A tool call. `args` is the JSON text as a client puts it together."""

    id: str
    name: str
    args: str


class Complaint(Struct):
    """An error."""

    status: int
    """Of the answer; 200 where it stands in a stream."""
    type: str
    message: str
    in_form: bool = True
    """Whether it has the dialect's form."""


class Said(Struct):
    """An answer. Empty where there was nothing of the kind."""

    id: str = ""
    model: str = ""
    text: str = ""
    thinking: str = ""
    calls: list[SaidCall] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    """Kinds of blocks in order: `text`, `thinking`, `call` and others by their own name."""
    signatures: list[str] = field(default_factory=list)
    stop: str = ""
    """In neutral words: `end`, `length`, `tools`, `filter`; the dialect's own for others; empty where it never came."""
    prompt: int = -1
    """Tokens of the prompt, cached ones too."""
    cached: int = -1
    output: int = -1
    usage: Node = field(default_factory=Node)
    error: Complaint | None = None
    ended: bool = False
    """Whether the terminal frame came."""
    faults: list[str] = field(default_factory=list)
    """Where the answer broke the dialect's grammar."""
    empty_blocks: list[str] = field(default_factory=list)
    """Kinds of blocks that had no delta, which the grammar asks for and clients can do without."""
    left_open: str = ""
    """Kind of the block that was open when an error came."""
