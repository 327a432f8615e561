"""All repairs of one answer: events in, better events out, with a count of what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType

from ...neutral.events import Delta, Event
from ...neutral.parts import Part, Text, ToolCall
from ...neutral.request import Request
from ...neutral.response import Response
from ..written import NewId
from .arguments import Arguments
from .leaks import Leaks
from .search import plain
from .shapes import Shapes, shapes_of

NO_NAMES: Mapping[str, str] = MappingProxyType({})


class Repairs:
    """Passes the events of one answer to `request`. Without tools in it there is nothing to put right."""

    def __init__(self, request: Request, new_id: NewId, names: Mapping[str, str] = NO_NAMES) -> None:
        """`names`: the client's names of tools, by those that the target calls them by, where they differ."""
        self.counts: dict[str, int] = {}
        """Repairs by name, in order of appearance."""
        count = partial(_count, self.counts)
        shapes = shapes_of(request.tools).renamed(names)
        # Who wants no calls gets none made of text, and who wants JSON gets JSON, whatever it looks like.
        silent = request.tool_choice is not None and request.tool_choice.mode == "none"
        self._leaks = Leaks(shapes if not silent else Shapes(()), new_id, count, whole=request.output is None)
        self._arguments = Arguments(shapes, count)
        self._idle = not shapes
        self._calm = (-1, False)

    def concern(self, response: Response) -> bool:
        """Whether anything of a whole answer could need repair; mostly it is plain text."""
        return not self._idle and not all(map(_harmless, response.parts))

    @property
    def total(self) -> int:
        """How many repairs were made."""
        return sum(self.counts.values())

    def feed(self, events: Sequence[Event]) -> Sequence[Event]:
        """The events that may leave now."""
        if self._idle:
            return events
        calm, is_text = self._calm
        for event in events:
            if type(event) is not Delta or event.index != calm or (is_text and not plain(event.text)):
                break
        else:  # the common case, and the cheapest
            return events if self._arguments.idle else self._arguments.feed(events)
        out = self._arguments.feed(self._leaks.feed(events))
        self._calm = self._leaks.calm
        return out

    def close(self) -> Sequence[Event]:
        """The events are over, with or without an ending: what still waits."""
        return [*self._arguments.feed(self._leaks.close()), *self._arguments.close()]


def _harmless(part: Part) -> bool:
    match part:
        case Text():
            return plain(part.text) and not part.text.lstrip().startswith("{")
        case ToolCall():
            return False
    return True


def _count(counts: dict[str, int], name: str, times: int) -> None:
    if times:
        counts[name] = counts.get(name, 0) + times
