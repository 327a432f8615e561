"""Arguments inside the markup of a call: an object, or keys and bare values that the schema gives their types."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from .cursor import Broken, Cursor
from .mend import mend

_KEY = re.compile(r"[\w.$-]+")
FOREIGN = re.compile(
    r"<tool_call>|<function=|<parameter=|<arg_key>|\[TOOL_CALLS\]|<\|python_tag\|>|<[｜|‖ ]{1,3}(?:DSML|tool)"
)
"""Markup of calls that must not stand in a value."""


def closes(cursor: Cursor, tag: str) -> bool:
    """Whether `tag` stands here, after blanks; it is read if so."""
    cursor.blank()
    return cursor.meets(tag)


def read_object(cursor: Cursor) -> tuple[str, tuple[str, ...]]:
    """The arguments as one object, mended if need be, and the names of what was mended."""
    if not cursor.sees("{"):
        raise cursor.fail()
    cursor.named = True
    mended = mend(cursor.json(), ended=False)
    if mended is None:
        raise Broken
    return mended.text, mended.names


def checked_key(key: str) -> str:
    """The key, which must look like one."""
    if not _KEY.fullmatch(key):
        raise Broken
    return key


def joined(values: Mapping[str, str]) -> str:
    """The JSON of an object whose values are JSON already."""
    return "{" + ", ".join(f"{as_text(key)}: {value}" for key, value in values.items()) + "}"


def as_text(value: str) -> str:
    """The JSON of a text."""
    return msgspec.json.encode(value).decode()


def typed(cursor: Cursor, name: str, key: str, value: str) -> str:
    """The JSON of a bare value, by the schema: text, unless it can only be something else. One line break at each end
    belongs to the markup.
    """
    return exact(cursor, name, key, value.removeprefix("\n").removesuffix("\n"))


def exact(cursor: Cursor, name: str, key: str, value: str) -> str:
    """As `typed`, where line breaks belong to the value."""
    types = cursor.shapes.of(name).types.get(key, frozenset())
    if not types or "string" in types:
        return as_text(value)
    mended = mend(value.strip(), ended=False)
    return as_text(value) if mended is None else mended.text
