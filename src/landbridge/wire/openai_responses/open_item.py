"""What is known of an item of an answer until it is done, however little its provider says of it before."""

from __future__ import annotations

from msgspec import Raw

from ..fields import is_set
from .types import FAULTS, Item, Piece, piece_decoder, raws_decoder

CALLS = ("function_call", "custom_tool_call")


class OpenItem:
    """What is known of an item until it is done."""

    __slots__ = ("call_id", "held", "item", "name", "noted", "said", "source")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.call_id = self.name = ""
        """Set once the call has been announced."""
        self.held = ""
        """Arguments that came before the call's name was known."""
        self.said: dict[int, int] = {}
        """Characters that have come of each part, by its index."""
        self.source = ""
        """Where the readable text of a reasoning item comes from: `summary` or `content`."""
        self.noted = 0
        """Annotations that have come."""

    def is_same(self, item: Item) -> bool:
        """Whether an item of the final response is this one."""
        if item.type != self.item.type:
            return False
        if item.type in CALLS:
            return bool(item.call_id) and item.call_id == (self.call_id or self.item.call_id)
        return bool(item.id) and item.id == self.item.id


def pieces_of(raw: Raw) -> list[Piece]:
    """The parts of a message's content; none where it is odd."""
    try:
        return [piece_decoder.decode(each) for each in raws_decoder.decode(raw)] if is_set(raw) else []
    except FAULTS:
        return []
