"""Reads a call written as text, from behind its opening marker on, while it may still be growing.

What a form expects and what stands there come together in three ways that are no call (yet): `Waits`, more text may
make it one; `NoCall`, the marker was only talked about; `Broken`, it began like a call of a tool and is none.
"""

from __future__ import annotations

import re

import msgspec
from msgspec import Raw, Struct

from ...neutral.parts import NONE
from .mend import json_end, mend
from .shapes import Shapes

_NAME = re.compile(r"[\w.:/-]*+")
_BLANKS = re.compile(r"\s+")
_HEADS = ('{"name":"', '{"arguments":{', '{"parameters":{')
_NAMED = re.compile(r'\{\s*"name"\s*:\s*"([^"\\]*+)("?)')


class Waits(Exception):
    """The text is not decided yet. Nothing changes until one of the characters `until` comes (if any are given)."""

    def __init__(self, until: str = "") -> None:
        self.until = until


class NoCall(Exception):
    """The marker stands in prose."""


class Broken(Exception):
    """A tool is named, but no call can be read."""


class LeakedCall(Struct, frozen=True):
    """A call found in text: the arguments' JSON text, and the names of what was mended on the way."""

    name: str
    args: str
    names: tuple[str, ...] = ()


class _Object(Struct, forbid_unknown_fields=True):
    name: str
    arguments: Raw = NONE
    parameters: Raw = NONE
    id: Raw = NONE
    type: Raw = NONE


_decode_object = msgspec.json.Decoder(_Object).decode
_decode_raws = msgspec.json.Decoder(list[Raw]).decode
_decode_str = msgspec.json.Decoder(str).decode


class Cursor:
    """A place in the text. Every method reads on from there or raises one of the three."""

    def __init__(self, text: str, shapes: Shapes, at: int = 0) -> None:
        self.text, self.shapes, self.at = text, shapes, at
        self.named = False
        """A tool of the request was named, so this is meant as a call."""

    @property
    def over(self) -> bool:
        """Whether all is read."""
        return self.at >= len(self.text)

    def fail(self) -> Exception:
        """What it means that the text does not go on as a call does."""
        return Broken() if self.named else NoCall()

    def blank(self) -> None:
        """Skip blanks."""
        found = _BLANKS.match(self.text, self.at)
        self.at = self.at if found is None else found.end()

    def meets(self, literal: str) -> bool:
        """Whether `literal` stands here; it is read if so."""
        if self.text.startswith(literal, self.at):
            self.at += len(literal)
            return True
        if len(self.text) - self.at < len(literal) and literal.startswith(self.text[self.at :]):
            raise Waits
        return False

    def sees(self, literal: str) -> bool:
        """Whether `literal` stands here; it is not read."""
        found = self.meets(literal)
        if found:
            self.at -= len(literal)
        return found

    def expect(self, *literals: str) -> None:
        """Read one literal after the other; blanks may stand before each."""
        for literal in literals:
            self.blank()
            if not self.meets(literal):
                raise self.fail()

    def until(self, literal: str, foreign: re.Pattern[str] | None = None) -> str:
        """The text up to `literal`, which is read too. `foreign` must not stand in it."""
        end = self.text.find(literal, self.at)
        if foreign is not None and foreign.search(self.text, self.at, end if end >= 0 else len(self.text)):
            raise Broken
        if end < 0:
            raise Waits(literal[-1] if self.named else "")
        found = self.text[self.at : end]
        self.at = end + len(literal)
        return found

    def name(self) -> str:
        """The name of one of the request's tools."""
        found = _NAME.match(self.text, self.at)
        assert found is not None, "it matches anything"
        self.at = found.end()
        self._check(found[0], whole=self.at < len(self.text))
        return found[0]

    def json(self) -> str:
        """The object or array that begins here, as it is written."""
        end = json_end(self.text, self.at)
        if end < 0:
            raise Waits("}]" if self.named else "")
        found = self.text[self.at : end]
        self.at = end
        return found

    def call(self, *, spare: bool = True) -> LeakedCall:
        """The object of one call: `{"name": ..., "arguments": {...}}`; `spare`: arguments may be left out."""
        self._look_at_head()
        return self._read(self.json(), spare=spare)

    def calls(self) -> list[LeakedCall]:
        """An array of such objects, of which the first is looked at while it grows."""
        start = self.at
        self.expect("[")
        self.blank()
        self._look_at_head()
        self.at = start
        whole = self.json()
        mended = mend(whole, ended=False)
        if mended is None:
            raise Broken
        return [self._read(bytes(raw).decode(), mended.names) for raw in _decode_raws(mended.text)]

    def _look_at_head(self) -> None:
        """Give up as early as it is clear that the object is no call of a tool."""
        squeezed = _BLANKS.sub("", self.text[self.at : self.at + 80])
        if not any(head.startswith(squeezed) or squeezed.startswith(head) for head in _HEADS):
            raise NoCall
        if named := _NAMED.match(self.text, self.at):
            self._check(named[1], whole=bool(named[2]))
            self.named = True

    def _check(self, name: str, *, whole: bool) -> None:
        if not whole and self.shapes.any_begins(name):
            raise Waits
        if name not in self.shapes:
            # It may have been meant as a call all the same, so nothing inside it is looked at either.
            raise Broken if name else NoCall

    def _read(self, text: str, names: tuple[str, ...] = (), *, spare: bool = True) -> LeakedCall:
        mended = mend(text, ended=False)
        try:
            read = _decode_object(mended.text) if mended is not None else None
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            read = None
        if mended is None or read is None or read.name not in self.shapes:
            raise Broken
        self.named = True
        if not spare and read.arguments is NONE and read.parameters is NONE:
            raise Broken
        args = _args(read)
        return LeakedCall(read.name, args[0], (*names, *mended.names, *args[1]))


def _args(read: _Object) -> tuple[str, tuple[str, ...]]:
    """The text of the arguments and what was mended in it; a string of JSON is what it says."""
    given = [bytes(raw).decode() for raw in (read.arguments, read.parameters) if bytes(raw) not in (b"", b"null")]
    if not given:
        return "{}", ()
    text, *more = given
    mended = mend(_decode_str(text) if text[:1] == '"' else text, ended=False)
    if more or mended is None or mended.text.lstrip()[:1] != "{":
        raise Broken
    return mended.text, mended.names
