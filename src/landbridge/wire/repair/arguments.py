"""Tool calls whose arguments are put right while they stream (P28, P29).

Well-formed arguments leave as they come. From the first character that is no JSON on, the call waits for its end: only
then is it clear whether there is one way to mend it. If there is none, what the model wrote follows unchanged, and the
client's writer says what it is. Brackets missing at the very end are added only where the answer ended in order; so a
call that ends open keeps its stop back until the end of the answer or the next block says more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...neutral.events import BlockStart, BlockStop, Delta, Event, Extra, Finish, Kind, Reason, Usage
from .mend import Mended, mend
from .scan import Scan, prune
from .shapes import Shapes

Count = Callable[[str, int], None]
"""Takes the name of a repair and how many there were."""

IN_ORDER = (Reason.END, Reason.TOOLS)
"""Endings that the model chose itself."""


class Arguments:
    """Events of one answer in, the same with better arguments out."""

    def __init__(self, shapes: Shapes, count: Count) -> None:
        self._shapes, self._count = shapes, count
        self._scan: Scan | None = None
        """Of the open call."""
        self._name = ""
        self._index = -1
        self._came: list[str] = []
        self._sent: list[str] = []
        self._stop: BlockStop | None = None
        """The open call's stop, while it waits for the end of the answer."""

    @property
    def idle(self) -> bool:
        """Whether no call is open: then `feed` gives back fragments as they are."""
        return self._scan is None

    def feed(self, events: Iterable[Event]) -> list[Event]:
        """The events that may leave now."""
        out: list[Event] = []
        for event in events:
            if self._scan is None:
                if isinstance(event, BlockStart) and event.kind is Kind.TOOL:
                    self._open(event)
                out.append(event)
            elif isinstance(event, Delta):
                self._came.append(event.text)
                text = self._scan.feed(event.text)
                if text:
                    self._sent.append(text)
                    out.append(event if text == event.text else Delta(event.index, text))
            elif isinstance(event, Usage | Extra):
                out.append(event)
            elif isinstance(event, BlockStop):
                out += self._end(event)
            else:
                out += self._settle(isinstance(event, Finish) and event.reason in IN_ORDER)
                out += self.feed([event])
        return out

    def close(self) -> list[Event]:
        """The events are over although nothing said so: what waits, as it came."""
        return [] if self._scan is None else self._settle(False)

    def _open(self, start: BlockStart) -> None:
        self._scan = Scan(self._shapes.of(start.name).optional)
        self._name, self._index, self._came, self._sent = start.name, start.index, [], []

    def _end(self, stop: BlockStop) -> list[Event]:
        """The call's own end."""
        assert self._scan is not None, "a call is open"
        if self._scan.done and not self._scan.broken:
            self._count("empty_argument", self._scan.dropped)
            self._scan = None
            return [stop]
        mended = self._mend(False)
        self._stop = stop
        return [] if mended is None and "".join(self._came).strip() else self._finish(mended)

    def _settle(self, in_order: bool) -> list[Event]:
        """What follows the call is known: whether the answer ended in order, right behind it."""
        return self._finish(self._mend(True) if in_order and self._stop is not None else None)

    def _mend(self, ended: bool) -> Mended | None:
        mended = mend("".join(self._came), ended)
        return mended if mended is not None and (not mended.names or mended.text.lstrip()[:1] == "{") else None

    def _finish(self, mended: Mended | None) -> list[Event]:
        assert self._scan is not None, "a call is open"
        rest, dropped = self._scan.held, self._scan.dropped
        if mended is not None:
            text, emptied = prune(mended.text, self._shapes.of(self._name).optional)
            sent = "".join(self._sent)
            assert text.startswith(sent), "nothing is mended before the scan breaks"
            rest, dropped = text[len(sent) :], emptied
            for name in mended.names:
                self._count(name, 1)
        self._count("empty_argument", dropped)
        events: list[Event] = [Delta(self._index, rest)] if rest else []
        if self._stop is not None:
            events.append(self._stop)
        self._scan = self._stop = None
        return events
