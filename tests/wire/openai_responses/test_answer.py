"""One answer, event by event: items side by side, what comes late or only at the end, and how it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from landbridge.errors import Cut, Garbled, ProviderFault, ProviderLimit
from landbridge.neutral.events import (
    BlockStart,
    BlockStop,
    Delta,
    Event,
    Extra,
    Failed,
    Finish,
    Kind,
    Reason,
    Start,
    Usage,
    check_grammar,
)
from landbridge.neutral.parts import Text, Thinking, ToolCall
from landbridge.neutral.response import collect
from landbridge.wire.openai_responses.answer import Answer
from landbridge.wire.openai_responses.types import DIALECT, Item, WireResponse, decode_response, item_decoder
from tests.laws.machines import calls, counting

CALL = {"type": "function_call", "call_id": "call_1", "name": "ls", "arguments": '{"a":1}', "id": "fc_1"}
THOUGHT = {"type": "reasoning", "id": "rs_1", "encrypted_content": "gAAA"}


def answer() -> Answer:
    return Answer(counting(), "provider:lab")


def item(**fields: Any) -> Item:
    return item_decoder.decode(json.dumps(fields))


def done(machine: Answer, index: int, **fields: Any) -> list[Event]:
    return machine.finish_item(index, item(**fields), Raw(json.dumps(fields).encode()))


def ended(machine: Answer, **fields: Any) -> list[Event]:
    return machine.end(decode_response(json.dumps({"status": "completed", **fields})))


def whole(events: list[Event]) -> list[Event]:
    check_grammar(events)
    return events


def text(*parts: str) -> list[dict[str, str]]:
    return [{"type": "summary_text", "text": part} for part in parts]


def test_it_starts_once() -> None:
    machine = answer()
    assert machine.start(WireResponse(id="resp_1", model="m")) == [Start("resp_1", "m")]
    assert machine.start(None) == []
    assert answer().start(WireResponse(id=5)) == [Start()]


def test_p7_content_without_a_start_has_one() -> None:
    machine = answer()
    events = machine.say(0, 0, "hi") + ended(machine)
    assert whole(events)[0] == Start()


def test_p27_text_that_only_the_ends_have() -> None:
    machine = answer()
    machine.open_item(0, item(type="message"))
    events = machine.say_all(0, 0, "from done") + machine.say_all(0, 0, "from done")
    parts = [{"type": "output_text", "text": "from done"}, {"type": "output_text", "text": "from the item"}]
    events += done(machine, 0, type="message", content=parts)
    events += ended(machine, output=[{"type": "message", "content": parts}])
    assert collect(whole(events)).parts == (Text("from done"), Text("from the item"))


def test_p27_all_of_it_in_the_last_event() -> None:
    machine = answer()
    said = {"type": "message", "content": [{"type": "output_text", "text": "hi"}]}
    events = ended(machine, output=[{**THOUGHT, "summary": text("Hm")}, said, CALL])
    response = collect(whole(events))
    assert [type(part) for part in response.parts] == [Thinking, Text, ToolCall]
    assert response.finish.reason is Reason.TOOLS


def test_p27_the_last_event_completes_what_was_left_open() -> None:
    machine = answer()
    events = machine.open_item(0, item(**{**CALL, "arguments": ""}))
    events += machine.open_item(1, item(**{**CALL, "call_id": "call_2", "arguments": ""}))
    events += machine.open_item(2, item(type="message", id="msg_1"))
    said = {"type": "message", "id": "msg_1", "content": [{"type": "output_text", "text": "hi"}]}
    events += ended(machine, output=[said, CALL])
    response = collect(whole(events))
    assert calls(response) == [("call_1", "ls", '{"a":1}'), ("call_2", "ls", "{}")]
    assert response.parts[-1] == Text("hi")


@pytest.mark.parametrize("arguments", [{"a": 1}, '{"a": 1}'])
def test_p27_arguments_of_the_finished_item(arguments: object) -> None:
    machine = answer()
    events = machine.open_item(0, item(**{**CALL, "arguments": ""}))
    events += done(machine, 0, **{**CALL, "arguments": arguments}) + ended(machine)
    assert calls(collect(whole(events))) == [("call_1", "ls", '{"a": 1}')]


def test_p25_arguments_of_the_start_are_a_placeholder() -> None:
    machine = answer()
    events = machine.open_item(0, item(**{**CALL, "arguments": "{}"}))
    events += machine.argue(0, "function_call", '{"a":') + machine.argue(0, "function_call", "1}")
    events += machine.argue_all(0, "function_call", '{"a":1}') + done(machine, 0, **CALL) + ended(machine)
    assert calls(collect(whole(events))) == [("call_1", "ls", '{"a":1}')]
    kept = answer()
    events = kept.open_item(0, item(**CALL)) + done(kept, 0, **{**CALL, "arguments": None}) + ended(kept)
    assert calls(collect(whole(events))) == [("call_1", "ls", '{"a":1}')], "there was nothing else"


def test_p26_no_arguments_are_an_empty_object() -> None:
    machine = answer()
    events = machine.open_item(0, item(**{**CALL, "arguments": ""})) + done(machine, 0, **{**CALL, "arguments": ""})
    assert events[-2:] == [Delta(0, "{}"), BlockStop(0)]


def test_p21_p23_calls_side_by_side_are_blocks_one_after_the_other() -> None:
    machine = answer()
    events: list[Event] = []
    for index in range(3):
        events += machine.open_item(index, item(**{**CALL, "call_id": f"call_{index}", "arguments": ""}))
    for piece in ('{"n"', ":0}"):
        for index in (2, 0, 1):
            events += machine.argue(index, "function_call", piece)
    for index in (1, 0, 2):
        events += done(machine, index, **{**CALL, "call_id": f"call_{index}", "arguments": '{"n":0}'})
    response = collect(whole(events + ended(machine)))
    assert calls(response) == [(f"call_{index}", "ls", '{"n":0}') for index in range(3)]


def test_a_call_whose_name_comes_late() -> None:
    machine = answer()
    events = machine.argue(0, "function_call", '{"a"') + machine.argue(0, "function_call", ":1}")
    assert events == [], "nobody could be told what is called"
    events += machine.argue_all(0, "function_call", "", "ls") + done(machine, 0, type="function_call", call_id="c")
    assert calls(collect(whole(events + ended(machine)))) == [("c", "ls", '{"a":1}')]
    machine = answer()
    events = machine.open_item(0, item(type="function_call", name="ls")) + done(machine, 0, type="function_call")
    assert calls(collect(whole(events + ended(machine)))) == [("call_0", "ls", "{}")], "an id is made up"


def test_a_call_that_never_gets_a_name_breaks_the_answer() -> None:
    machine = answer()
    machine.argue(0, "function_call", "{}")
    with pytest.raises(Garbled, match="without a name"):
        done(machine, 0, type="function_call", call_id="c")


def test_names_in_namespaces_are_flat() -> None:
    machine = answer()
    events = machine.open_item(0, item(**CALL, namespace="agents"))
    assert events[-1] == BlockStart(0, Kind.TOOL, "call_1", "agents__ls")


def test_text_of_a_custom_tool_is_an_argument_as_it_streams() -> None:
    machine = answer()
    call = {"type": "custom_tool_call", "call_id": "c", "name": "patch"}
    events = machine.open_item(0, item(**call, input=""))
    for piece in ('*** "Begin"\n', "", "안녕 🦊"):
        events += machine.argue(0, "custom_tool_call", piece)
    events += machine.argue_all(0, "custom_tool_call", '*** "Begin"\n안녕 🦊')
    events += done(machine, 0, **call, input='*** "Begin"\n안녕 🦊') + ended(machine)
    ((_, _, args),) = calls(collect(whole(events)))
    assert json.loads(args) == {"input": '*** "Begin"\n안녕 🦊'}


@pytest.mark.parametrize("given", ["", "all at once"])
def test_p27_text_of_a_custom_tool_that_only_the_item_has(given: str) -> None:
    machine = answer()
    call = {"type": "custom_tool_call", "call_id": "c", "name": "patch", "input": given}
    events = machine.open_item(0, item(**{**call, "input": ""})) + done(machine, 0, **call) + ended(machine)
    ((_, _, args),) = calls(collect(whole(events)))
    assert json.loads(args) == {"input": given}


def test_one_thinking_block_an_item_signed_when_it_is_done() -> None:
    machine = answer()
    events = machine.open_item(0, item(**THOUGHT, summary=[]))
    events += machine.think(0, "summary", 0, "On") + machine.think(0, "summary", 0, "e")
    events += machine.think_all(0, "summary", 0, "One") + machine.think(0, "summary", 1, "Two")
    assert not any(isinstance(event, BlockStop) for event in events)
    events += done(machine, 0, **THOUGHT, summary=text("One", "Two"))
    assert events[0:2] == [Start(), BlockStart(0, Kind.THINKING, id="rs_1")]
    assert events[-1] == BlockStop(0, '{"id":"rs_1","encrypted_content":"gAAA","parts":[3,3]}', DIALECT)
    assert collect([*events, Finish(Reason.END)]).parts == (
        Thinking("One\n\nTwo", signature='{"id":"rs_1","encrypted_content":"gAAA","parts":[3,3]}', origin=DIALECT),
    )


def test_reasoning_that_is_not_shown_is_redacted() -> None:
    events = done(answer(), 0, **THOUGHT, summary=[])
    assert events[1:] == [
        BlockStart(0, Kind.THINKING, id="rs_1", redacted=True),
        BlockStop(0, '{"id":"rs_1","encrypted_content":"gAAA"}', DIALECT),
    ]
    assert done(answer(), 0, type="reasoning", id="rs_1", summary=[]) == [], "it says nothing and proves nothing"


def test_a_ciphertext_whose_block_is_closed_stands_alone() -> None:
    machine = answer()
    events = machine.think(0, "summary", 0, "Hm") + machine.say(1, 0, "hi")
    events += done(machine, 0, **THOUGHT, summary=text("Hm"))
    events += ended(machine)
    parts = collect(whole(events)).parts
    assert parts[:2] == (Thinking("Hm"), Text("hi"))
    assert isinstance(parts[2], Thinking) and parts[2].redacted and "gAAA" in parts[2].signature


def test_reasoning_in_the_open_or_its_summary_but_not_both() -> None:
    machine = answer()
    events = machine.think(0, "content", 0, "The user ") + machine.think(0, "content", 0, "greets.")
    events += machine.think(0, "summary", 0, "Greeting") + machine.think(0, "content", 1, "")
    events += done(machine, 0, type="reasoning", summary=text("Greeting")) + ended(machine)
    assert collect(whole(events)).parts == (Thinking("The user greets."),)


def test_annotations_stand_beside_their_text() -> None:
    machine = answer()
    events = machine.say(0, 0, "hi") + machine.note(0, Raw(b'{"n":0}'))
    piece = {"type": "output_text", "text": "hi", "annotations": [{"n": 0}, {"n": 1}]}
    events += done(machine, 0, type="message", content=[piece])
    notes = [event for event in events if isinstance(event, Extra)]
    assert [(note.index, json.loads(bytes(note.raw))["n"]) for note in notes] == [(0, 0), (0, 1)]


@pytest.mark.parametrize("odd", [5, {"a": 1}, "x", None])
def test_law_9_odd_annotations_are_none(odd: object) -> None:
    piece = {"type": "output_text", "text": "hi", "annotations": odd}
    assert not [event for event in done(answer(), 0, type="message", content=[piece]) if isinstance(event, Extra)]


def test_the_phase_is_the_signature_of_a_text() -> None:
    machine = answer()
    events = machine.say(0, 0, "hi")
    events += done(machine, 0, type="message", content=[{"type": "output_text", "text": "hi"}], phase="commentary")
    assert events[-1] == BlockStop(0, "commentary", DIALECT)


def test_items_only_the_dialect_knows_are_opaque() -> None:
    machine = answer()
    assert machine.open_item(0, item(type="web_search_call", id="ws_1")) == []
    events = done(machine, 0, type="web_search_call", id="ws_1", status="completed")
    block = events[1]
    assert isinstance(block, BlockStart) and (block.kind, block.dialect) == (Kind.OPAQUE, DIALECT)
    assert json.loads(bytes(block.raw)) == {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    assert done(answer(), 0, id="no type") == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, Reason.END),
        ({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, Reason.LENGTH),
        ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, Reason.CONTENT_FILTER),
        ({"status": "incomplete", "incomplete_details": {"reason": "new"}}, Reason.LENGTH),
        ({"status": "incomplete", "incomplete_details": None}, Reason.LENGTH),
        ({"status": None}, Reason.END),
    ],
)
def test_endings(fields: dict[str, Any], reason: Reason) -> None:
    assert whole(ended(answer(), **fields))[-1] == Finish(reason)


def test_a_refusal_is_text_and_an_ending() -> None:
    machine = answer()
    events = machine.say(0, 0, "I can", refusal=True)
    events += done(machine, 0, type="message", content=[{"type": "refusal", "refusal": "I cannot."}])
    assert whole(events + ended(machine))[-1] == Finish(Reason.REFUSAL)
    late = {"type": "message", "content": [{"type": "refusal", "refusal": "I cannot."}]}
    response = collect(ended(answer(), output=[late]))
    assert (response.parts, response.finish) == ((Text("I cannot."),), Finish(Reason.REFUSAL))


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"status": "failed", "error": {"code": "rate_limit_exceeded", "message": "slow"}}, ProviderLimit),
        ({"status": "failed", "error": None}, Cut),
        ({"status": "cancelled"}, Cut),
        ({"status": "in_progress"}, Cut),
        ({"status": "queued"}, Cut),
        ({"error": {"message": "odd"}}, ProviderFault),
    ],
)
def test_p13_failures_keep_what_was_counted(fields: dict[str, Any], kind: type[Exception]) -> None:
    machine = answer()
    counts = {"usage": {"input_tokens": 5, "output_tokens": 1}}
    *_, usage, failed = whole(machine.say(0, 0, "half") + ended(machine, **fields, **counts))
    assert usage == Usage(input=5, output=1)
    assert isinstance(failed, Failed) and type(failed.error) is kind
    assert machine.ended


@pytest.mark.parametrize("odd", [b"{", b"5", b"{}", b'{"output":5}', b'{"object":"response","output":[5]}', b"\xff"])
def test_law_9_what_is_no_response_is_an_error(odd: bytes) -> None:
    (*_, failed) = whole(answer().read_whole(odd))
    assert isinstance(failed, Failed) and failed.error.origin == "provider:lab"


def test_a_nameless_call_in_a_whole_answer_is_an_error() -> None:
    body = {"object": "response", "status": "completed", "output": [{"type": "function_call", "arguments": "{}"}]}
    failed = answer().read_whole(json.dumps(body).encode())[-1]
    assert isinstance(failed, Failed) and isinstance(failed.error, Garbled)
