"""Whether a place in a text is inside Markdown code, where tags are talked about and not meant.

A run of backticks opens a span that a run of the same length closes, or an empty line. Three or more at the start of a
line open a block, up to a line that closes it. The text comes in pieces cut anywhere.
"""

from __future__ import annotations

import re
from enum import Enum, auto

_PIECE = re.compile(r"`+|\n|[^`\n]+")


class _Where(Enum):
    PROSE = auto()
    SPAN = auto()
    INFO = auto()
    """Behind the backticks that open a block, on the same line."""
    BLOCK = auto()
    CLOSING = auto()
    """Behind backticks that close a block, if nothing else stands on their line."""


class Quoting:
    """Reads one text. `inside` speaks of the place behind what was read, if no backtick follows there."""

    __slots__ = ("_blank", "_leading", "_length", "_run", "_where")

    def __init__(self) -> None:
        self._where = _Where.PROSE
        self._length = 0
        """Backticks that opened the code."""
        self._blank = True
        """Nothing but blanks on this line so far."""
        self._run = 0
        """Backticks read last; more of them may follow."""
        self._leading = False
        """That run began its line."""

    @property
    def idle(self) -> bool:
        """Whether text without backtick and line break changes nothing."""
        return not self._run and not self._blank and self._where is not _Where.CLOSING

    @property
    def inside(self) -> bool:
        """Whether this place is in code."""
        self._settle()
        return self._where is not _Where.PROSE

    def read(self, text: str) -> None:
        """The next piece."""
        for piece in _PIECE.findall(text):
            if piece[0] == "`":
                if not self._run:
                    self._leading = self._blank
                self._run += len(piece)
                continue
            self._settle()
            if piece == "\n":
                self._end_line()
            elif self._blank or self._where is _Where.CLOSING:
                self._read_words(piece)

    def _read_words(self, piece: str) -> None:
        if piece.isspace():
            return
        self._blank = False
        if self._where is _Where.CLOSING:
            self._where = _Where.BLOCK

    def _settle(self) -> None:
        """The run of backticks is over; what it means."""
        run, self._run = self._run, 0
        if not run:
            return
        block = self._leading and run >= 3
        match self._where:
            case _Where.PROSE:
                self._where, self._length = (_Where.INFO if block else _Where.SPAN), run
            case _Where.SPAN:
                if run == self._length:
                    self._where = _Where.PROSE
            case _Where.INFO:  # a block's first line has no further backticks: it was a span
                self._where = _Where.PROSE if run == self._length else _Where.SPAN
            case _:  # in a block
                self._where = _Where.CLOSING if block and run >= self._length else _Where.BLOCK
        self._blank = False

    def _end_line(self) -> None:
        match self._where:
            case _Where.INFO:
                self._where = _Where.BLOCK
            case _Where.CLOSING:
                self._where = _Where.PROSE
            case _Where.SPAN if self._blank:
                self._where = _Where.PROSE
            case _:
                pass
        self._blank = True
