"""A prompt as a chain of marks, each of which stands for all of it up to there. Pure.

Two prompts have as much in common as their chains have: where the marks are alike, so is everything before them. The
marks stand at every message's end and, in long messages, at every kilobyte. They only steer what is kept where: what
an engine really knows of a prompt it finds out itself, token by token.
"""

from __future__ import annotations

from bisect import bisect_left
from hashlib import blake2b

from msgspec import Struct

from ..wire.openai_chat.llamacpp import Prompt

BLOCK = 1024
"""Bytes of a long message between two marks."""
MARK = 12
"""Bytes of a mark."""


class Chain(Struct, frozen=True):
    """The marks of a prompt, and the bytes up to each."""

    marks: tuple[bytes, ...] = ()
    sizes: tuple[int, ...] = ()
    opening: int = 0
    """How many of them the first message has, with which other conversations begin, too."""

    @property
    def size(self) -> int:
        """Bytes of all of it."""
        return self.sizes[-1] if self.sizes else 0

    def common(self, other: Chain) -> int:
        """How many marks both begin with."""
        most = min(len(self.marks), len(other.marks))
        return bisect_left(range(most), True, key=lambda index: self.marks[index] != other.marks[index])

    def shared(self, other: Chain) -> int:
        """How many bytes both begin with, as far as the marks tell."""
        common = self.common(other)
        return self.sizes[common - 1] if common else 0

    def begins(self, other: Chain) -> bool:
        """Whether `other` goes on from here: the whole of this is its beginning."""
        return bool(self.marks) and self.common(other) == len(self.marks)

    def cut(self, marks: int) -> Chain:
        """Its first `marks` marks."""
        return Chain(self.marks[:marks], self.sizes[:marks], min(self.opening, marks))


def chain_of(prompt: Prompt) -> Chain:
    """The chain of a prompt. Templates write tools behind the first message or in front of it, so they count from its
    end on.
    """
    tools = bytes(prompt.tools)
    digest = blake2b(tools, digest_size=MARK)
    digest.update(b"\0" + bytes(prompt.told))
    marks: list[bytes] = []
    sizes: list[int] = []
    size, extra, opening = 0, len(tools), 0
    for piece in prompt.pieces:
        text = memoryview(piece)
        for start in range(0, len(text), BLOCK):
            block = text[start : start + BLOCK]
            digest.update(block)
            size += len(block)
            marks.append(digest.digest())
            sizes.append(size)
        if text:
            size += extra
            sizes[-1], extra = size, 0
        opening = opening or len(marks)
    return Chain(tuple(marks), tuple(sizes), opening)
