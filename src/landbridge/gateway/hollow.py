"""An answer that ends in order and says nothing: the model is asked once more (P38).

Small models think and stop, or stop at once; a client takes that for the end of the work. What came of the first try
(thinking, perhaps) has reached the client already, so the second goes on behind it in the same answer: its blocks are
numbered on, and the client sees one start and one finish. Who asked for thinking only, or reached a limit, got what
there is: only an ordinary end counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ..neutral.events import BlockStart, BlockStop, Delta, Event, Extra, Finish, Kind, Reason
from ..neutral.parts import Text, Thinking
from ..neutral.response import Response

NAME = "empty answer"
"""How the repair is called in the log."""


class Hollow:
    """Watches one answer, or nothing unless `wanted`. `due`: it has ended empty, and is to be asked for again."""

    __slots__ = ("_blocks", "_over", "_shift", "_text", "due")

    def __init__(self, *, wanted: bool = True) -> None:
        self.due = False
        self._over = not wanted
        """Something was said, or nothing more is to be tried: events pass."""
        self._blocks = self._shift = 0
        self._text = False

    def again(self) -> None:
        """The second try begins; there is no third."""
        self.due = False
        self._over = True
        self._shift = self._blocks

    def feed(self, events: Sequence[Event]) -> Sequence[Event]:
        """The events that may leave."""
        if not self._over:
            return self._first(events)
        return events if not self._shift else [moved(event, self._shift) for event in events]

    def whole(self, response: Response) -> bool:
        """Whether an answer in one piece is empty and to be asked for again."""
        if self._over or response.finish.reason is not Reason.END:
            return False
        for part in response.parts:
            if not (isinstance(part, Thinking) or (isinstance(part, Text) and not part.text.strip())):
                return False
        self.due = True
        return True

    def _first(self, events: Sequence[Event]) -> Sequence[Event]:
        for number, event in enumerate(events):
            match event:
                case BlockStart():
                    self._blocks += 1
                    self._text = event.kind is Kind.TEXT
                    self._over = event.kind in (Kind.TOOL, Kind.OPAQUE)
                case Delta():
                    self._over = self._text and bool(event.text.strip())
                case Finish():
                    self.due = event.reason is Reason.END
                    return events[:number] if self.due else events
                case _:
                    pass
            if self._over:
                break
        return events


def moved(event: Event, by: int) -> Event:
    """`event` in an answer that has `by` blocks more before it."""
    if isinstance(event, BlockStart | Delta | BlockStop) or (isinstance(event, Extra) and event.index >= 0):
        return replace(event, index=event.index + by)
    return event
