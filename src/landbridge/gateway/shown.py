"""Clients that wish to see how far a prompt is read see it as thinking, in front of the answer; and what they send back
of that is taken out again, so that no model reads it and prompts stay the same from turn to turn.

It is known by its signature where a dialect has a place for one, and by its words everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from ..config import Config
from ..engines.speed import Headway
from ..neutral.events import BlockStart, BlockStop, Delta, Event, Kind, Start, Usage
from ..neutral.parts import Part, Thinking
from ..neutral.progress import Progress
from ..neutral.request import Request
from .hollow import moved

ORIGIN = "landbridge"
"""Whose thinking it is."""
SIGNATURE = "reading"
LONG = 5.0
"""Seconds of reading that are left, or have passed where nobody knows, from which on it is shown."""
EVERY = 2.0
"""Seconds between two lines."""
_LINE = rb"Reading the prompt: \d{1,3} %(?:, \d+ (?:s|min) left)?"
_LINES = re.compile(rf"(?:{_LINE.decode()}(?:\n+|\s*\Z))+")
_ANYWHERE = re.compile(_LINE)


def shows(config: Config, model: str, request: Request) -> bool:
    """Whether a client is to see it: only in streams, and not where it wishes no thinking."""
    wish = config.model(model).show_progress
    wished = config.server.show_progress if wish is None else wish
    return wished and request.stream and request.reasoning.mode != "off"


class Shown:
    """What one client sees of one prompt's reading: a block of thinking, number 0; all others are numbered on."""

    def __init__(self) -> None:
        self.open = False
        self._shift = 0
        self._answered = False
        self._next = 0.0

    def tell(self, progress: Progress, headway: Headway) -> list[Event]:
        """The events that say how far it is, if it is time for that."""
        if self._answered or progress.percent >= 100:
            return []
        long = self.open or (headway.seconds if headway.seconds is not None else progress.seconds) >= LONG
        if not long or progress.seconds < self._next:
            return []
        self._next = progress.seconds + EVERY
        line = Delta(0, line_of(headway))
        if self.open:
            return [line]
        self.open = True
        return [BlockStart(0, Kind.THINKING), line]

    def feed(self, events: Sequence[Event]) -> Sequence[Event]:
        """The answer's events, behind the block."""
        out: list[Event] = []
        for event in events:
            if not isinstance(event, Start | Usage):
                self._answered = True
                if self.open:
                    self.open, self._shift = False, 1
                    out.append(BlockStop(0, SIGNATURE, ORIGIN))
            out.append(moved(event, self._shift) if self._shift else event)
        return out


def line_of(headway: Headway) -> str:
    """One line of the block."""
    left = "" if headway.seconds is None else f", {span(headway.seconds)} left"
    return f"Reading the prompt: {headway.percent} %{left}\n"


def span(seconds: float) -> str:
    """About how long, in few characters."""
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"


def may_hold_shown(body: bytes) -> bool:
    """Whether a request may hold what was shown, in any dialect."""
    return b"Reading the prompt: " in body and _ANYWHERE.search(body) is not None


def without_shown(request: Request) -> Request:
    """`request` without what was shown of earlier prompts."""
    if not any(_is_shown(part) for message in request.messages for part in message.parts):
        return request
    messages = [replace(message, parts=_without(message.parts)) for message in request.messages]
    return replace(request, messages=tuple(message for message in messages if message.parts))


def _is_shown(part: Part) -> bool:
    return isinstance(part, Thinking) and (part.origin == ORIGIN or _LINES.match(part.text) is not None)


def _without(parts: Sequence[Part]) -> tuple[Part, ...]:
    kept: list[Part] = []
    for part in parts:
        if not isinstance(part, Thinking):
            kept.append(part)
        elif part.origin != ORIGIN:
            # Where there are no signatures, the model's own thoughts follow in the same text.
            part = replace(part, text=_LINES.sub("", part.text, count=1)) if _LINES.match(part.text) else part
            if part.text or part.signature:
                kept.append(part)
    return tuple(kept)
