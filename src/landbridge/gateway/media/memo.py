"""Remembers what was made of large inputs: history comes again with every turn, and must be said in the same words.

Bounded by weight, the longest unused goes first. Who asks for what is being made waits for it; what came of a passing
failure is forgotten after a while.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import Generic, TypeVar

from msgspec import Struct

Value = TypeVar("Value")
Key = tuple[object, ...]


def digest(text: str) -> bytes:
    """Stands for a long text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Made(Struct, Generic[Value], frozen=True):
    """A value, what it weighs, and for how many seconds it holds."""

    value: Value
    weight: int = 1
    seconds: float = float("inf")


class _Entry(Struct, Generic[Value], frozen=True):
    made: Made[Value]
    until: float


class Memo(Generic[Value]):
    """Values by key, at most `capacity` of weight together."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._weight = 0
        self._entries: OrderedDict[Key, _Entry[Value]] = OrderedDict()
        self._making: dict[Key, asyncio.Lock] = {}

    def known(self, key: Key) -> Value | None:
        """The value, if there is one."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.until < asyncio.get_running_loop().time():
            self._forget(key)
            return None
        self._entries.move_to_end(key)
        return entry.made.value

    async def get(self, key: Key, make: Callable[[], Awaitable[Made[Value]]]) -> Value:
        """The value; made now if there is none. One caller makes, the others wait; if it is cancelled, the next one
        makes.
        """
        if (known := self.known(key)) is not None:
            return known
        lock = self._making.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                if (known := self.known(key)) is not None:
                    return known
                made = await make()
                self._keep(key, made)
                return made.value
        finally:
            if not lock.locked() and self._making.get(key) is lock:
                del self._making[key]

    def _keep(self, key: Key, made: Made[Value]) -> None:
        self._forget(key)
        self._entries[key] = _Entry(made, asyncio.get_running_loop().time() + made.seconds)
        self._weight += made.weight
        while self._weight > self._capacity and len(self._entries) > 1:
            self._forget(next(iter(self._entries)))

    def _forget(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._weight -= entry.made.weight
