"""What a pure function made of the few values it was last given, so that the same value is not worked on again.

An agent sends the same tool definitions with every request: half of what a large request holds. Made of immutable
values by functions without side effects, an answer from memory and a fresh one are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")
Made = TypeVar("Made")


class Latest(Generic[Value, Made]):
    """The latest results of one function, newest first, found by `same(value, other)`.

    Comparing with a handful of values costs less than a hash of a large one: equal bytes of another length differ at
    once, and the same object is equal at once.
    """

    def __init__(self, make: Callable[[Value], Made], same: Callable[[Value, Value], bool], size: int = 8) -> None:
        self._make, self._same, self._size = make, same, size
        self._known: tuple[tuple[Value, Made], ...] = ()

    def __call__(self, value: Value) -> Made:
        """`make(value)`. Raises what it raises; a failure is not remembered."""
        for number, known in enumerate(self._known):
            if self._same(known[0], value):
                if number:
                    self._known = (known, *self._known[:number], *self._known[number + 1 :])
                return known[1]
        made = self._make(value)
        self._known = ((value, made), *self._known[: self._size - 1])
        return made
