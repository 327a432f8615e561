"""An item until it is done: whether the end means it, and odd contents."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw

from landbridge.wire.openai_responses.open_item import OpenItem, pieces_of
from landbridge.wire.openai_responses.types import Item, Piece

CALL = {"type": "function_call", "id": "fc_1", "call_id": "call_1"}


@pytest.mark.parametrize(
    ("opened", "last", "same"),
    [
        (CALL, {**CALL, "id": "fc_other"}, True),
        (CALL, {**CALL, "call_id": "call_2"}, False),
        (CALL, {**CALL, "type": "custom_tool_call"}, False),
        ({"type": "function_call"}, {"type": "function_call"}, False),
        ({"type": "message", "id": "msg_1"}, {"type": "message", "id": "msg_1"}, True),
        ({"type": "message", "id": "msg_1"}, {"type": "message", "id": "msg_2"}, False),
        ({"type": "message"}, {"type": "message"}, False),
    ],
)
def test_whether_the_last_event_means_it(opened: dict[str, Any], last: dict[str, Any], same: bool) -> None:
    assert OpenItem(Item(**opened)).is_same(Item(**last)) is same


def test_an_id_that_was_made_up_is_its_own() -> None:
    opened = OpenItem(Item(type="function_call"))
    opened.call_id = "call_made_up"
    assert opened.is_same(Item(type="function_call", call_id="call_made_up"))


@pytest.mark.parametrize("odd", [b"", b"null", b"5", b"{}", b'"text"', b"[5]"])
def test_law_9_odd_content_has_no_parts(odd: bytes) -> None:
    assert pieces_of(Raw(odd)) == []
    assert pieces_of(Raw(b'[{"type":"output_text","text":"hi"}]')) == [Piece(type="output_text", text="hi")]
