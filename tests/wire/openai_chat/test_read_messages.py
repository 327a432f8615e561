"""Messages of clients: every role and every part, and what is wrong with its path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from landbridge.errors import BadRequest
from landbridge.neutral.parts import (
    Audio,
    Document,
    Image,
    Message,
    Opaque,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from landbridge.wire.openai_chat.read_messages import read_messages


def read(*messages: dict[str, Any]) -> tuple[Message, ...]:
    return read_messages([Raw(json.dumps(message).encode()) for message in messages])[1]


def part(wire: object) -> Part:
    (message,) = read({"role": "user", "content": [wire]})
    return message.parts[0]


def test_leading_system_turns_are_the_system_text_and_later_ones_stay() -> None:
    raws = [
        {"role": "system", "content": "a"},
        {"role": "developer", "content": [{"type": "text", "text": "b"}]},
        {"role": "user", "content": "hi"},
        {"role": "developer", "content": "c"},
    ]
    system, messages = read_messages([Raw(json.dumps(raw).encode()) for raw in raws])
    assert system == (Text("a"), Text("b"))
    assert messages == (Message("user", (Text("hi"),)), Message("system", (Text("c"),)))


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ({"type": "text", "text": "a"}, Text("a")),
        ("a", Text("a")),
        ({"text": "a"}, Text("a")),
        ({"type": "refusal", "refusal": "no"}, Text("no")),
        (
            {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}},
            Text("a", cache=Raw(b'{"type": "ephemeral"}')),
        ),
        (
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "low"}},
            Image(data="AA==", media_type="image/png", detail="low"),
        ),
        ({"type": "image_url", "image_url": "https://x/y.png"}, Image(url="https://x/y.png")),
        ({"type": "input_audio", "input_audio": {"data": "AA==", "format": "mp3"}}, Audio("AA==", "mp3")),
        (
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AA=="}},
            Document(data="AA==", media_type="application/pdf", title="a.pdf"),
        ),
        ({"type": "file", "file": {"file_id": "file-1"}}, Document(file_id="file-1")),
        (
            {"type": "hologram", "text": {"a": 1}},
            Opaque("openai_chat", "hologram", Raw(b'{"type": "hologram", "text": {"a": 1}}')),
        ),
        ({"type": 5}, Opaque("openai_chat", "", Raw(b'{"type": 5}'))),
    ],
)
def test_law_12_parts_known_and_unknown(wire: object, expected: Part) -> None:
    assert part(wire) == expected


def test_calls_and_their_results() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x": 1.50}'}}
    empty = {"id": "b", "type": "function", "function": {"name": "g", "arguments": ""}}
    messages = read(
        {"role": "assistant", "content": None, "reasoning_content": "Hm.", "tool_calls": [call, empty]},
        {"role": "tool", "tool_call_id": "a", "content": "A"},
        {"role": "tool", "content": [{"type": "text", "text": "B"}]},
        {"role": "user", "content": "go"},
    )
    assert messages == (
        Message("assistant", (Thinking("Hm."), ToolCall("a", "f", Raw(b'{"x": 1.50}')), ToolCall("b", "g"))),
        Message("user", (ToolResult("a", (Text("A"),)), ToolResult("", (Text("B"),)))),
        Message("user", (Text("go"),)),
    )


def test_the_old_functions_are_calls_and_results() -> None:
    messages = read(
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "A"},
    )
    assert messages[1:] == (
        Message("assistant", (ToolCall("call_1", "f"),)),
        Message("user", (ToolResult("call_1", (Text("A"),), name="f"),)),
    )


def test_a_custom_call_is_opaque() -> None:
    (message,) = read({"role": "assistant", "tool_calls": [{"id": "a", "type": "custom", "custom": {"input": "x"}}]})
    assert isinstance(message.parts[0], Opaque)


def test_p42_an_unknown_role_is_somebody_who_talks() -> None:
    assert read({"role": "narrator", "content": "Meanwhile"}) == (Message("user", (Text("Meanwhile"),)),)


@pytest.mark.parametrize(
    ("message", "path"),
    [
        ({"content": "x"}, "messages[1]"),
        ({"role": 5}, "messages[1].role"),
        ({"role": "user", "content": 5}, "messages[1].content"),
        ({"role": "user", "content": [{"type": "text"}]}, "messages[1].content[0].text"),
        ({"role": "user", "content": [5]}, "messages[1].content[0]"),
        ({"role": "user", "content": [{"type": "image_url", "image_url": {}}]}, "messages[1].content[0].image_url"),
        ({"role": "assistant", "tool_calls": [{"id": "a"}]}, "messages[1].tool_calls[0].function"),
        ({"role": "assistant", "tool_calls": [{"function": {}}]}, "messages[1].tool_calls[0].function.name"),
        ({"role": "assistant", "tool_calls": "x"}, "messages[1].tool_calls"),
    ],
)
def test_what_is_wrong_is_said_with_its_path(message: dict[str, Any], path: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read({"role": "user", "content": "hi"}, message)
    assert caught.value.message.startswith(path)
    assert "$" not in caught.value.message
