"""One call of a hosted tool."""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

from ...neutral.blocks import is_whole
from .offer import ARGUMENTS
from .outcome import Kind

OURS = "srvtoolu_lb"
"""Begins the ids of calls that landbridge runs; Anthropic's own go on with `01`."""
MARK = OURS.encode()
"""What a body with such calls in its history holds."""

_object = msgspec.json.Decoder(dict[str, object]).decode
_encode = msgspec.json.Encoder().encode
_EMPTY = Raw(b"{}")


class Use(Struct, frozen=True):
    """A call."""

    id: str
    kind: Kind
    name: str
    """The function's name, for the model."""
    args: Raw
    """A JSON object, as the model wrote it."""
    wanted: str
    """The query or the address; empty where the model gave none."""


def use_of(id: str, kind: Kind, name: str, text: str) -> Use:
    """The call with the arguments' JSON `text`. What is no object becomes an empty one, and nothing is wanted."""
    if not is_whole(text):
        return Use(id, kind, name, _EMPTY, "")
    try:
        fields = _object(text)
    except (msgspec.DecodeError, RecursionError):
        return Use(id, kind, name, _EMPTY, "")
    wanted = fields.get(ARGUMENTS[kind])
    return Use(id, kind, name, Raw(text.encode()), wanted.strip() if isinstance(wanted, str) else "")


def json(value: object) -> Raw:
    """`value` as raw JSON."""
    return Raw(_encode(value))
