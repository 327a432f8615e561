"""Parts are values: equal by content, frozen, and their opaque JSON stays as it came."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import Raw

from landbridge.neutral.parts import NONE, Message, Part, Text, ToolCall, ToolResult


def test_parts_are_told_apart_in_json() -> None:
    message = Message(
        "assistant", (Text("a"), ToolCall("1", "f", Raw(b'{"b":1,"a":2}')), ToolResult("1", (Text("c"),)))
    )
    written = msgspec.json.encode(message)
    assert b'"args":{"b":1,"a":2}' in written
    assert msgspec.json.decode(written, type=Message) == message


def test_every_part_has_its_own_tag() -> None:
    tags = [part.__struct_config__.tag for part in Part.__args__]
    assert len(set(tags)) == len(tags)


def test_parts_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Text("a").text = "b"  # type: ignore[misc]  # that it is frozen is what is tested


def test_absent_json_is_empty_and_never_written() -> None:
    assert not bytes(NONE)
    assert msgspec.json.encode(Text("a")) == b'{"type":"text","text":"a"}'
