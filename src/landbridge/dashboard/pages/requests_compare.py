"""Two answers compared word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Literal

WORDS = 2000
"""Words of an answer that are compared; longer ones stand beside each other unmarked."""
PIECES = 400
"""Pieces an answer may fall into; more are as good as another answer."""
_WORD = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")

Piece = tuple[str, Literal["", "gone", "new"]]


def compared(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Both in pieces, with what only one of them says marked. Slow for long ones: not for the event loop."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    if before == after or not old or not new or max(len(old), len(new)) > WORDS:
        return [(before, "")], [(after, "")]
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if b > a:
            left.append(("".join(old[a:b]), "" if kind == "equal" else "gone"))
        if d > c:
            right.append(("".join(new[c:d]), "" if kind == "equal" else "new"))
    if max(len(left), len(right)) > PIECES:
        return [(before, "gone")], [(after, "new")]
    return left, right
