"""A call that a schema forced (`forced.py`) from the text it came as to a tool block, fragment by fragment.

    {"name": "Read", "arguments": {"path": "a.txt"}}  ->  BlockStart(Read), the arguments' fragments, BlockStop

The arguments leave as they come, byte for byte. Text that does not begin so is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec.structs import replace

from ...neutral.events import BlockStart, BlockStop, Delta, Event, Extra, Failed, Finish, Kind, Reason
from ...neutral.response import Response, collect, replay
from ..written import NewId

MAX_HEAD = 1000
"""Characters before the arguments; names are far shorter."""

_HEAD = re.compile(r'\s*\{\s*"name"\s*:\s*"([\w-]+)"\s*,\s*"arguments"\s*:\s*(?=\S)')
_OUTSIDE = re.compile(r'["{}\[\]]')
_INSIDE = re.compile(r'["\\]')


class Called:
    """Events of one answer in, the same with the call in place of its text out."""

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._held: BlockStart | None = None
        """A text block of which nobody knows yet whether it is the call."""
        self._head = ""
        self._value: _Value | None = None
        """The open call's arguments."""
        self._found = False

    def feed(self, events: Iterable[Event]) -> list[Event]:
        """The events that may leave now."""
        out: list[Event] = []
        for event in events:
            if isinstance(event, Delta) and (self._held is not None or self._value is not None):
                out += self._take(event)
            elif isinstance(event, BlockStart) and event.kind is Kind.TEXT and not self._found:
                self._held, self._head = event, ""
            elif isinstance(event, Extra) and self._held is not None:
                out.append(Extra(-1, event.dialect, event.name, event.raw))
            else:
                if isinstance(event, BlockStop | Failed):
                    out += self._release()
                    self._value = None
                ends = self._found and isinstance(event, Finish) and event.reason is Reason.END
                out.append(Finish(Reason.TOOLS) if ends else event)
        return out

    def whole(self, response: Response) -> Response:
        """A whole answer with the call in place of its text."""
        return replace(collect(self.feed(replay(response))), id=response.id, model=response.model)

    def _take(self, delta: Delta) -> list[Event]:
        """The events of a fragment of the text."""
        index, text = delta.index, delta.text
        events: list[Event] = []
        if self._held is not None:
            self._head += text
            head = _HEAD.match(self._head)
            if head is None:
                begins = self._head.lstrip()[:1] in ("", "{") and len(self._head) < MAX_HEAD
                return [] if begins else self._release()
            name, text = head[1], self._head[head.end() :]
            events.append(BlockStart(index, Kind.TOOL, self._new_id("call_"), name))
            self._held, self._found, self._value = None, True, _Value()
        assert self._value is not None, "the call is open"
        arguments = self._value.feed(text)
        return [*events, Delta(index, arguments)] if arguments else events

    def _release(self) -> list[Event]:
        """What was held is text after all."""
        start, self._held = self._held, None
        if start is None:
            return []
        return [start, Delta(start.index, self._head)] if self._head else [start]


class _Value:
    """Lets one JSON value through, and nothing behind it."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = self._escaped = self._done = False

    def feed(self, text: str) -> str:
        """The part of the fragment that belongs to the value."""
        at = 0
        if self._done:
            return ""
        if self._escaped and text:
            self._escaped, at = False, 1
        while mark := (_INSIDE if self._in_string else _OUTSIDE).search(text, at):
            at = mark.end()
            if mark[0] == "\\":
                self._escaped = at == len(text)
                at += 1
            elif mark[0] == '"':
                self._in_string = not self._in_string
            else:
                self._depth += 1 if mark[0] in "{[" else -1
            if self._depth <= 0 and mark[0] in "}]":
                self._done = True
                return text[: at + self._depth].rstrip()
        return text
