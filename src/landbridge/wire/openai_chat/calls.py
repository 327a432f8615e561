"""Tells which tool call a fragment belongs to, whatever its backend does with `index`, `id` and `name`.

A new index is a new call. So is a fragment that names a tool although its index is taken, if its id or name is
another one, or the call's arguments are whole already: some backends repeat index 0 for every call (P22). A fragment
without index goes by its id, else to the latest call, unless it names a tool.
"""

from __future__ import annotations

from ...neutral.blocks import Blocks
from ...neutral.events import BlockStart, Event, Kind
from ..fields import NULL
from ..written import NewId
from .plain_chunk import PlainCall
from .types import Call, Function, decode_str

_TOOL = Kind.TOOL


class Misplaced(ValueError):
    """A fragment that cannot belong to any call: its call has no name, or its arguments are whole already."""


class _Call:
    """One call of the stream; `key` is its place in order of appearance."""

    __slots__ = ("id", "key", "name", "said")

    def __init__(self, key: int, id: str, name: str, said: bool) -> None:
        self.key, self.id, self.name = key, id, name
        self.said = said
        """Some of its arguments have come."""


class Calls:
    """The tool calls of one stream."""

    __slots__ = ("_blocks", "_by_index", "_calls", "_new_id", "_unnamed")

    def __init__(self, blocks: Blocks, new_id: NewId) -> None:
        self._blocks, self._new_id = blocks, new_id
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}
        self._unnamed: dict[int | None, tuple[str, str]] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, fragment: Call) -> list[Event]:
        """The events of a fragment of `tool_calls`."""
        function = fragment.function or Function()
        index = fragment.index if isinstance(fragment.index, int) else None
        id = fragment.id if isinstance(fragment.id, str) else ""
        name = function.name if isinstance(function.name, str) else ""
        text = arguments_text(function)
        call = self._find(index, id)
        if call is None and index is None and not name and self._calls:
            call = self._calls[-1]  # some backends make up a new id for every fragment
        if call is None or self._is_other(call, id, name):
            return self._open(index, id, name, text)
        if text:
            call.said = True
        return _named(self._blocks.add(_TOOL, text, call.key))

    def go_on(self, fragment: PlainCall) -> list[Event] | None:
        """The events of more arguments of a call; None for one that was not begun under this index."""
        call = self._by_index.get(fragment.index)
        if call is None:
            return None
        text = fragment.function.arguments
        if text:
            call.said = True
        return _named(self._blocks.add(_TOOL, text, call.key))

    def complete(self, repeated: list[Call]) -> list[Event]:
        """The events of a last message that repeats all calls: arguments of those that got none (P27)."""
        if not self._calls:
            return [event for fragment in repeated for event in self.add(fragment)]
        events: list[Event] = []
        for place, fragment in enumerate(repeated):
            function = fragment.function or Function()
            named = next((call for call in self._calls if fragment.id and call.id == fragment.id), None)
            call = named or (self._calls[place] if place < len(self._calls) else None)
            if call is not None and not call.said and function.name in (None, "", call.name):
                events += self._blocks.add(Kind.TOOL, arguments_text(function), call.key)
                call.said = True
        return events

    def close(self) -> list[Event]:
        """The stream is over: the last events of its blocks. Raises `Misplaced` for a call that never got a name."""
        if any(text.strip() for _, text in self._unnamed.values()):
            raise Misplaced("a tool call without a name")
        return _named(self._blocks.close())

    def add_legacy(self, function: Function) -> list[Event]:
        """The events of a fragment of the old `function_call`, of which an answer has one."""
        name = function.name if isinstance(function.name, str) else ""
        if not self._calls:
            return self._open(0, "", name, arguments_text(function))
        return self._blocks.add(Kind.TOOL, arguments_text(function), self._calls[-1].key)

    def _find(self, index: int | None, id: str) -> _Call | None:
        if index is not None:
            return self._by_index.get(index)
        if id:
            return next((call for call in reversed(self._calls) if call.id == id), None)
        return self._calls[-1] if self._calls else None

    def _is_other(self, call: _Call, id: str, name: str) -> bool:
        """Whether a fragment that came where `call` is begins another call."""
        if not name:
            return False
        return (id != "" and id != call.id) or name != call.name or (not id and self._blocks.is_complete(call.key))

    def _open(self, index: int | None, id: str, name: str, text: str) -> list[Event]:
        held_id, held_text = self._unnamed.pop(index, ("", ""))
        id, text = id or held_id, held_text + text
        if not name:
            self._unnamed[index] = (id, text)
            return []
        call = _Call(len(self._calls), id or self._new_id("call_"), name, said=bool(text))
        self._calls.append(call)
        if index is not None:
            self._by_index[index] = call
        return self._blocks.add(Kind.TOOL, text, call.key, call.id, name)


def _named(events: list[Event]) -> list[Event]:
    """The events, if every call in them has its name."""
    for event in events:
        if isinstance(event, BlockStart) and event.kind is _TOOL and not event.name:
            raise Misplaced("arguments for a call that is over")
    return events


def arguments_text(function: Function) -> str:
    """The JSON text of a call's arguments: the string's content, or the object some backends put there."""
    raw = bytes(function.arguments)
    if not raw or raw == NULL:
        return ""
    return decode_str(raw) if raw[:1] == b'"' else raw.decode()
