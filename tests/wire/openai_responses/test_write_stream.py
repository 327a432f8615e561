"""The stream writer: order and numbers of events, what each block becomes, and every kind of end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import Cut, GatewayError, ProviderLimit, TooLong
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
)
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response, collect, replay
from landbridge.wire.openai_responses.read_request import read_request
from landbridge.wire.openai_responses.read_stream import StreamReader
from landbridge.wire.openai_responses.response import write_response
from landbridge.wire.openai_responses.types import DIALECT
from landbridge.wire.openai_responses.write_stream import StreamWriter
from tests.laws.clients import hear_responses
from tests.laws.machines import counting, same
from tests.laws.strategies import native_responses, responses

CODEX = read_request((Path(__file__).parents[2] / "cases" / "openai_responses" / "codex" / "request.json").read_bytes())
TOKEN = '{"id":"rs_own","encrypted_content":"gAAA","parts":[3,3]}'
START = Start("msg_upstream", "upstream")


def writer(request: Request = CODEX) -> StreamWriter:
    return StreamWriter("resp_abc", "local", 1_790_000_000, request)


def written(*events: Event, request: Request = CODEX) -> list[dict[str, Any]]:
    machine = writer(request)
    return parsed(b"".join(map(machine.feed, events)))


def parsed(stream: bytes) -> list[dict[str, Any]]:
    """The events, each checked for its frame and its number."""
    records = [record for record in stream.decode().split("\n\n") if record and not record.startswith(":")]
    events = []
    for number, record in enumerate(records):
        name, data = record.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        assert event["sequence_number"] == number
        events.append(event)
    return events


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"].removeprefix("response.") for event in events]


def block(index: int, kind: Kind, *texts: str, stop: BlockStop | None = None, **fields: Any) -> list[Event]:
    deltas = [Delta(index, text) for text in texts]
    return [BlockStart(index, kind, **fields), *deltas, stop or BlockStop(index)]


def test_a_text() -> None:
    events = written(START, *block(0, Kind.TEXT, "안", "녕"), Usage(input=3, output=2), Finish(Reason.END))
    assert kinds(events) == [
        *("created", "in_progress", "output_item.added", "content_part.added", "output_text.delta"),
        *("output_text.delta", "output_text.done", "content_part.done", "output_item.done", "completed"),
    ]
    place = {"item_id": "msg_abc00", "output_index": 0, "content_index": 0}
    assert events[4] == {
        "type": "response.output_text.delta",
        **place,
        "sequence_number": 4,
        "delta": "안",
        "logprobs": [],
    }
    assert place.items() <= events[3].items() and events[6]["text"] == "안녕"
    last = events[-1]["response"]
    assert last["output"] == [events[-2]["item"]] and last["usage"]["total_tokens"] == 5
    assert (last["id"], last["model"], last["status"]) == ("resp_abc", "local", "completed")


def test_thinking_is_a_reasoning_item_with_a_summary() -> None:
    stop = BlockStop(0, "sig", "anthropic")
    events = written(START, *block(0, Kind.THINKING, "Hm", stop=stop), Finish(Reason.END))
    assert kinds(events)[2:-1] == [
        *("output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta"),
        *("reasoning_summary_text.done", "reasoning_summary_part.done", "output_item.done"),
    ]
    assert events[7]["item"] == {
        "id": "rs_abc00",
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": "Hm"}],
        "encrypted_content": "lb1.anthropic.c2ln",
    }


def test_p54_the_providers_own_item_comes_through_as_it_was() -> None:
    stop = BlockStop(0, TOKEN, DIALECT)
    events = written(START, *block(0, Kind.THINKING, "One\n\nTwo", id="rs_own", stop=stop), Finish(Reason.END))
    item = events[-2]["item"]
    assert (item["id"], item["encrypted_content"]) == ("rs_own", "gAAA")
    assert [part["text"] for part in item["summary"]] == ["One", "Two"]
    events = written(START, *block(0, Kind.THINKING, "One\n\nTwo", stop=stop), Finish(Reason.END))
    assert events[-2]["item"]["id"] == "rs_abc00", "the id was not known in time"
    assert events[-2]["item"]["encrypted_content"].startswith("lb1.openai_responses.")


def test_redacted_thinking_has_no_summary() -> None:
    stop = BlockStop(0, "sig", "anthropic")
    events = written(START, *block(0, Kind.THINKING, stop=stop, redacted=True), Finish(Reason.END))
    assert kinds(events)[2:-1] == ["output_item.added", "output_item.done"]
    assert events[3]["item"]["summary"] == [] and events[3]["item"]["encrypted_content"].startswith("lb1r.anthropic.")


def test_calls_have_the_clients_names() -> None:
    events = written(
        START,
        *block(0, Kind.TOOL, '{"message"', ':"go"}', id="call_1", name="multi_agent_v1__spawn_agent"),
        *block(1, Kind.TOOL, '{"input":"*** ', 'Begin"}', id="call_2", name="apply_patch"),
        Finish(Reason.TOOLS),
    )
    assert kinds(events)[2:-1] == [
        *("output_item.added", "function_call_arguments.delta", "function_call_arguments.delta"),
        *("function_call_arguments.done", "output_item.done"),
        *("output_item.added", "custom_tool_call_input.delta", "custom_tool_call_input.done", "output_item.done"),
    ]
    first, second = (event["item"] for event in events if event["type"] == "response.output_item.done")
    assert (first["namespace"], first["name"], first["arguments"]) == (
        "multi_agent_v1",
        "spawn_agent",
        '{"message":"go"}',
    )
    assert (second["type"], second["name"], second["input"]) == ("custom_tool_call", "apply_patch", "*** Begin")
    assert events[5]["arguments"] == '{"message":"go"}' and events[8]["delta"] == "*** Begin"


def test_p26_a_call_without_arguments() -> None:
    events = written(START, *block(0, Kind.TOOL, id="call_1", name="ls"), Finish(Reason.TOOLS))
    assert events[-2]["item"]["arguments"] == events[-3]["arguments"] == "{}"


def half(index: int = 0) -> list[Event]:
    return block(index, Kind.TOOL, '{"path":"a', id="call_1", name="Write")


@pytest.mark.parametrize("end", [Finish(Reason.LENGTH), Finish(Reason.CONTENT_FILTER), Failed(Cut("gone"))])
def test_half_a_call_is_not_one_to_be_run(end: Event) -> None:
    events = written(START, *half(), Usage(output=1), end)
    assert "output_item.done" not in kinds(events)
    if isinstance(end, Finish):
        (item,) = events[-1]["response"]["output"]
        assert (item["status"], item["arguments"]) == ("incomplete", '{"path":"a')


def test_p29_a_call_the_model_wrote_wrong_reaches_the_client() -> None:
    events = written(START, *half(), *block(1, Kind.TEXT, "hi"), Finish(Reason.END))
    assert [event["output_index"] for event in events if "output_index" in event] == [*([0] * 4), *([1] * 6)]
    assert events[5]["item"]["arguments"] == '{"path":"a' and events[5]["item"]["status"] == "completed"
    assert kinds(written(START, *half(), Finish(Reason.TOOLS)))[-2:] == ["output_item.done", "completed"]


def test_opaque_items() -> None:
    own = block(
        0, Kind.OPAQUE, dialect=DIALECT, name="web_search_call", raw=Raw(b'{"type":"web_search_call",\n"id":"ws"}')
    )
    foreign = block(1, Kind.OPAQUE, dialect="anthropic", name="server_tool_use", raw=Raw(b"{}"))
    machine = writer()
    feed = [START, *own, *foreign, *block(2, Kind.TEXT, "hi"), Finish(Reason.END)]
    events = parsed(b"".join(map(machine.feed, feed)))
    assert events[2]["item"] == events[3]["item"] == {"type": "web_search_call", "id": "ws"}
    assert events[-2]["output_index"] == 1, "what was left out has no place"
    assert ["server_tool_use" in loss.why for loss in machine.losses] == [True]


def test_annotations() -> None:
    note = Extra(0, DIALECT, "annotation", Raw(b'{"type":"url_citation"}'))
    other = Extra(-1, "openai_chat", "logprobs", Raw(b"1"))
    machine = writer()
    feed: list[Event] = [
        START,
        BlockStart(0, Kind.TEXT),
        Delta(0, "a"),
        note,
        note,
        BlockStop(0),
        note,
        other,
        Finish(Reason.END),
    ]
    events = parsed(b"".join(map(machine.feed, feed)))
    added = [event for event in events if event["type"].endswith("annotation.added")]
    assert [event["annotation_index"] for event in added] == [0, 1]
    assert len(events[-1]["response"]["output"][0]["content"][0]["annotations"]) == 2
    assert len(machine.losses) == 2


def test_signatures_of_text_and_calls() -> None:
    machine = writer()
    own, foreign = (BlockStop(at, "final_answer", origin) for at, origin in ((0, DIALECT), (1, "gemini")))
    feed = [
        START,
        *block(0, Kind.TEXT, "a", stop=own),
        *block(1, Kind.TEXT, "b", stop=foreign),
        *block(2, Kind.TOOL, "{}", id="c", name="f", stop=BlockStop(2, "s", "gemini")),
        Finish(Reason.END),
    ]
    output = parsed(b"".join(map(machine.feed, feed)))[-1]["response"]["output"]
    assert [item.get("phase") for item in output] == ["final_answer", None, None]
    assert [loss.path for loss in machine.losses] == ["blocks[1]", "blocks[2]"]
    machine = writer()
    custom = block(0, Kind.TOOL, '{"input":"x"}', id="c", name="apply_patch", stop=BlockStop(0, "s", DIALECT))
    assert parsed(b"".join(map(machine.feed, [START, *custom, BlockStop(0), Finish(Reason.TOOLS)])))[-1]
    assert machine.losses == [], "the dialect's own word, and a stop of nothing"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Cut("provider:lab broke off."), "server_error"),
        (TooLong(9000, 8000), "context_length_exceeded"),
        (ProviderLimit("slow", retry_after=7), "rate_limit_exceeded"),
    ],
)
def test_p9_p11_p14_a_failed_answer_says_so(error: GatewayError, code: str) -> None:
    whole = block(0, Kind.TEXT, "whole")
    events = written(START, *whole, BlockStart(1, Kind.TEXT), Delta(1, "half"), Failed(error))
    last = events[-1]
    assert (last["type"], last["response"]["status"]) == ("response.failed", "failed")
    assert last["response"]["error"]["code"] == code and last["response"]["usage"] is None
    assert [item["id"] for item in last["response"]["output"]] == ["msg_abc00"], "what is whole is kept"


def test_p7_an_early_failure_has_a_legal_beginning() -> None:
    assert kinds(written(Failed(Cut("gone")))) == ["created", "in_progress", "failed"]
    assert kinds(written(Finish(Reason.END))) == ["created", "in_progress", "completed"]


def test_p13_a_failure_keeps_what_was_counted() -> None:
    events = written(START, Usage(input=5, output=2), Failed(Cut("gone")))
    assert events[-1]["response"]["usage"]["total_tokens"] == 7


@pytest.mark.parametrize(
    ("reason", "word"), [(Reason.LENGTH, "max_output_tokens"), (Reason.CONTENT_FILTER, "content_filter")]
)
def test_incomplete_answers(reason: Reason, word: str) -> None:
    last = written(START, *block(0, Kind.TEXT, "a"), Finish(reason))[-1]
    assert last["type"] == "response.incomplete"
    assert last["response"]["incomplete_details"] == {"reason": word}


def test_a_refusal_is_a_complete_answer_that_says_so() -> None:
    """Codex asks five more times after an answer that `content_filter` cut off, and shows text only."""
    said = written(START, *block(0, Kind.TEXT, "No."), Finish(Reason.REFUSAL))
    assert kinds(said)[-6:] == [
        *("output_item.added", "content_part.added", "refusal.done", "content_part.done", "output_item.done"),
        "completed",
    ]
    output = said[-1]["response"]["output"]
    assert [item["content"][0]["type"] for item in output] == ["output_text", "refusal"]
    assert output[1] == said[-2]["item"]
    silent = written(START, *block(0, Kind.THINKING, "Hm"), Finish(Reason.REFUSAL))
    output = silent[-1]["response"]["output"]
    assert [item["type"] for item in output] == ["reasoning", "message", "message"]
    assert output[1]["content"][0]["text"] == "The model refused to answer."
    reader = StreamReader(counting(), "provider:lab")
    machine = writer()
    stream = b"".join(map(machine.feed, [START, *block(0, Kind.TEXT, "No."), Finish(Reason.REFUSAL)]))
    assert hear_responses(stream).text == "No."
    assert reader.feed(stream)[-1] == Finish(Reason.REFUSAL)


def test_signs_of_life() -> None:
    machine = writer()
    assert machine.ping() == b": keep-alive\n\n"
    begun = machine.nudge() + machine.feed(START) + machine.nudge()
    more = machine.feed(BlockStart(0, Kind.TEXT)) + machine.feed(Delta(0, "a")) + machine.nudge()
    rest = machine.feed(BlockStop(0)) + machine.feed(Finish(Reason.END))
    events = parsed(begun + more + rest)
    assert kinds(events)[:3] == ["created", "in_progress", "in_progress"]
    assert kinds(events)[6] == "in_progress", "also inside an item"
    assert machine.ping() == machine.nudge() == machine.feed(START) == machine.feed(Delta(0, "late")) == b""


def test_texts_with_every_special_character_stay_on_their_line() -> None:
    odd = 'a%d%s\n\r\u2028"\\ \x00 data: x\n\n'
    events = written(
        START, *block(0, Kind.TEXT, odd), *block(1, Kind.TOOL, "{}", id="%d", name="%s"), Finish(Reason.END)
    )
    assert events[4]["delta"] == odd and events[-1]["response"]["output"][1]["call_id"] == "%d"


@given(data=st.data())
def test_law_5_an_answer_of_the_dialect_survives(data: st.DataObject) -> None:
    response = data.draw(native_responses(DIALECT))
    machine = StreamWriter(response.id, response.model, 1, Request("m", ()))
    stream = b"".join(map(machine.feed, replay(response)))
    assert machine.losses == [] and hear_responses(stream).ended
    reader = StreamReader(counting(), "provider:lab")
    again = collect(reader.feed(stream) + reader.close())
    same(again, response)


@given(response=responses())
def test_law_4_the_stream_ends_with_the_whole_answer(response: Response) -> None:
    machine = StreamWriter(response.id, response.model, 1, CODEX)
    stream = b"".join(map(machine.feed, replay(response)))
    last = parsed(stream)[-1]["response"]
    whole = json.loads(write_response(response, 1, CODEX).body)
    assert unnumbered(last) == unnumbered(whole)


def unnumbered(response: dict[str, Any]) -> dict[str, Any]:
    """The response without the items' ids: a stream cannot know those of reasoning in time, nor what is left out."""
    output = [{**item, "id": "", "encrypted_content": ""} for item in response["output"]]
    return {**response, "output": output}
