"""TOML text for people's eyes: literal keys and logins masked, everything else as it stands.

Where it is to be edited, each place has a mark of its own (`***1***`), so that what was masked can be put back wherever
the mark has been moved to.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import ConfigFault
from .secret import MASK, masked, showable

SHORT = 6
"""A key shorter than that is masked only where it is a whole value; it could stand in any word."""
_LINE = re.compile(
    r"""^(\s*["']?[\w.-]*(?:key|keys|secret|token|password|authorization)["']?\s*=\s*)("(?:[^"\\\n]|\\.)+"|'[^'\n]+')""",
    re.IGNORECASE | re.MULTILINE,
)
_MARK = re.compile(r"\*\*\*(\d{1,6})\*\*\*")

Span = tuple[int, int]


def hidden(text: str) -> str:
    """`text` without its secrets: those the parser finds, and in broken files what looks like a key's line."""
    return _replaced(text, [MASK] * len(spans := _spans(text)), spans)


def marked(text: str) -> tuple[str, dict[str, str]]:
    """The same with marks, and what each stands for."""
    spans = _spans(text)
    taken = {int(found[1]) for found in _MARK.finditer(text)}
    free = (number for number in range(1, len(spans) + len(taken) + 1) if number not in taken)
    marks = [f"{MASK}{number}{MASK}" for number, _ in zip(free, spans, strict=False)]
    return _replaced(text, marks, spans), dict(zip(marks, (text[start:end] for start, end in spans), strict=True))


def restored(text: str, original: str) -> str:
    """`text`, which was edited as `marked(original)`, with what was masked put back. Raises `ConfigFault`.

    A mark may be moved and repeated, but only to where keys are: elsewhere its key would be shown from then on.
    """
    _, kept = marked(original)
    whole = _MARK.sub(lambda found: kept.get(found[0], found[0]), text)
    shown = hidden(whole)
    for mark, secret in kept.items():
        if mark in text and len(secret) >= SHORT and secret in shown:
            raise ConfigFault(
                f"{mark} stands for a key, and would be shown where it stands now.",
                remedy="Move it to where a key belongs.",
            )
    return whole


def _replaced(text: str, by: Sequence[str], spans: Sequence[Span]) -> str:
    parts, at = [], 0
    for (start, end), instead in zip(spans, by, strict=True):
        parts += [text[at:start], instead]
        at = end
    return "".join([*parts, text[at:]])


def _spans(text: str) -> list[Span]:
    """Where secrets stand, in order."""
    try:
        tree = tomllib.loads(text)
    except (ValueError, RecursionError):
        tree = {}
    written = {
        form
        for secret in _secrets(tree)
        for form in (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    }
    long = sorted((each for each in written if len(each) >= SHORT), key=len, reverse=True)
    short = sorted((each for each in written if 0 < len(each) < SHORT), key=len, reverse=True)
    found: list[Span] = []
    if long:
        found += [each.span() for each in re.finditer("|".join(map(re.escape, long)), text)]
    if short:
        quoted = re.compile(rf"""(["'])({"|".join(map(re.escape, short))})\1""")
        found += [each.span(2) for each in quoted.finditer(text)]
    for line in _LINE.finditer(text):
        start, end = line.start(2) + 1, line.end(2) - 1
        if masked(text[start:end]) == MASK:
            found.append((start, end))
    return _united(found)


def _united(spans: list[Span]) -> list[Span]:
    """Without those within others."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _secrets(tree: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[str]:
    for key, value in tree.items():
        path = (*above, key)
        if isinstance(value, Mapping):
            yield from _secrets(value, path)
            continue
        shown = showable(path, value)
        if shown != value:
            yield from _hidden_parts(value, shown)


def _hidden_parts(value: Any, shown: Any) -> Iterator[str]:
    """What of `value` is not in `shown`."""
    if isinstance(value, list):
        many = shown if isinstance(shown, list) else [MASK] * len(value)
        for each, masked_one in zip(value, many, strict=True):
            if each != masked_one:
                yield from _hidden_parts(each, masked_one)
    elif isinstance(value, str):
        # A URL may hold two secrets: then all between them goes, too.
        before, after = str(shown).partition(MASK)[0], str(shown).rpartition(MASK)[2]
        if secret := value[len(before) : len(value) - len(after)]:
            yield secret
