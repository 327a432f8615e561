"""The history as items: order, adjacency, replay of reasoning, and what models without tools read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from landbridge.neutral.parts import Image, Message, Opaque, Part, Text, Thinking, ToolCall, ToolResult
from landbridge.neutral.request import Request
from landbridge.neutral.traits import Traits
from landbridge.wire.fields import Fields
from landbridge.wire.openai_responses.read_tools import read_tools
from landbridge.wire.openai_responses.types import DIALECT, encode
from landbridge.wire.openai_responses.write_input import write_input

HI = Message("user", (Text("hi"),))
TOOLS = [
    {"type": "custom", "name": "apply_patch"},
    {"type": "namespace", "name": "agents", "tools": [{"type": "function", "name": "spawn"}]},
]


def write(*messages: Message, tools: list[Any] | None = None, **traits: Any) -> tuple[list[dict[str, Any]], list[str]]:
    offered = read_tools(Fields({"tools": Raw(json.dumps(tools or []).encode())}))
    items, losses = write_input(Request("m", messages, tools=offered), Traits(**traits))
    return json.loads(encode(items)), [f"{loss.path}: {loss.why}" for loss in losses]


def items(*messages: Message, **more: Any) -> list[dict[str, Any]]:
    written, losses = write(*messages, **more)
    assert losses == []
    return written


def said(*parts: Part) -> Message:
    return Message("assistant", parts)


def heard(*parts: Part) -> Message:
    return Message("user", parts)


def kinds(written: list[dict[str, Any]]) -> list[str]:
    return [item.get("role") or item["type"] for item in written]


def test_texts_are_messages() -> None:
    assert items(HI, said(Text("hello"), Text("again")), Message("system", (Text("late"),))) == [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "hello"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "again"}]},
        {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "late"}]},
    ]


def test_p43_nothing_stands_between_calls_and_their_outputs() -> None:
    calls = said(Text("I look."), ToolCall("a", "ls"), ToolCall("b", "cat", Raw(b'{"x": 1}')))
    note = Message("system", (Text("9000 tokens left"),))
    written = items(HI, calls, note, heard(Text("and"), ToolResult("b", (Text("B"),)), ToolResult("a", (Text("A"),))))
    assert kinds(written) == [
        *("user", "assistant", "function_call", "function_call"),
        *("function_call_output", "function_call_output", "system", "user"),
    ]
    assert written[2:6] == [
        {"type": "function_call", "call_id": "a", "name": "ls", "arguments": "{}"},
        {"type": "function_call", "call_id": "b", "name": "cat", "arguments": '{"x": 1}'},
        {"type": "function_call_output", "call_id": "b", "output": "B"},
        {"type": "function_call_output", "call_id": "a", "output": "A"},
    ]


def test_p32_missing_outputs_are_said_and_stray_ones_left_out() -> None:
    written, losses = write(
        HI, said(ToolCall("a", "ls")), heard(ToolResult("x", (Text("?"),)), Text("go on")), said(ToolCall("b", "ls"))
    )
    outputs = [item["output"] for item in written if item["type"] == "function_call_output"]
    assert len(outputs) == 2 and all("missing" in output for output in outputs)
    assert losses == ["messages[2].parts[0]: a tool result without its call was left out"]


def test_p31_an_output_without_id_belongs_to_the_call_in_its_place() -> None:
    written = items(
        HI, said(ToolCall("", "ls"), ToolCall("b", "cat")), heard(ToolResult("", (Text("A"),)), ToolResult("b"))
    )
    assert written[1]["call_id"] == written[3]["call_id"] == "call_1_0"
    assert written[4] == {"type": "function_call_output", "call_id": "b", "output": ""}


def test_p57_p59_outputs_keep_pictures_and_failures() -> None:
    picture = ToolResult("a", (Text("see"), Image(url="https://a/b")))
    failed = ToolResult("b", (Text("no such file"), Text("sorry")), is_error=True)
    both = ToolResult("c", (Image(url="https://a/b"),), is_error=True)
    written = items(
        HI, said(*(ToolCall(id, "f") for id in "abcd")), heard(picture, failed, both, ToolResult("d", is_error=True))
    )
    image = {"type": "input_image", "detail": "auto", "image_url": "https://a/b"}
    assert [item["output"] for item in written[5:]] == [
        [{"type": "input_text", "text": "see"}, image],
        "Error: no such file\n\nsorry",
        [{"type": "input_text", "text": "Error:"}, image],
        "Error:",
    ]


def test_p54_own_reasoning_goes_back_as_it_came() -> None:
    token = '{"id":"rs_1","encrypted_content":"gAAA","parts":[3,3]}'
    (_, item, _) = items(HI, said(Thinking("One\n\nTwo", signature=token, origin=DIALECT), Text("x")))
    assert item == {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [{"type": "summary_text", "text": "One"}, {"type": "summary_text", "text": "Two"}],
        "encrypted_content": "gAAA",
    }
    bare = Thinking(signature='{"encrypted_content":"gAAA"}', origin=DIALECT, redacted=True)
    assert items(HI, said(bare, Text("x")))[1] == {"type": "reasoning", "summary": [], "encrypted_content": "gAAA"}


@pytest.mark.parametrize("origin", ["anthropic", "gemini", ""])
def test_p55_foreign_reasoning_is_left_out(origin: str) -> None:
    foreign = Thinking("Hm", signature="sig" if origin else "", origin=origin)
    assert kinds(items(HI, said(foreign, Text("x")))) == ["user", "assistant"]


def test_p50_p52_open_reasoning_goes_back_where_it_is_wanted() -> None:
    written = items(HI, said(Thinking("Hm"), Text("x")), reasoning_back="reasoning_content")
    assert written[1] == {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "Hm"}]}


@pytest.mark.parametrize("parts", [(), (Text(""),), (Thinking("Hm", signature="s", origin="gemini"),)])
def test_p44_an_emptied_turn_is_replaced(parts: tuple[Part, ...]) -> None:
    assert kinds(items(HI, said(*parts), HI)) == ["user", "assistant", "user"]


def test_reasoning_is_never_the_end_of_a_turn() -> None:
    own = Thinking(signature='{"id":"rs_1","encrypted_content":"gAAA"}', origin=DIALECT, redacted=True)
    assert kinds(items(HI, said(own))) == ["user", "reasoning", "assistant"]


def test_p61_the_input_is_never_empty() -> None:
    assert kinds(items()) == ["user"]
    assert kinds(items(Message("system", (Text("late"),)))) == ["system", "user"]
    assert kinds(items(heard())) == ["user"]


def test_p42_folded_system_turns_are_words_of_the_user() -> None:
    written = items(HI, Message("system", (Text("late"),)), system_turns="fold")
    assert kinds(written) == ["user", "user"]


def test_calls_are_written_under_the_clients_names() -> None:
    patch, spawn = ToolCall("a", "apply_patch", Raw(b'{"input":"*** Begin"}')), ToolCall("b", "agents__spawn")
    written = items(HI, said(patch, spawn), heard(ToolResult("a", (Text("Done"),)), ToolResult("b")), tools=TOOLS)
    assert written[1:] == [
        {"type": "custom_tool_call", "call_id": "a", "name": "apply_patch", "input": "*** Begin"},
        {"type": "function_call", "call_id": "b", "name": "spawn", "namespace": "agents", "arguments": "{}"},
        {"type": "custom_tool_call_output", "call_id": "a", "output": "Done"},
        {"type": "function_call_output", "call_id": "b", "output": ""},
    ]


def test_p33_ids_and_names_the_api_would_refuse() -> None:
    call = ToolCall("x" * 100, "a.b")
    written = items(HI, said(call), heard(ToolResult("x" * 100, (Text("ok"),))))
    assert written[1]["call_id"] == written[2]["call_id"] and len(written[1]["call_id"]) <= 64
    assert written[1]["name"].startswith("a_b_")


def test_p29_arguments_that_are_no_object_stay_visible() -> None:
    written = items(HI, said(ToolCall("a", "f", Raw(b'{"x": ')), ToolCall("b", "f", Raw(b"[1]"))))
    assert [json.loads(item["arguments"]) for item in written[1:3]] == [{"input": '{"x": '}, {"input": [1]}]


def test_models_without_tools_read_of_them() -> None:
    history = (HI, said(ToolCall("a", "ls")), heard(ToolResult("a", (Text("A"),))))
    plain, losses = write_input(Request("m", history), Traits(tools=False))
    assert kinds(json.loads(encode(plain))) == ["user", "assistant", "user"] and losses == []
    assert b"[Called ls with {}]" in encode(plain) and b'"A"' in encode(plain)


def test_law_12_unknown_items_go_back_in_place() -> None:
    search = Opaque(DIALECT, "web_search_call", Raw(b'{"type":"web_search_call","id":"ws_1"}'))
    shot = Opaque(DIALECT, "computer_call_output", Raw(b'{"type":"computer_call_output"}'))
    assert kinds(items(HI, said(search, Text("Rain.")), heard(shot))) == [
        *("user", "web_search_call", "assistant", "computer_call_output"),
    ]
    foreign = Opaque("anthropic", "server_tool_use", Raw(b"{}"))
    written, losses = write(HI, said(foreign, Text("x")))
    assert kinds(written) == ["user", "assistant"] and "server_tool_use" in losses[0]


def test_a_picture_in_an_assistants_turn_is_a_loss() -> None:
    written, losses = write(HI, said(Image(url="https://a/b"), Text("x")))
    assert kinds(written) == ["user", "assistant"]
    assert losses == ["messages[1].parts[0]: an assistant turn can only have text"]


def test_the_phase_goes_back_to_its_maker_only() -> None:
    own, foreign = (Text("x", signature="commentary", origin=origin) for origin in (DIALECT, "gemini"))
    assert [item.get("phase") for item in items(HI, said(own, foreign))] == [None, "commentary", None]
