"""What the suite's upstream is told to answer: content in no dialect (`Says`), or the very bytes (`Bytes`).

`Says` is written in the dialect of the model's upstream, as a stream or whole, as the gateway asked.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Ending = Literal["whole", "close", "reset", "hang"]
"""What follows the bytes: a legal end, FIN or RST before it, or silence until the gateway leaves."""

SSE = {"content-type": "text/event-stream; charset=utf-8"}
JSON = {"content-type": "application/json"}


class Tokens(Struct, frozen=True):
    """Counts as a provider knows them. `prompt` counts all tokens of the prompt, cached ones too."""

    prompt: int = 0
    """0: what can be thought of the request, because gateways learn from what upstreams count."""
    output: int = 7
    cached: int = 0


class Text(Struct, frozen=True):
    """Words of the model."""

    text: str


class Thought(Struct, frozen=True):
    """Reasoning of the model."""

    text: str


class Call(Struct, frozen=True):
    """A tool call; `args` is the JSON text."""

    name: str
    args: str
    id: str = ""


Part = Text | Thought | Call


class Manner(Struct, frozen=True):
    """How the bytes leave."""

    cuts: tuple[int, ...] = ()
    """Sizes of the writes; the last repeats. Without it a stream is written record by record."""
    wait: float = 0
    """Seconds before the head."""
    body_wait: float = 0
    """Seconds after it."""
    pace: float = 0
    """Seconds between writes."""
    until: int | None = None
    """Bytes of the body that are written; a negative number counts from its end."""
    ending: Ending = "whole"


PLAIN = Manner()
USUAL = Tokens()


class Bytes(Struct, frozen=True):
    """These bytes and no others."""

    status: int = 200
    headers: dict[str, str] = {}
    body: bytes = b""
    stream: bool = False
    """Chunked, as servers send event streams; else with a content-length."""
    manner: Manner = PLAIN

    def pieces(self) -> list[bytes]:
        """The body in the pieces it is written in."""
        data = self.body[: self.manner.until]
        if not self.manner.cuts:
            blank = b"\r\n\r\n" if b"\r\n\r\n" in data else b"\n\n"
            parts = data.split(blank) if self.stream else [data]
            return [part + blank for part in parts[:-1]] + [part for part in parts[-1:] if part]
        pieces: list[bytes] = []
        sizes = list(self.manner.cuts)
        while data:
            size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
            pieces.append(data[:size])
            data = data[size:]
        return pieces


class Says(Struct, frozen=True):
    """A well-formed answer with this content."""

    parts: tuple[Part, ...] = (Text("Hello from the suite."),)
    stop: Literal["", "end", "length", "tools", "filter"] = ""
    """Why it ends; by default what fits the content."""
    usage: Tokens | None = USUAL
    id: str = ""
    """By default one that nobody else has."""
    piece: int = 7
    """Characters a fragment."""
    manner: Manner = PLAIN


Play = Bytes | Says


def says(*parts: Part | str, manner: Manner = PLAIN, usage: Tokens | None = USUAL) -> Says:
    """`Says` with these parts; strings are text."""
    return Says(tuple(Text(part) if isinstance(part, str) else part for part in parts), usage=usage, manner=manner)


def fragments(text: str, size: int) -> list[str]:
    """`text` in pieces of `size` characters."""
    return [text[at : at + size] for at in range(0, len(text), size)]
