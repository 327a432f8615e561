"""JSON as client tools take it for settings, with comments and trailing commas -> objects; one laid over another."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

Json = dict[str, object]

_COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_LAST_COMMA = re.compile(r'"(?:\\.|[^"\\])*"|,(?=\s*[}\]])', re.DOTALL)


def read(text: str) -> Json:
    """The object in `text`. Raises `ValueError` where there is none."""
    bare = _without(_LAST_COMMA, _without(_COMMENT, text.removeprefix("\ufeff")))
    if not bare.strip():
        return {}
    try:
        return msgspec.json.decode(bare, type=Json)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None


def _without(what: re.Pattern[str], text: str) -> str:
    # Both patterns match strings too, so that nothing within one is taken for what it looks like.
    return what.sub(lambda found: found[0] if found[0].startswith('"') else " ", text)


def write(value: Json) -> bytes:
    """As indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2)


def lay_over(under: Mapping[str, object], over: Mapping[str, object]) -> Json:
    """`over` laid over `under`: objects are joined, everything else of `over` wins."""
    joined = dict(under)
    for key, value in over.items():
        below = joined.get(key)
        joined[key] = lay_over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return joined
