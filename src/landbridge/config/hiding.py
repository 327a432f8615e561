"""TOML text for people's eyes: literal keys and logins masked, everything else as it stands."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from .secret import MASK, masked, showable

SHORT = 6
"""A key shorter than that is masked only where it is a whole value; it could stand in any word."""
_LINE = re.compile(
    r"""^(\s*["']?[\w.-]*(?:key|keys|secret|token|password|authorization)["']?\s*=\s*)("(?:[^"\\\n]|\\.)+"|'[^'\n]+')""",
    re.IGNORECASE | re.MULTILINE,
)


def hidden(text: str) -> str:
    """`text` without its secrets: those the parser finds, and in broken files what looks like a key's line."""
    try:
        tree = tomllib.loads(text)
    except (ValueError, RecursionError):
        tree = {}
    for secret in sorted(set(_secrets(tree)), key=len, reverse=True):
        for written in {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}:
            if len(written) >= SHORT:
                text = text.replace(written, MASK)
            else:
                text = re.sub(rf"""(["']){re.escape(written)}\1""", rf"\1{MASK}\1", text)
    return _LINE.sub(lambda found: f"{found[1]}{found[2][0]}{masked(found[2][1:-1])}{found[2][0]}", text)


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
