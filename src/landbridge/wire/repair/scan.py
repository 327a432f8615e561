"""Follows the JSON text of one call's arguments as it streams, and takes empty optional strings out of it.

    {"file_path":"/a","pages":""}  ->  {"file_path":"/a"}

Everything leaves in the call it came in but what is still open: a comma (an empty member or a closing bracket may
follow), and the beginning of an optional string's member until its value is known. Bytes that stay are untouched.
At the first character that no JSON has there, the scan is `broken`: from then on it lets nothing through.
"""

from __future__ import annotations

import re
from collections.abc import Set

_STRING_REST = re.compile(r'(?:[^"\\\x00-\x1f]++|\\[^\x00-\x1f])*+')
_PLAIN = re.compile(r"[ \t\r\n:0-9+\-.Ea-z]*+")
"""What stands outside strings and needs no look: blanks, colons, numbers, true, false and null."""
_GAP = re.compile(r",[ \t\r\n]*+")
_KEY = re.compile(r'[^"\\\x00-\x1f]*+')
_VALUE = re.compile(r'[ \t\r\n]*+(?::[ \t\r\n]*+(?:"(?:"(?P<behind>[ \t\r\n]*+))?)?)?')


class Scan:
    """One call's arguments. `optional`: top-level properties whose empty strings are taken out."""

    __slots__ = (
        "_cut",
        "_depth",
        "_escaped",
        "_held",
        "_in_string",
        "_key_next",
        "_optional",
        "_skip_comma",
        "broken",
        "done",
        "dropped",
    )

    def __init__(self, optional: Set[str]) -> None:
        self.broken = False
        """The text is no JSON object; what came since stays in `held`."""
        self.done = False
        """The object is whole."""
        self.dropped = 0
        """Empty strings that were taken out."""
        self._optional = optional
        self._held: list[str] = []
        self._depth = 0
        self._in_string = self._escaped = False
        self._key_next = False
        self._skip_comma = False
        """The first member was taken out, so the comma after it goes too."""
        self._cut: tuple[int, int] | None = None

    @property
    def held(self) -> str:
        """What came and has not left."""
        return "".join(self._held)

    def feed(self, fragment: str) -> str:
        """What may leave now."""
        if self.broken:
            self._held.append(fragment)
            return ""
        if self._held:
            fragment = self.held + fragment
            self._held = []
        elif self._in_string and not self._escaped and _end(_STRING_REST, fragment, 0) == len(fragment):
            return fragment
        return self._walk(fragment)

    def _walk(self, text: str) -> str:
        out: list[str] = []
        at = sent = 0
        while at < len(text):
            step = self._step(text, at)
            if self._cut is not None:
                out.append(text[sent : self._cut[0]])
                sent = self._cut[1]
                self._cut = None
            if step is None:
                self._held.append(text[at:])
                break
            at = step
        out.append(text[sent:at])
        return "".join(out)

    def _step(self, text: str, at: int) -> int | None:
        """How far it is clear what the text means; None if what stands at `at` has to wait."""
        if self._in_string:
            return self._string(text, at)
        if self._depth == 0:
            return self._outside(text, at)
        end = _end(_PLAIN, text, at)
        if end > at:
            return end
        match text[at]:
            case '"':
                return self._quote(text, at)
            case ",":
                return self._comma(text, at)
            case "{" | "[":
                self._depth += 1
            case "}" | "]":
                self._depth -= 1
                self.done = self._depth == 0
            case _:
                return self._break()
        return at + 1

    def _break(self) -> int | None:
        self.broken = True
        return None

    def _outside(self, text: str, at: int) -> int | None:
        """Before or behind the object."""
        rest = text[at:].lstrip()
        if self.done:
            words = len(text) - len(rest)
            return words if words > at else self._break()
        if not rest:
            return None
        if rest[0] != "{":
            return self._break()
        self._depth, self._key_next = 1, True
        return len(text) - len(rest) + 1

    def _string(self, text: str, at: int) -> int | None:
        if self._escaped:
            if text[at] < " ":
                return self._break()
            self._escaped = False
            return at + 1
        end = _end(_STRING_REST, text, at)
        if end == len(text):
            return end
        if text[end] == '"':
            self._in_string = False
        elif text[end] == "\\" and end + 1 == len(text):
            self._escaped = True
        else:
            return end if end > at else self._break()
        return end + 1

    def _comma(self, text: str, at: int) -> int | None:
        end = _end(_GAP, text, at)
        if end == len(text):
            return None
        if text[end] in "}]":
            return self._break()
        if self._depth == 1:
            self._key_next = True
            if text[end] == '"' and self._optional:
                return self._key(text, at, end)
        return at + 1

    def _quote(self, text: str, at: int) -> int | None:
        if self._key_next and self._depth == 1 and self._optional:
            return self._key(text, at, at)
        self._in_string = True
        return at + 1

    def _key(self, text: str, start: int, quote: int) -> int | None:
        """A key of the object; `start` is at the comma before it, if there is one."""
        end = _end(_KEY, text, quote + 1)
        key = text[quote + 1 : end]
        if end == len(text):
            if any(name.startswith(key) for name in self._optional):
                return None
            return self._keep(start, quote, end)
        if text[end] != '"' or key not in self._optional:
            return self._keep(start, quote, end)
        value = _VALUE.match(text, end + 1)
        assert value is not None, "it matches anything"
        if value.end() == len(text):
            return None
        if value["behind"] is not None and text[value.end()] in ",}":
            return self._drop(start, quote, value.start("behind"))
        return self._keep(start, quote, end)

    def _keep(self, start: int, quote: int, end: int) -> int:
        if self._skip_comma:
            self._cut = (start, quote)
        self._skip_comma = self._key_next = False
        self._in_string = True
        return end

    def _drop(self, start: int, quote: int, end: int) -> int:
        self._cut = (start, end)
        self._skip_comma |= start == quote
        self._key_next = False
        self.dropped += 1
        return end


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where the match at `at` ends; these patterns match anything, if only the empty string."""
    found = pattern.match(text, at)
    return at if found is None else found.end()


def prune(text: str, optional: Set[str]) -> tuple[str, int]:
    """A whole text without its empty optional strings, and how many went. What is no object stays as it is."""
    scan = Scan(optional)
    pruned = scan.feed(text)
    return (pruned, scan.dropped) if scan.done and not scan.broken else (text, 0)
