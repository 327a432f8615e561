"""JSON a model has nearly got right to JSON, where only one reading is possible; whole texts only.

What is mended: a comma before a closing bracket, line breaks and other control characters inside strings, Python's
`True`, `False` and `None`, one code fence around everything, and, if the answer ended in order, quote and brackets
missing at the very end. Everything else is left to the reader: half a repair is worse than none.
"""

from __future__ import annotations

import re

from msgspec import Struct

from ...neutral.blocks import is_whole

_PIECE = re.compile(
    r'"(?P<body>(?:[^"\\]++|\\.)*+)(?P<end>"?)|(?P<word>[A-Za-z_]\w*+)|(?P<comma>,(?=\s*[}\]]))|(?P<bracket>[\[\]{}])'
)
_CONTROL = re.compile(r"[\x00-\x1f]")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_WORDS = {"True": "true", "False": "false", "None": "null"}
_CLOSING = {"{": "}", "[": "]"}
_FENCE = re.compile(r"\s*```(?:json)?[ \t]*\n?(?P<inner>.*?)\s*```\s*", re.DOTALL | re.IGNORECASE)
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+("?)|[\[\]{}]', re.DOTALL)


class Mended(Struct, frozen=True):
    """Whole JSON, and the names of what was put right."""

    text: str
    names: tuple[str, ...] = ()


def mend(text: str, ended: bool) -> Mended | None:
    """`text` as whole JSON, or None where it is none for certain. `ended`: nothing was cut off behind it."""
    if is_whole(text):
        return Mended(text)
    fence = _FENCE.fullmatch(text)
    if fence is not None:
        inner = mend(fence["inner"], ended)
        return None if inner is None else Mended(inner.text, ("code_fence", *inner.names))
    mending = _Mending(text)
    return mending.result(ended)


def json_end(text: str, start: int) -> int:
    """Where the object or array that begins at `start` ends; -1 if its end has not come."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        first = token[0][0]
        if first == '"':
            if not token[1]:
                return -1
        elif first in "{[":
            depth += 1
        else:
            depth -= 1
            if depth <= 0:
                return token.end()
    return -1


class _Mending:
    """One walk over a text, writing it anew piece by piece."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._out: list[str] = []
        self._names: dict[str, None] = {}
        self._missing: list[str] = []
        """Closing brackets that are still to come."""
        self._hopeless = False
        self._open_string = False

    def result(self, ended: bool) -> Mended | None:
        """What came of it."""
        at = 0
        for piece in _PIECE.finditer(self._text):
            self._out.append(self._text[at : piece.start()])
            at = piece.end()
            self._out.append(self._take(piece))
        self._out.append(self._text[at:])
        if self._missing or self._open_string:
            self._names["unclosed"] = None
            # An open string with line breaks in it may as well be a closed one whose quote is missing long before.
            self._hopeless |= not ended or (self._open_string and "control_character" in self._names)
            self._out += ['"'] * self._open_string + self._missing[::-1]
        mended = "".join(self._out)
        return None if self._hopeless or not is_whole(mended) else Mended(mended, tuple(self._names))

    def _take(self, piece: re.Match[str]) -> str:
        if piece["word"] is not None:
            return self._replace(_WORDS.get(piece["word"]), "python_word", piece[0])
        if piece["comma"] is not None:
            return self._replace("", "trailing_comma", piece[0])
        if piece["bracket"] is not None:
            self._count(piece[0])
            return piece[0]
        return self._string(piece)

    def _string(self, piece: re.Match[str]) -> str:
        if not piece["end"]:
            self._open_string = True
            # What follows a string's open end inside the text is half an escape, and nobody knows which.
            self._hopeless |= piece.end() != len(self._text)
        if _CONTROL.search(piece["body"]) is None:
            return piece[0]
        self._names["control_character"] = None
        return _CONTROL.sub(_escape, piece[0])

    def _replace(self, by: str | None, name: str, before: str) -> str:
        if by is None:
            return before
        self._names[name] = None
        return by

    def _count(self, bracket: str) -> None:
        if bracket in _CLOSING:
            self._missing.append(_CLOSING[bracket])
        elif not self._missing or self._missing.pop() != bracket:
            self._hopeless = True


def _escape(control: re.Match[str]) -> str:
    return _ESCAPES.get(control[0], f"\\u{ord(control[0]):04x}")
