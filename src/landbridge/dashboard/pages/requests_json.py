"""A body as lines to be looked at: JSON with an indent, what conversion changed marked, long texts folded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from msgspec import Struct

from ...store.differences import Change, Kind, each_difference, joined

FOLD = 160
"""Characters of a text that are shown in its line."""
PLAIN = -1
"""No text is folded here."""

Line = tuple[int, str, str, str, int]
"""Indent, what stands before the value (its name), the value, how it is marked, which folded text it begins."""


class Body(Struct):
    """A body, ready to be shown."""

    lines: list[Line]
    texts: list[str]
    """The folded ones."""
    marked: int = 0
    """Lines that are marked, counting those that follow each other as one."""


class Marks(NamedTuple):
    """Where two bodies differ, by path, and how in words."""

    before: dict[str, Kind]
    after: dict[str, Kind]
    changes: list[Change]


def marks_of(before: Any, after: Any) -> Marks:
    """Where the second differs from the first. Slow for large ones: not for the event loop."""
    found = Marks({}, {}, [])
    if isinstance(before, str) or isinstance(after, str):
        return found
    changes = each_difference(before, after)
    for change in changes:
        if change.before:
            found.before.setdefault(_path(change.before), change.kind)
        if change.after:
            found.after.setdefault(_path(change.after), change.kind)
    return found._replace(changes=joined(changes))


def _path(words: str) -> str:
    return "" if words == "all of it" else words


def body_of(value: Any, marks: Mapping[str, Kind]) -> Body:
    """The lines of a body. Slow for large ones, too."""
    found = Body([], [])
    if isinstance(value, str):
        for text in value.splitlines():
            found.lines.append((0, "", *_folded(text, text, found.texts, ""), _last(found.texts, text)))
    else:
        writer = _Writer(marks, found.texts)
        found.lines = list(writer.value(value, "", 0, "", "", ""))
    kinds = ["", *(line[3] for line in found.lines)]
    found.marked = sum(1 for one, other in pairwise(kinds) if other and one != other)
    return found


def _folded(text: str, shown: str, texts: list[str], kind: str) -> tuple[str, str]:
    if len(text) <= FOLD:
        return shown, kind
    texts.append(text)
    return f"{shown[:FOLD]}…", kind


def _last(texts: list[str], text: str) -> int:
    return len(texts) - 1 if len(text) > FOLD else PLAIN


class _Writer:
    def __init__(self, marks: Mapping[str, Kind], texts: list[str]) -> None:
        self._marks, self._texts = marks, texts
        self._inner = {path.partition(" as JSON")[0]: kind for path, kind in marks.items() if " as JSON" in path}

    def value(self, value: Any, path: str, indent: int, name: str, comma: str, above: str) -> Iterator[Line]:
        """The lines of a value at `path`; `above` is how what holds it is marked."""
        kind = self._marks.get(path, above)
        if isinstance(value, dict) and value:
            yield indent, name, "{", kind, PLAIN
            last = len(value) - 1
            for number, (key, inner) in enumerate(value.items()):
                at = f"{path}.{key}" if path else str(key)
                label = f"{json.dumps(key, ensure_ascii=False)}: "
                yield from self.value(inner, at, indent + 1, label, "," if number < last else "", kind)
            yield indent, "", f"}}{comma}", kind, PLAIN
        elif isinstance(value, list) and value:
            yield indent, name, "[", kind, PLAIN
            last = len(value) - 1
            for number, inner in enumerate(value):
                at = f"{path}[{number}]"
                yield from self.value(inner, at, indent + 1, "", "," if number < last else "", kind)
            yield indent, "", f"]{comma}", kind, PLAIN
        elif isinstance(value, str):
            if path not in self._marks:
                kind = self._inner.get(path, kind)
            shown = json.dumps(value[: FOLD * 2], ensure_ascii=False)
            text, kind = _folded(value, shown, self._texts, kind)
            yield indent, name, f"{text}{comma}", kind, _last(self._texts, value)
        else:
            yield indent, name, f"{json.dumps(value)}{comma}", kind, PLAIN
