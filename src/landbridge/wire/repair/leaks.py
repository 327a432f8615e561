"""Calls that a model wrote as text become calls: events of one answer in, the same with tool blocks out (P30).

A text block that holds a call is cut there; indexes are counted anew, and an answer that ended in order with a call
ends as one that calls tools. A text block opens when its first text may leave, so that a call leaves no empty block.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from ...neutral.events import BlockStart, BlockStop, Delta, Event, Extra, Failed, Finish, Kind, Reason
from ..written import NewId
from .arguments import IN_ORDER, Count
from .cursor import LeakedCall
from .search import Piece, Search
from .shapes import Shapes


class Leaks:
    """The events of one answer."""

    def __init__(self, shapes: Shapes, new_id: NewId, count: Count, *, whole: bool = True) -> None:
        self._search = Search(shapes, whole)
        self._new_id, self._count = new_id, count
        self._found = False
        self._next = 0
        """Index of the next block that leaves."""
        self._is_open = False
        """Whether the latest block that left is open."""
        self._text: BlockStart | None = None
        """The text block that came, until its stop leaves."""
        self._cut = False
        """A call was found in it."""
        self._stop: BlockStop | None = None
        """Its stop, while only the end of the answer says whether all of it is a call."""

    @property
    def calm(self) -> tuple[int, bool]:
        """The block (by index, -1: none) whose fragments `feed` would give back as they are, and whether it is text:
        then only those that are `plain`.
        """
        calm = self._is_open and (self._text is None or self._search.idle)
        return self._next - 1 if calm else -1, self._text is not None

    def feed(self, events: Iterable[Event]) -> list[Event]:
        """The events that may leave now."""
        out: list[Event] = []
        for event in events:
            if isinstance(event, Delta):
                self._take_delta(event, out)
            elif isinstance(event, BlockStart):
                self._take_start(event, out)
            elif isinstance(event, BlockStop):
                self._take_stop(event, out)
            elif isinstance(event, Extra):
                index = self._next - 1 if self._is_open and event.index >= 0 else -1
                out.append(event if event.index == index else replace(event, index=index))
            elif isinstance(event, Finish):
                self._settle(out, in_order=event.reason in IN_ORDER)
                ends = self._found and event.reason is Reason.END
                out.append(replace(event, reason=Reason.TOOLS) if ends else event)
            else:
                if isinstance(event, Failed):
                    out += self.close()
                out.append(event)
        return out

    def close(self) -> list[Event]:
        """The events are over although nothing said so: what waits, as it came."""
        out: list[Event] = []
        self._settle(out, in_order=False)
        if self._text is not None:
            self._tell(self._search.close(), out)
        return out

    def _take_delta(self, delta: Delta, out: list[Event]) -> None:
        if self._text is None:
            out.append(delta if delta.index == self._next - 1 else Delta(self._next - 1, delta.text))
            return
        pieces = self._search.feed(delta.text)
        if self._is_open and delta.index == self._next - 1 and len(pieces) == 1 and pieces[0] == delta.text:
            out.append(delta)
        else:
            self._tell(pieces, out)

    def _take_start(self, start: BlockStart, out: list[Event]) -> None:
        self._settle(out, in_order=False)
        if start.kind is Kind.TEXT:
            self._search.open()
            self._text, self._cut = start, False
            return
        if start.kind is not Kind.THINKING:
            self._search.forbid_whole()
        self._open(start, out)

    def _take_stop(self, stop: BlockStop, out: list[Event]) -> None:
        if self._text is None:
            self._shut(stop, out)
        elif self._search.waits_for_the_end:
            self._stop = stop
        else:
            self._tell(self._search.close(), out)
            self._end_text(stop, out)

    def _settle(self, out: list[Event], *, in_order: bool) -> None:
        """What follows the text is known: the end of the answer, in order or not, or something else."""
        if self._stop is not None:
            self._tell(self._search.close(in_order=in_order), out)
            self._end_text(self._stop, out)

    def _tell(self, pieces: Iterable[Piece], out: list[Event]) -> None:
        """Text and calls as events."""
        for piece in pieces:
            if isinstance(piece, LeakedCall):
                self._call(piece, out)
            else:
                self._open_text(out)
                out.append(Delta(self._next - 1, piece))

    def _call(self, call: LeakedCall, out: list[Event]) -> None:
        if self._is_open:
            self._shut(BlockStop(0), out)
        self._open(BlockStart(0, Kind.TOOL, self._new_id("call_"), call.name), out)
        out.append(Delta(self._next - 1, call.args))
        self._shut(BlockStop(0), out)
        self._found = self._cut = True
        self._count("leaked_call", 1)
        for name in call.names:
            self._count(name, 1)

    def _end_text(self, stop: BlockStop, out: list[Event]) -> None:
        """The text block's own end. What is left of a block that was cut stays away if it is empty and unsigned."""
        if self._is_open or not self._cut or stop.signature:
            self._open_text(out)
            self._shut(stop, out)
        self._text = self._stop = None

    def _open_text(self, out: list[Event]) -> None:
        if not self._is_open:
            assert self._text is not None, "text belongs to a block"
            self._open(self._text, out)

    def _open(self, start: BlockStart, out: list[Event]) -> None:
        out.append(start if start.index == self._next else replace(start, index=self._next))
        self._next += 1
        self._is_open = True

    def _shut(self, stop: BlockStop, out: list[Event]) -> None:
        index = self._next - 1
        out.append(stop if stop.index == index else replace(stop, index=index))
        self._is_open = False
