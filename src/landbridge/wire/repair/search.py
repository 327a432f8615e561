"""Finds tool calls in the text of an answer, piece by piece.

Text leaves in the call it came in, but what may still become a call: the beginning of a marker at the very end, what
follows a marker, blanks before the first word, and an answer that so far is one JSON object or code block with a call
in it. What turns out to be no call leaves unchanged. Two rules keep text that is only shown from being run: markers in
Markdown code are text, and where something began like a call of a tool and is none, the search ends for this answer,
so that nothing inside it is taken for a call.
"""

from __future__ import annotations

import re

from .cursor import Broken, Cursor, LeakedCall, NoCall, Waits
from .markup import FORMS, LONGEST, MARKER, STARTS, WHOLE, Form
from .quoting import Quoting
from .shapes import Shapes

Piece = str | LeakedCall

_BLANKS = re.compile(r"\s*+")


def plain(text: str) -> bool:
    """Whether the text is nothing but text: almost all of a stream."""
    return not ("<" in text or "[" in text or "`" in text or "\n" in text)


class Search:
    """The text blocks of one answer, one after the other. `whole`: the answer's text may be a call as a whole."""

    def __init__(self, shapes: Shapes, whole: bool) -> None:
        self._shapes = shapes
        self._may_be_whole = whole
        self._ended = not shapes
        """Nothing is looked for (any more)."""
        self.open()

    def open(self) -> None:
        """A text block begins."""
        self._held = self._lead = ""
        """What is not decided: blanks (`lead`), then the beginning of a marker, or the marker of `form` and more."""
        self._form: Form | None = None
        self._more: list[str] = []
        """What came since the form was read."""
        self._until = ""
        """Characters one of which must come before the form is worth reading again."""
        self._fresh = True
        """Nothing but blanks came since the block began, or since the last call."""
        self._stray = ""
        """A closing tag that belongs to the call just read."""
        self._after_call = False
        self._quoting = Quoting()
        self.idle = False
        """What is `plain` changes nothing."""

    @property
    def waits_for_the_end(self) -> bool:
        """Whether what is held is a call if the answer ends here."""
        return self._form is WHOLE

    def forbid_whole(self) -> None:
        """Something stands beside the text."""
        self._may_be_whole = False

    def feed(self, text: str) -> list[Piece]:
        """What the text is, as far as it is clear."""
        if self._ended or (self.idle and plain(text)):
            return [text]
        if not (self._fresh or self._held or self._form is not None or "<" in text or "[" in text):
            self._quoting.read(text)
            self.idle = self._quoting.idle
            return [text] if text else []
        if self._until and not any(each in text for each in self._until):
            self._more.append(text)
            return []
        text, self._held, self._more = "".join((self._held, *self._more, text)), "", []
        out: list[Piece] = []
        at = 0
        while at < len(text):
            at = self._read(text, at, out) if self._form is not None else self._look(text, at, out)
        return out

    def close(self, *, in_order: bool = False) -> list[Piece]:
        """The block is over, and the answer with it if it ended `in_order`: what was held."""
        form, lead, held = self._form, self._lead, "".join((self._held, *self._more))
        if form is None and self._after_call and self._fresh and not held.strip():
            held = ""  # blanks around calls belong to them
        self.open()
        if form is WHOLE and in_order:
            try:
                return list(form.read(Cursor(held, self._shapes)))
            except (Waits, NoCall, Broken):
                pass
        self._ended |= form is not None
        self._may_be_whole &= not (lead + held).strip()
        return [lead + held] if lead + held else []

    # Each of these takes `text` from `at` on, and gives the place up to which it is decided; what has to wait is held.

    def _look(self, text: str, at: int, out: list[Piece]) -> int:
        """Text outside calls."""
        if self._fresh:
            return self._look_at_beginning(text, at)
        begin = at
        while (marker := MARKER.search(text, at)) is not None:
            self._quoting.read(text[at : marker.start()])
            at = marker.start()
            if not self._quoting.inside:
                if at > begin:
                    out.append(text[begin:at])
                self._form = FORMS[marker[0]]
                return at
            at = marker.end()
            self._quoting.read(marker[0])
        tail = self._tail(text, at)
        if tail > begin:
            out.append(text[begin:tail])
        self._held = text[tail:]
        self.idle = not self._held and self._quoting.idle
        return len(text)

    def _look_at_beginning(self, text: str, at: int) -> int:
        """Blanks and what follows them: they belong to a call if it is one, else to the text."""
        found = _BLANKS.match(text, at)
        assert found is not None, "it matches anything"
        words = found.end()
        start = text[words : words + LONGEST]
        if not start or start in STARTS or (start != self._stray and self._stray.startswith(start)):
            self._held = text[at:]
            return len(text)
        if self._stray and start.startswith(self._stray):
            at, self._stray = words + len(self._stray), ""
            return at
        self._stray = ""
        if (marker := MARKER.match(text, words)) is not None:
            self._form = FORMS[marker[0]]
        elif self._may_be_whole and start[0] in "{`":
            self._form = WHOLE
        else:
            self._fresh = self._may_be_whole = False
            return at
        self._lead = text[at:words]
        return words

    def _read(self, text: str, at: int, out: list[Piece]) -> int:
        """Whether what begins with the marker of the form is a call."""
        form = self._form
        assert form is not None, "something is read"
        self.idle = False
        cursor = Cursor(text, self._shapes, at + len(form.marker))
        try:
            calls = form.read(cursor)
            until = ""
        except Waits as waits:
            calls, until = [], waits.until
        except NoCall:
            return self._go_on(text, at, out)
        except Broken:
            return self._give_up(text, at, out)
        if calls and form is not WHOLE:
            out += calls
            self.open()
            self._may_be_whole, self._stray, self._after_call = False, form.stray, True
            return cursor.at
        self._held, self._until = text[at:], until
        return len(text)

    def _go_on(self, text: str, at: int, out: list[Piece]) -> int:
        """The marker is text; behind it there may be another."""
        assert self._form is not None, "something was read"
        marker, lead = self._form.marker, self._lead
        self._form, self._lead, self._until = None, "", ""
        self._fresh = self._may_be_whole = False
        if lead + marker:
            self._quoting.read(lead + marker)
            out.append(lead + marker)
        return at + len(marker)

    def _give_up(self, text: str, at: int, out: list[Piece]) -> int:
        out.append(self._lead + text[at:])
        self.open()
        self._ended = True
        return len(text)

    def _tail(self, text: str, at: int) -> int:
        """Where the beginning of a marker stands at the end of `text`; its end if there is none. Reads up to there."""
        for start in range(max(at, len(text) - LONGEST + 1), len(text)):
            if text[start] in "<[" and text[start:] in STARTS:
                self._quoting.read(text[at:start])
                if not self._quoting.inside:
                    return start
                at = start
                break
        self._quoting.read(text[at:])
        return len(text)
