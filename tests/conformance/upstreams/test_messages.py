"""Messages answers of the suite's upstream are such as Anthropic's own library reads."""

from __future__ import annotations

import json

from anthropic.types import Message, RawMessageStreamEvent
from pydantic import TypeAdapter

from landbridge.conformance.play import Call, Says, Text, Thought, Tokens
from landbridge.conformance.upstreams import messages

ALL = Says((Thought("Hm."), Text("Hi"), Call("Read", '{"a":1.50}')), usage=Tokens(9, 3, 2))
EVENTS: TypeAdapter[RawMessageStreamEvent] = TypeAdapter(RawMessageStreamEvent)


def test_wholes_are_read_by_the_library() -> None:
    body = messages.whole(ALL, "x", "m")
    message = Message.model_validate_json(body)
    assert [block.type for block in message.content] == ["thinking", "text", "tool_use"]
    assert message.usage.input_tokens == 7 and message.usage.cache_read_input_tokens == 2
    assert b'"input":{"a":1.50}' in body, "as the rule wrote it"


def test_streams_are_read_by_the_library() -> None:
    records = [part for part in messages.stream(ALL, "x", "m", True).decode().split("\n\n") if part]
    for record in records:
        name, data = record.removeprefix("event: ").split("\ndata: ")
        assert json.loads(data)["type"] == name
        if name != "ping":
            EVENTS.validate_json(data)
    assert records[0].startswith("event: message_start") and records[-1].startswith("event: message_stop")


def test_refusals_have_headers() -> None:
    refusal = messages.refusal(529, "overloaded_error", "busy", retry_after="7")
    assert refusal.headers["retry-after"] == "7" and json.loads(refusal.body)["error"]["type"] == "overloaded_error"
