"""What a tool's schema says of its arguments, as far as repairs need it; read when the tool is first called."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Raw, Struct

from ...neutral.parts import NONE
from ...neutral.request import HostedTool, Tool
from ..memory import Latest

_STRING = frozenset({"string"})


class Shape(Struct, frozen=True):
    """The arguments of one tool."""

    types: dict[str, frozenset[str]]
    """JSON types of each property; empty where the schema does not say."""
    optional: frozenset[str] = frozenset()
    """Properties that may be left out and are strings: an empty string says nothing there."""
    required: frozenset[str] = frozenset()


class _Schema(Struct, rename="camel"):
    properties: dict[str, Raw] = {}
    required: tuple[str, ...] = ()
    any_of: Raw = NONE
    one_of: Raw = NONE
    all_of: Raw = NONE
    dependent_required: Raw = NONE


class _Property(Struct, rename="camel"):
    type: str | tuple[str, ...] = ()
    any_of: tuple[Raw, ...] = ()
    one_of: tuple[Raw, ...] = ()
    enum: tuple[Raw, ...] = ()
    const: Raw = NONE

    def means_empty(self) -> bool:
        """Whether the empty string is a value the schema itself names."""
        return any(bytes(value) == b'""' for value in (*self.enum, self.const))


_decode_schema = msgspec.json.Decoder(_Schema).decode
_decode_property = msgspec.json.Decoder(_Property).decode


class Shapes:
    """The tools of a request by name. Holds nothing of an answer, so that requests with the same tools share one."""

    def __init__(self, tools: Iterable[Tool | HostedTool]) -> None:
        self._tools = {tool.name: tool for tool in tools if isinstance(tool, Tool)}
        self._known: dict[str, Shape] = {}

    def renamed(self, names: Mapping[str, str]) -> Shapes:
        """The same tools, also by the names that the target knows some of them by (`wire/tool_names.py`)."""
        if not names:
            return self
        both = Shapes(())
        both._tools = self._tools | {name: self._tools[own] for name, own in names.items() if own in self._tools}
        return both

    def __bool__(self) -> bool:
        return bool(self._tools)

    def __contains__(self, name: str) -> bool:
        return name in self._tools

    def any_begins(self, start: str) -> bool:
        """Whether some tool's name begins so."""
        return any(name.startswith(start) for name in self._tools)

    def of(self, name: str) -> Shape:
        """The shape of a tool's arguments; of an unknown tool nothing is known."""
        if (known := self._known.get(name)) is not None:
            return known
        if (tool := self._tools.get(name)) is None:
            return Shape({})
        shape = self._known[name] = _read(bytes(tool.schema))
        return shape


shapes_of = Latest[tuple[Tool | HostedTool, ...], Shapes](Shapes, operator.is_)
"""The shapes of a request's tools. A client's next request has the very same tuple (`wire/memory.py`)."""


def _read(schema: bytes) -> Shape:
    try:
        whole = _decode_schema(schema)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Shape({})
    required = frozenset(whole.required)
    read = {name: _property(raw) for name, raw in whole.properties.items()}
    types = {name: found for name, (found, _) in read.items()}
    if any(bytes(raw) for raw in (whole.any_of, whole.one_of, whole.all_of, whole.dependent_required)):
        return Shape(types, required=required)  # what is optional depends on other arguments
    droppable = (name for name, (found, named) in read.items() if found - {"null"} == _STRING and not named)
    return Shape(types, frozenset(droppable) - required, required)


def _property(raw: Raw) -> tuple[frozenset[str], bool]:
    """Types of a property, and whether its schema names the empty string."""
    try:
        read = _decode_property(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return frozenset(), False
    inner = [_property(each) for each in (*read.any_of, *read.one_of)]
    if any(not types for types, _ in inner):
        return frozenset(), False
    types = {read.type} if isinstance(read.type, str) else set(read.type)
    return frozenset(types).union(*(each for each, _ in inner)), read.means_empty() or any(named for _, named in inner)
