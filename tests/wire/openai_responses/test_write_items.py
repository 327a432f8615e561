"""Items and the response around them."""

from __future__ import annotations

import pytest
from msgspec import Raw
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage
from openai.types.responses.response_custom_tool_call import ResponseCustomToolCall

from landbridge.neutral.events import BlockStart, Finish, Kind, Reason, Usage
from landbridge.wire.openai_responses.names import Name
from landbridge.wire.openai_responses.types import encode
from landbridge.wire.openai_responses.write_items import (
    block_id,
    call_item,
    call_prefix,
    ending,
    item_id,
    message_item,
    on_one_line,
    one_line,
    refusal_item,
    response_object,
    text_piece,
)


def test_ids_are_made_of_the_response_and_the_place() -> None:
    assert item_id("msg_", "resp_abc", 3) == "msg_abc03"
    assert item_id("fc_", "resp_abc", 120) == "fc_abc120"
    assert len({item_id("rs_", f"resp_{one}", place) for one in "ab" for place in range(3)}) == 6


@pytest.mark.parametrize(
    ("block", "name", "id"),
    [
        (BlockStart(0, Kind.TEXT), Name(""), "msg_abc02"),
        (BlockStart(0, Kind.TOOL, "call_1", "ls"), Name("ls"), "fc_abc02"),
        (BlockStart(0, Kind.TOOL, "call_1", "ls"), Name("ls", custom=True), "ctc_abc02"),
        (BlockStart(0, Kind.THINKING), Name(""), "rs_abc02"),
        (BlockStart(0, Kind.THINKING, id="rs_own"), Name(""), "rs_own"),
        (BlockStart(0, Kind.THINKING, id="other"), Name(""), "rs_abc02"),
    ],
)
def test_each_kind_of_item_has_its_prefix(block: BlockStart, name: Name, id: str) -> None:
    assert block_id(block, name, "resp_abc", 2) == id


def test_a_refusal() -> None:
    ResponseOutputMessage.model_validate(refusal_item("msg_1"), strict=True)
    assert refusal_item("msg_1", "in_progress")["content"] == []


def test_a_message() -> None:
    begun = message_item("msg_1", None, status="in_progress")
    assert (begun["content"], begun["status"]) == ([], "in_progress")
    note = Raw(b'{"type":"url_citation"}')
    assert text_piece("hi", [note])["annotations"] == [note]
    ResponseOutputMessage.model_validate(message_item("msg_1", "hi"), strict=True)


@pytest.mark.parametrize("args", ["", '{"a":1}'])
def test_a_call(args: str) -> None:
    item = call_item("fc_1", "call_1", Name("spawn", "agents"), args)
    call = ResponseFunctionToolCall.model_validate(item, strict=True)
    assert (call.name, call.namespace, call.arguments) == ("spawn", "agents", args)
    assert "namespace" not in call_item("fc_1", "call_1", Name("ls"), args)


@pytest.mark.parametrize(("args", "text"), [("", ""), ('{"input":"x"}', "x"), ("x", "x")])
def test_a_call_of_a_custom_tool(args: str, text: str) -> None:
    name = Name("patch", custom=True)
    call = ResponseCustomToolCall.model_validate(call_item("ctc_1", "call_1", name, args), strict=True)
    assert (call.name, call.input) == ("patch", text)
    assert (call_prefix(name), call_prefix(Name("patch"))) == ("ctc_", "fc_")


def test_a_response_and_its_ending() -> None:
    said: dict[str, object] = {"tools": []}
    body = response_object("resp_1", "m", 5, "in_progress", said)
    assert (body["object"], body["created_at"], body["usage"], body["tools"]) == ("response", 5, None, [])
    whole = ending(Finish(Reason.END), Usage(input=1, output=2), 9)
    assert (whole["status"], whole["completed_at"], whole["usage"]["total_tokens"]) == ("completed", 9, 3)
    cut = ending(Finish(Reason.LENGTH), Usage(), 9)
    assert (cut["status"], cut["completed_at"]) == ("incomplete", None)
    assert cut["incomplete_details"] == {"reason": "max_output_tokens"}


def test_line_breaks_of_the_clients_own_json_do_not_end_a_record() -> None:
    raw = Raw(b'{\r\n  "a": "b c",\n "d": "\\n"}')
    assert bytes(one_line(raw)) == b'{"a":"b c","d":"\\n"}'
    assert one_line(Raw(b'{ "a" : 1 }')) == Raw(b'{ "a" : 1 }'), "what needs no change has none"
    plain = {"tools": Raw(b"[ 1 ]"), "n": 1}
    assert on_one_line(plain) == encode(plain)
    assert on_one_line({"tools": raw, "n": 1}) == encode({"tools": one_line(raw), "n": 1})
