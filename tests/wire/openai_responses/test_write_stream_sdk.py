"""What OpenAI's own SDK makes of our streams and answers: a real client over a transport without sockets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import openai
import pytest
from msgspec import Raw
from openai.types.responses import ResponseStreamEvent
from openai.types.responses.response_input_param import FunctionCallOutput
from pydantic import TypeAdapter

from landbridge.errors import Cut
from landbridge.neutral.events import Event, Extra, Failed, Finish, Reason, Start, Usage
from landbridge.neutral.parts import Opaque, Text, Thinking, ToolCall
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response, replay
from landbridge.wire.openai_responses.read_request import read_request
from landbridge.wire.openai_responses.response import write_response
from landbridge.wire.openai_responses.types import DIALECT
from landbridge.wire.openai_responses.write_stream import StreamWriter

CODEX = read_request((Path(__file__).parents[2] / "cases" / "openai_responses" / "codex" / "request.json").read_bytes())
SEARCH = b'{"id":"ws_1","type":"web_search_call","status":"completed","action":{"type":"search","query":"rain"}}'
NOTE = b'{"type":"url_citation","start_index":0,"end_index":2,"url":"https://example.com","title":"Rain"}'
RESPONSE = Response(
    parts=(
        Thinking("Hm.", signature="sig", origin="anthropic"),
        Thinking(signature="hidden", redacted=True, origin="anthropic"),
        Opaque(DIALECT, "web_search_call", Raw(SEARCH)),
        Text("안녕 🦊"),
        ToolCall("call_1", "multi_agent_v1__spawn_agent", Raw(b'{"message": "go"}')),
        ToolCall("call_2", "apply_patch", Raw(b'{"input":"*** Begin"}')),
        ToolCall("call_3", "exec_command", Raw(b"{}")),
    ),
    finish=Finish(Reason.TOOLS),
    usage=Usage(input=5, output=7, cache_read=3, reasoning=2),
    id="resp_abc",
    model="local",
    extras=(Extra(3, DIALECT, "annotation", Raw(NOTE)),),
)


def stream(events: Iterator[Event] | list[Event], request: Request = CODEX) -> bytes:
    machine = StreamWriter("resp_abc", "local", 1_790_000_000, request)
    pieces = [piece for event in events for piece in (machine.feed(event), machine.ping(), machine.nudge())]
    return b"".join(pieces)


def client(body: bytes, kind: str = "text/event-stream") -> openai.OpenAI:
    def answer(request: httpx2.Request) -> httpx2.Response:
        assert request.url.path == "/v1/responses"
        return httpx2.Response(200, headers={"content-type": kind}, content=body)

    transport = httpx2.Client(transport=httpx2.MockTransport(answer))
    return openai.OpenAI(api_key="x", base_url="http://landbridge/v1", http_client=transport, max_retries=0)


def test_every_event_is_one_the_sdk_declares() -> None:
    adapter: TypeAdapter[ResponseStreamEvent] = TypeAdapter(ResponseStreamEvent)
    for record in stream(replay(RESPONSE)).decode().split("\n\n"):
        if record.startswith("event:"):
            name, data = record.split("\n")
            event = adapter.validate_json(data.removeprefix("data: "))
            assert type(event).__name__ != "dict" and f"event: {event.type}" == name


def test_the_helper_that_follows_a_stream() -> None:
    """It checks that items keep their identity and that every item of the end was finished."""
    with client(stream(replay(RESPONSE))) as sdk, sdk.responses.stream(model="local", input="hi") as running:
        deltas = [event.delta for event in running if event.type == "response.output_text.delta"]
        final = running.get_final_response()
    assert deltas == ["안녕 🦊"] and final.output_text == "안녕 🦊"
    assert [item.type for item in final.output] == [
        *("reasoning", "reasoning", "web_search_call", "message"),
        *("function_call", "custom_tool_call", "function_call"),
    ]
    call = final.output[4]
    assert call.type == "function_call" and (call.namespace, call.name) == ("multi_agent_v1", "spawn_agent")
    assert final.usage is not None and final.usage.output_tokens_details.reasoning_tokens == 2


def test_the_plain_iterator_sees_a_failure() -> None:
    failed = stream([Start(), Failed(Cut("provider:lab broke off its answer."))])
    with client(failed) as sdk:
        last = list(sdk.responses.create(model="local", input="hi", stream=True))[-1]
    assert last.type == "response.failed" and last.response.error is not None
    assert last.response.error.message == "provider:lab broke off its answer."


def test_a_refusal_is_seen() -> None:
    refused = stream([Start(), Finish(Reason.REFUSAL)])
    with client(refused) as sdk, sdk.responses.stream(model="local", input="hi") as running:
        final = running.get_final_response()
    message = final.output[-1]
    assert final.status == "completed" and final.output_text == "The model refused to answer."
    assert message.type == "message" and message.content[0].type == "refusal"


def test_a_whole_answer() -> None:
    body = write_response(RESPONSE, 1_790_000_000, CODEX).body
    with client(body, "application/json") as sdk:
        response = sdk.responses.create(model="local", input="hi")
    assert response.output_text == "안녕 🦊" and response.status == "completed"
    message = response.output[3]
    assert message.type == "message" and message.content[0].type == "output_text"
    assert message.content[0].annotations[0].type == "url_citation"


@pytest.mark.parametrize("stored", [True, False])
def test_what_the_sdk_sends_is_read(stored: bool) -> None:
    """A request as the SDK writes it, with the answer of the turn before sent back."""
    before = json.loads(write_response(RESPONSE, 1, CODEX).body)["output"]
    sent: list[bytes] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request.content)
        return httpx2.Response(200, json=json.loads(write_response(RESPONSE, 1).body))

    transport = httpx2.Client(transport=httpx2.MockTransport(answer))
    with openai.OpenAI(api_key="x", base_url="http://landbridge/v1", http_client=transport) as sdk:
        result: FunctionCallOutput = {"type": "function_call_output", "call_id": "call_1", "output": "agent 1"}
        sdk.responses.create(model="m", input=[*before, result], store=stored)
    request = read_request(sent[0])
    parts = request.messages[0].parts
    assert [type(part) for part in parts[:4]] == [Thinking, Thinking, Opaque, Text]
    assert parts[:2] == RESPONSE.parts[:2], "foreign reasoning came back as it was"
