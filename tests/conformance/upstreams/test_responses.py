"""Responses of the suite's upstream are such as OpenAI's own library reads."""

from __future__ import annotations

import json

import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from landbridge.conformance.play import Call, Says, Text, Thought, Tokens
from landbridge.conformance.upstreams import responses

ALL = Says((Thought("Hm."), Text("Hi"), Call("Read", '{"a":1}', "call_1")), usage=Tokens(9, 3, 2))
EVENTS: TypeAdapter[ResponseStreamEvent] = TypeAdapter(ResponseStreamEvent)


def test_wholes_are_read_by_the_library() -> None:
    read = Response.model_validate_json(responses.whole(ALL, "x", "m"))
    assert read.output_text == "Hi" and read.status == "completed"
    assert [item.type for item in read.output] == ["reasoning", "message", "function_call"]
    assert read.usage is not None and read.usage.input_tokens_details.cached_tokens == 2


@pytest.mark.parametrize("content", [ALL, Says(ALL.parts, stop="length"), Says(ALL.parts, stop="filter")])
def test_streams_are_read_by_the_library(content: Says) -> None:
    records = [part for part in responses.stream(content, "x", "m", True).decode().split("\n\n") if part]
    for number, record in enumerate(records):
        name, data = record.removeprefix("event: ").split("\ndata: ")
        assert json.loads(data)["type"] == name and json.loads(data)["sequence_number"] == number
        EVENTS.validate_json(data)
    assert records[0].startswith("event: response.created")
    assert records[-1].startswith("event: response.incomplete" if content.stop else "event: response.completed")
