"""Whole answers, both ways, and what OpenAI's own SDK makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from openai.types.responses import Response as SdkResponse

from landbridge.errors import Cut, Garbled, GatewayError, ProviderFault
from landbridge.neutral.events import Extra, Finish, Reason, Usage
from landbridge.neutral.parts import Image, Opaque, Text, Thinking, ToolCall
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response
from landbridge.wire.openai_responses.read_request import read_request
from landbridge.wire.openai_responses.response import read_response, write_response
from landbridge.wire.openai_responses.types import DIALECT
from tests.fakes.responses import responses_whole
from tests.laws.machines import calls, counting, same
from tests.laws.mangle import mangled
from tests.laws.strategies import native_responses, responses

CASES = Path(__file__).parents[2] / "cases" / "openai_responses"
ANSWERS = sorted(path.parent.name for path in CASES.glob("*/response.json"))
CODEX = read_request((CASES / "codex" / "request.json").read_bytes())
TOKEN = '{"id":"rs_1","encrypted_content":"gAAA"}'
RESPONSE = Response(
    parts=(
        Thinking("Hm.", signature=TOKEN, origin=DIALECT),
        Text("안녕 🦊"),
        ToolCall("call_1", "multi_agent_v1__spawn_agent", Raw(b'{"message": "go"}')),
        ToolCall("call_2", "apply_patch", Raw(b'{"input":"*** Begin"}')),
        ToolCall("call_3", "exec_command", Raw(b"")),
    ),
    finish=Finish(Reason.TOOLS),
    usage=Usage(input=5, output=7, cache_read=3),
    id="resp_abc",
    model="local",
)


def read(body: bytes) -> Response:
    return read_response(body, counting(), "provider:lab")


def write(response: Response, request: Request | None = None) -> dict[str, Any]:
    body = write_response(response, 1_790_000_000, request).body
    SdkResponse.model_validate(json.loads(body))
    found: dict[str, Any] = json.loads(body)
    return found


@pytest.mark.parametrize("case", ANSWERS)
def test_law_5_golden_answers_come_back(case: str) -> None:
    response = read((CASES / case / "response.json").read_bytes())
    again = read(write_response(response, 1).body)
    assert again.parts == response.parts and again.extras == response.extras
    assert again.finish == response.finish


def test_codex_gets_its_own_names_back() -> None:
    items = write(RESPONSE, CODEX)["output"]
    assert items == [
        {
            "id": "rs_1",
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": "Hm."}],
            "encrypted_content": "gAAA",
        },
        {
            "id": "msg_abc01",
            "type": "message",
            "status": "completed",
            "content": [{"type": "output_text", "annotations": [], "logprobs": [], "text": "안녕 🦊"}],
            "role": "assistant",
        },
        {
            "id": "fc_abc02",
            "type": "function_call",
            "status": "completed",
            "call_id": "call_1",
            "name": "spawn_agent",
            "namespace": "multi_agent_v1",
            "arguments": '{"message": "go"}',
        },
        {
            "id": "ctc_abc03",
            "type": "custom_tool_call",
            "status": "completed",
            "call_id": "call_2",
            "name": "apply_patch",
            "input": "*** Begin",
        },
        {
            "id": "fc_abc04",
            "type": "function_call",
            "status": "completed",
            "call_id": "call_3",
            "name": "exec_command",
            "arguments": "{}",
        },
    ]


def test_the_sdk_reads_the_answer() -> None:
    body = write_response(RESPONSE, 1_790_000_000, CODEX).body
    response = SdkResponse.model_validate_json(body)
    assert (response.id, response.model, response.status) == ("resp_abc", "local", "completed")
    assert response.output_text == "안녕 🦊"
    assert response.usage is not None and response.usage.input_tokens_details.cached_tokens == 3
    assert [tool.type for tool in response.tools] == ["function", "custom", "namespace", "web_search"]


@pytest.mark.parametrize(
    ("reason", "status", "why"),
    [
        (Reason.END, "completed", None),
        (Reason.TOOLS, "completed", None),
        (Reason.STOP_SEQUENCE, "completed", None),
        (Reason.PAUSE, "completed", None),
        (Reason.LENGTH, "incomplete", {"reason": "max_output_tokens"}),
        (Reason.CONTEXT_FULL, "incomplete", {"reason": "max_output_tokens"}),
        (Reason.CONTENT_FILTER, "incomplete", {"reason": "content_filter"}),
        (Reason.REFUSAL, "completed", None),
    ],
)
def test_endings(reason: Reason, status: str, why: object) -> None:
    body = write(Response((), Finish(reason), id="resp_1", model="m"))
    assert (body["status"], body["incomplete_details"]) == (status, why)
    assert (body["completed_at"] is None) == (status == "incomplete")


def test_a_refusal_says_so_and_has_words() -> None:
    silent = write(Response((Thinking("Hm"),), Finish(Reason.REFUSAL), id="resp_1", model="m"))
    assert [item["type"] for item in silent["output"]] == ["reasoning", "message", "message"]
    assert silent["output"][1]["content"][0]["text"] == "The model refused to answer."
    said = write(Response((Text("No."),), Finish(Reason.REFUSAL), id="resp_1", model="m"))
    assert [item["content"][0]["type"] for item in said["output"]] == ["output_text", "refusal"]
    again = read(json.dumps(said).encode())
    assert (again.parts, again.finish) == ((Text("No."),), Finish(Reason.REFUSAL))
    assert len({item["id"] for item in silent["output"]}) == 3


def test_a_call_that_was_cut_off_is_not_one_to_be_run() -> None:
    half = ToolCall("c", "Write", Raw(b'{"path":"a'))
    whole = ToolCall("d", "Read", Raw(b"{}"))
    cut = write(Response((whole, half), Finish(Reason.LENGTH), id="resp_1", model="m"))
    assert [item["status"] for item in cut["output"]] == ["completed", "incomplete"]
    broken = write(Response((half,), Finish(Reason.TOOLS), id="resp_1", model="m"))
    assert broken["output"][0]["status"] == "completed", "the model wrote it so (P29)"


def test_what_has_no_place_is_a_loss() -> None:
    parts = (
        Text("a", signature="s", origin="gemini"),
        Text("b", citations=Raw(b"[1]")),
        ToolCall("c", "f", signature="s", origin="gemini"),
        Opaque("anthropic", "server_tool_use", Raw(b"{}")),
        Image(url="https://a/b"),
    )
    extras = (Extra(0, "openai_chat", "logprobs", Raw(b"1")), Extra(-1, DIALECT, "mood", Raw(b"1")))
    written = write_response(Response(parts, Finish(Reason.END), extras=extras), 1)
    assert [loss.path for loss in written.losses] == [f"parts[{at}]" for at in range(5)] + ["extras"] * 2
    assert len(json.loads(written.body)["output"]) == 3


def test_annotations_and_phases_come_back() -> None:
    note = Extra(0, DIALECT, "annotation", Raw(b'{"type":"url_citation","url":"u","title":"t"}'))
    response = Response(
        (Text("Rain.", signature="final_answer", origin=DIALECT),),
        Finish(Reason.END),
        Usage(input=1, output=1),
        "resp_1",
        "m",
        (note,),
    )
    written = write_response(response, 1)
    assert written.losses == ()
    again = read(written.body)
    assert (again.parts, again.extras) == (response.parts, response.extras)


@given(data=st.data())
def test_law_5_an_answer_of_the_dialect_survives(data: st.DataObject) -> None:
    response = data.draw(native_responses(DIALECT))
    written = write_response(response, 1)
    assert written.losses == ()
    again = read(written.body)
    same(again, response)
    assert (again.id, again.model) == (response.id, response.model)


@given(response=responses())
def test_law_5_law_7_what_can_be_carried_of_any_answer_is_kept(response: Response) -> None:
    body = write_response(response, 1).body
    assert write_response(response, 1).body == body
    SdkResponse.model_validate_json(body)
    once = read(body)
    assert read(write_response(once, 1).body) == once


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", Garbled),
        (b"<html>", Garbled),
        (b"[]", Garbled),
        (b'{"id":"x"}', Garbled),
        (b'{"object":"chat.completion","choices":[]}', Garbled),
        (b'{"object":"response","status":"in_progress","output":[]}', Cut),
        (b'{"object":"response","status":"failed","error":{"code":"server_error","message":"x"}}', ProviderFault),
        (b'{"error":{"message":"no"}}', ProviderFault),
    ],
)
def test_law_9_what_is_no_answer_is_an_error(body: bytes, kind: type[GatewayError]) -> None:
    with pytest.raises(GatewayError) as caught:
        read(body)
    assert type(caught.value) is kind and caught.value.origin == "provider:lab"


@given(data=st.data())
def test_law_9_json_of_any_shape_is_survived(data: st.DataObject) -> None:
    body = json.loads(responses_whole(text="hi", thinking="Hm", tools=[("ls", {"a": 1})]))
    try:
        response = read(json.dumps(mangled(data, body)).encode())
    except GatewayError as error:
        assert error.message
        return
    json.loads(write_response(response, 1).body)


def test_p71_calls_and_counts_of_a_whole_answer() -> None:
    response = read((CASES / "codex" / "response.json").read_bytes())
    assert [name for _, name, _ in calls(response)] == ["multi_agent_v1__wait_agent", "exec_command"]
    assert (response.usage.input, response.usage.cache_read, response.usage.reasoning) == (808, 8192, 64)


def test_an_empty_text_is_no_words_of_a_refusal() -> None:
    """What stands there then has the words, as where there is no text at all."""
    empty = write_response(Response((Text(""),), Finish(Reason.REFUSAL)), 1)
    assert read(empty.body).parts == read(write_response(Response((), Finish(Reason.REFUSAL)), 1).body).parts
    assert "".join(part.text for part in read(empty.body).parts if isinstance(part, Text))
