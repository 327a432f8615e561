"""What became of a JSON value on its way into another form: what moved, changed, was left out and was added.

Values are followed by what they are, not by where they stand, because two dialects put the same text at different
places. Text that is JSON itself (arguments of tools) is looked into. Paths that differ only in their numbers are one
line: `tools[*].input_schema -> tools[*].function.parameters (12)`.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct

Path = tuple[str, ...]
"""Steps from the root: `.name`, `[3]`, or `{}` into text that is JSON."""
Scalar = str | int | float | bool | None
Kind = Literal["moved", "changed", "left out", "added"]

LEAST = 12
"""Characters a text needs so that it is looked for inside another one."""
MOST = 300
"""Texts that are looked for inside others; more would take long, and nobody reads as many."""
_NUMBER = re.compile(r"\[\d+\]")


class Change(Struct, frozen=True):
    """One difference; several alike are one."""

    kind: Kind
    before: str = ""
    """Where it stood."""
    after: str = ""
    """Where it stands."""
    old: Scalar = None
    new: Scalar = None
    count: int = 1
    within: bool = False
    """It is now a part of a longer text."""


class _Leaf(Struct, frozen=True):
    path: Path
    value: Scalar


def differences(before: Any, after: Any) -> list[Change]:
    """What differs between two JSON values, in the order of the first, then of the second."""
    return joined(each_difference(before, after))


def each_difference(before: Any, after: Any) -> list[Change]:
    """The same one by one, each with the very places it is at."""
    old, new = list(_leaves(before, ())), list(_leaves(after, ()))
    here = {leaf.path: leaf for leaf in new}
    same = {leaf.path for leaf in old if (other := here.get(leaf.path)) is not None and _equal(leaf.value, other.value)}
    old = [leaf for leaf in old if leaf.path not in same]
    new = [leaf for leaf in new if leaf.path not in same]
    found: list[Change] = []
    old, new = _moved(old, new, found)
    old, new = _changed(old, new, found)
    old, new = _within(old, new, found)
    found += [Change("left out", _words(leaf.path), old=leaf.value) for leaf in old]
    found += [Change("added", after=_words(leaf.path), new=leaf.value) for leaf in new]
    return found


def _leaves(value: Any, path: Path) -> Iterator[_Leaf]:
    """Everything that is no list and no object; empty ones, too."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, (*path, f".{name}"))
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            yield from _leaves(inner, (*path, f"[{number}]"))
    elif isinstance(value, str) and value[:1] in ("{", "[") and (inner := _json(value)) is not None:
        yield from _leaves(inner, (*path, "{}"))
    elif isinstance(value, dict | list):
        yield _Leaf(path, "{}" if isinstance(value, dict) else "[]")
    else:
        yield _Leaf(path, value)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _equal(one: Scalar, other: Scalar) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


# -- what is found again -----------------------------------------------------------------------------------------------


def _moved(old: list[_Leaf], new: list[_Leaf], found: list[Change]) -> tuple[list[_Leaf], list[_Leaf]]:
    """The same value elsewhere: under the same name if it can be, in the same order."""
    waiting: defaultdict[tuple[str, Scalar], list[_Leaf]] = defaultdict(list)
    for leaf in new:
        waiting[type(leaf.value).__name__, leaf.value].append(leaf)
    often = Counter((type(leaf.value).__name__, leaf.value) for leaf in old)
    rest, taken = [], set()
    for leaf in old:
        key = (type(leaf.value).__name__, leaf.value)
        there = waiting[key]
        alike = next((each for each in there if each.path[-1:] == leaf.path[-1:]), None)
        if alike is None and there and _telling(leaf.value, often[key] == len(there)):
            alike = there[0]
        if alike is None:
            rest.append(leaf)
            continue
        there.remove(alike)
        taken.add(alike.path)
        found.append(_move(leaf, alike))
    return rest, [leaf for leaf in new if leaf.path not in taken]


def _telling(value: Scalar, as_often: bool) -> bool:
    """Whether a value says enough to be known by itself at another place under another name."""
    if isinstance(value, str):
        return len(value) >= 2
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) > 1 and as_often


def _move(old: _Leaf, new: _Leaf) -> Change:
    """Without what both paths end with, so that the leaves of one object that moved are one."""
    shared = 0
    while shared < min(len(old.path), len(new.path)) - 1 and old.path[-1 - shared] == new.path[-1 - shared]:
        shared += 1
    before, after = old.path[: len(old.path) - shared], new.path[: len(new.path) - shared]
    return Change("moved", _words(before), _words(after), old.value if not shared else None)


def _changed(old: list[_Leaf], new: list[_Leaf], found: list[Change]) -> tuple[list[_Leaf], list[_Leaf]]:
    """Another value at the same place."""
    there = {leaf.path: leaf for leaf in new}
    both = {leaf.path for leaf in old} & there.keys()
    for leaf in old:
        if leaf.path in both:
            path = _words(leaf.path)
            found.append(Change("changed", path, path, leaf.value, there[leaf.path].value))
    return [leaf for leaf in old if leaf.path not in both], [leaf for leaf in new if leaf.path not in both]


def _within(old: list[_Leaf], new: list[_Leaf], found: list[Change]) -> tuple[list[_Leaf], list[_Leaf]]:
    """A text that is a part of a longer one now, as of instructions that were joined."""
    longer = [leaf for leaf in new if isinstance(leaf.value, str) and len(leaf.value) > LEAST][:MOST]
    rest, holding, looked = [], set(), 0
    for leaf in old:
        text = leaf.value
        holder = None
        if isinstance(text, str) and len(text) >= LEAST and looked < MOST:
            looked += 1
            holder = next((each for each in longer if text in str(each.value)), None)
        if holder is None:
            rest.append(leaf)
            continue
        holding.add(holder.path)
        found.append(Change("moved", _words(leaf.path), _words(holder.path), within=True))
    return rest, [leaf for leaf in new if leaf.path not in holding]


# -- words -------------------------------------------------------------------------------------------------------------


def _words(path: Path) -> str:
    return "".join(" as JSON" if step == "{}" else step for step in path).removeprefix(".") or "all of it"


def joined(changes: list[Change]) -> list[Change]:
    """Changes that differ in numbers of places only become one, with the values of the first."""
    groups: dict[tuple[str, str, str, bool], list[Change]] = {}
    for change in changes:
        key = (change.kind, _NUMBER.sub("[*]", change.before), _NUMBER.sub("[*]", change.after), change.within)
        groups.setdefault(key, []).append(change)
    return [_one(key, group) for key, group in groups.items()]


def _one(key: tuple[str, str, str, bool], group: list[Change]) -> Change:
    first = group[0]
    if len(group) == 1:
        return first
    alike = len({(first.before, first.after), *((each.before, each.after) for each in group)}) == 1
    before, after = (first.before, first.after) if alike else key[1:3]
    return Change(first.kind, before, after, first.old, first.new, len(group), first.within)
