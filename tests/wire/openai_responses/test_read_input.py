"""Items of clients to turns: who speaks, what belongs together, and what only this dialect knows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from landbridge.errors import BadRequest
from landbridge.neutral.parts import Audio, Document, Image, Message, Opaque, Text, Thinking, ToolCall, ToolResult
from landbridge.neutral.request import Request
from landbridge.wire.openai_responses.read_input import PART, split_data_url
from landbridge.wire.openai_responses.read_request import read_request
from landbridge.wire.openai_responses.types import DIALECT

HI = {"role": "user", "content": "hi"}
CALL = {"type": "function_call", "call_id": "call_1", "name": "ls", "arguments": '{"a": 1}', "id": "fc_1"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "ok"}
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"}


def read(*items: object, **fields: Any) -> Request:
    return read_request(json.dumps({"model": "m", "input": list(items), **fields}).encode())


def content(*parts: object) -> tuple[object, ...]:
    (message,) = read({"role": "user", "content": list(parts)}).messages
    return message.parts


def test_text_is_a_users_turn() -> None:
    assert read_request(b'{"model":"m","input":"hi"}').messages == (Message("user", (Text("hi"),)),)
    assert read("hi").messages == (Message("user", (Text("hi"),)),)


def test_system_text_the_conversation_opens_with() -> None:
    request = read(
        {"role": "developer", "content": "one"},
        {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "two"}]},
        HI,
        instructions="zero",
    )
    assert request.system == (Text("zero"), Text("one"), Text("two"))
    assert request.messages == (Message("user", (Text("hi"),)),)


def test_p42_p43_later_system_turns_stay_where_they_are() -> None:
    request = read(HI, {"role": "developer", "content": "late"}, HI)
    assert [message.role for message in request.messages] == ["user", "system", "user"]
    picture = {"type": "input_image", "image_url": "https://example.com/a.png"}
    request = read({"role": "developer", "content": [picture]}, HI)
    assert request.system == () and request.messages[0].role == "system"


def test_items_of_one_answer_are_one_turn() -> None:
    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look."}]}
    request = read(HI, THOUGHT, said, CALL, {**CALL, "call_id": "call_2", "arguments": ""}, OUTPUT, CALL)
    turn = request.messages[1]
    assert turn.role == "assistant"
    assert turn.parts == (
        Thinking(signature='{"id":"rs_1","encrypted_content":"gAAA"}', redacted=True, origin=DIALECT),
        Text("I look."),
        ToolCall("call_1", "ls", Raw(b'{"a": 1}')),
        ToolCall("call_2", "ls", Raw(b"{}")),
    )
    assert [message.role for message in request.messages] == ["user", "assistant", "user", "assistant"]


def test_outputs_that_follow_each_other_are_one_turn() -> None:
    parts = [{"type": "input_text", "text": "a"}, {"type": "input_image", "image_url": "data:image/png;base64,iVBO"}]
    request = read(HI, CALL, OUTPUT, {**OUTPUT, "call_id": "call_2", "output": parts}, HI)
    assert request.messages[2:] == (
        Message(
            "user",
            (
                ToolResult("call_1", (Text("ok"),)),
                ToolResult("call_2", (Text("a"), Image(data="iVBO", media_type="image/png"))),
            ),
        ),
        Message("user", (Text("hi"),)),
    )


def test_the_phase_of_a_text_is_kept_for_its_maker() -> None:
    said = {"role": "assistant", "content": "I look.", "phase": "commentary"}
    assert read(HI, said).messages[1].parts == (Text("I look.", signature="commentary", origin=DIALECT),)


def test_a_custom_tools_call_and_output() -> None:
    call = {"type": "custom_tool_call", "call_id": "call_3", "name": "apply_patch", "input": 'say "안녕"\n'}
    output = {"type": "custom_tool_call_output", "call_id": "call_3", "output": "Done"}
    _, said, heard = read(HI, call, output).messages
    assert said.parts == (ToolCall("call_3", "apply_patch", Raw('{"input":"say \\"안녕\\"\\n"}'.encode())),)
    assert heard.parts == (ToolResult("call_3", (Text("Done"),)),)


def test_a_call_in_a_namespace_has_the_name_of_its_definition() -> None:
    member = {"type": "function", "name": "ls"}
    tools = [{"type": "function", "name": "n__ls"}, {"type": "namespace", "name": "n", "tools": [member]}]
    (_, said) = read(HI, {**CALL, "namespace": "n"}, tools=tools).messages
    assert isinstance(said.parts[0], ToolCall) and said.parts[0].name == "n__ls_2"


def test_p26_arguments_of_every_form() -> None:
    for arguments, expected in ((None, b"{}"), ("", b"{}"), (" ", b"{}"), ({"a": 1}, b'{"a": 1}'), ('{"a', b'{"a')):
        call = read(HI, {**CALL, "arguments": arguments}).messages[1].parts[0]
        assert isinstance(call, ToolCall) and bytes(call.args) == expected


def test_a_message_may_say_nothing() -> None:
    request = read(HI, {"role": "user"}, {"role": "user", "content": None}, {"role": "user", "content": ""})
    assert [message.parts for message in request.messages[1:]] == [(), (), ()]


def test_parts_of_content() -> None:
    assert content(
        "plain",
        {"type": "input_text", "text": "a"},
        {"type": "refusal", "refusal": "no"},
        {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "low"},
        {"type": "input_image", "file_id": "file-1"},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="},
        {"type": "input_file", "file_data": "JVBERi0="},
        {"type": "input_file", "file_url": "https://example.com/a.pdf"},
        {"type": "input_file", "file_id": "file-2"},
        {"type": "input_audio", "input_audio": {"data": "UklG", "format": "wav"}},
    ) == (
        Text("plain"),
        Text("a"),
        Text("no"),
        Image(url="https://example.com/a.png", detail="low"),
        Image(file_id="file-1"),
        Document(data="JVBERi0=", media_type="application/pdf", title="a.pdf"),
        Document(data="JVBERi0=", media_type="application/pdf"),
        Document(url="https://example.com/a.pdf"),
        Document(file_id="file-2"),
        Audio("UklG", "wav"),
    )


def test_law_12_unknown_parts_are_kept() -> None:
    raws: list[dict[str, Any]] = [
        {"type": "hologram", "beam": [1, 2]},
        {"type": "input_image"},
        {"type": "input_file"},
        {"no": "type"},
    ]
    kept = content(*raws)
    assert kept == tuple(Opaque(DIALECT, f"{raw.get('type', '')}{PART}", Raw(json.dumps(raw).encode())) for raw in raws)


def test_law_12_unknown_items_are_kept_in_place() -> None:
    search = {"type": "web_search_call", "id": "ws_1"}
    shot = {"type": "computer_call_output", "call_id": "c", "output": {"type": "computer_screenshot"}}
    reference = {"type": "item_reference", "id": "msg_9"}
    said = {"role": "assistant", "content": "Rain."}
    request = read(HI, search, said, shot, OUTPUT, reference, {"type": "item_of_2027", "content": {"a": 1}})
    kinds = [[getattr(part, "name", part) for part in message.parts] for message in request.messages[1:]]
    assert kinds == [
        ["web_search_call", Text("Rain.")],
        ["computer_call_output", ""],
        ["item_reference", "item_of_2027"],
    ]
    part = request.messages[1].parts[0]
    assert isinstance(part, Opaque) and json.loads(bytes(part.raw)) == search


def test_p42_a_role_nobody_knows_talks_to_the_model() -> None:
    assert read(HI, {"role": "narrator", "content": "Meanwhile"}).messages[1] == Message("user", (Text("Meanwhile"),))


def test_reasoning_that_holds_nothing_is_none() -> None:
    assert len(read(HI, {"type": "reasoning", "id": "rs_1", "summary": []}).messages) == 1


@pytest.mark.parametrize(
    ("item", "path"),
    [
        (5, "input[1]"),
        ({"content": "x"}, "input[1].role"),
        ({"type": "message", "content": "x"}, "input[1].role"),
        ({"type": 5}, "input[1].type"),
        ({"role": "user", "content": 5}, "input[1].content"),
        ({"role": "user", "content": [5]}, "input[1].content[0]"),
        ({"role": "user", "content": [{"type": "input_text"}]}, "input[1].content[0].text"),
        ({"role": "user", "content": [{"type": "input_audio", "input_audio": 5}]}, "input[1].content[0].input_audio"),
        ({"type": "function_call", "call_id": "c"}, "input[1].name"),
        ({"type": "function_call_output", "output": {"a": 1}}, "input[1].output"),
    ],
)
def test_law_9_what_cannot_be_is_named(item: object, path: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read(HI, item)
    assert caught.value.message.startswith(path)


@pytest.mark.parametrize(
    ("url", "inline"),
    [
        ("data:image/png;base64,AA==", ("image/png", "AA==")),
        ("DATA:text/plain;charset=utf-8;base64,AA==", ("text/plain", "AA==")),
        ("https://example.com/;base64,x", None),
        ("data:text/plain,hello", None),
    ],
)
def test_data_urls(url: str, inline: tuple[str, str] | None) -> None:
    assert split_data_url(url) == inline
