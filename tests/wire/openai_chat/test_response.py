"""Whole answers, both ways."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec import Raw
from openai.types.chat import ChatCompletion

from landbridge.errors import Garbled, ProviderLimit
from landbridge.neutral.events import Extra, Finish, Reason, Usage
from landbridge.neutral.parts import Opaque, Text, Thinking, ToolCall
from landbridge.neutral.response import Response
from landbridge.wire.openai_chat.response import read_response, write_response

CASES = Path(__file__).parents[2] / "cases" / "openai_chat"


def read(case: str) -> Response:
    ids = iter("123")
    return read_response((CASES / case / "response.json").read_bytes(), lambda prefix: prefix + next(ids), "o")


def test_p26_text_and_calls() -> None:
    response = read("whole_tools")
    read_call = ToolCall("call_1", "Read", Raw(b'{"path": "a.txt"}'))
    assert response.parts == (Text("Looking."), read_call, ToolCall("call_2", "List"))
    assert response.finish.reason is Reason.TOOLS
    assert response.usage == Usage(input=82, output=17, cache_read=0)
    assert (response.id, response.model) == ("chatcmpl-w", "gpt-4o")


def test_p22_arguments_as_objects_and_calls_without_ids() -> None:
    response = read("whole_object_arguments")
    assert response.parts[0] == Thinking("Need it.")
    calls = [part for part in response.parts if isinstance(part, ToolCall)]
    assert [call.id for call in calls] == ["call_1", "call_2"]
    assert [json.loads(bytes(call.args)) for call in calls] == [{"b": 1, "a": 2.5}, {"b": 2}]
    assert response.finish.reason is Reason.TOOLS


def test_an_error_in_place_of_the_answer_is_raised() -> None:
    with pytest.raises(ProviderLimit):
        read_response(b'{"error":{"message":"slow","code":429}}', str, "o")
    with pytest.raises(Garbled):
        read_response(b"<html></html>", str, "o")


def test_law_5_what_is_written_is_read_again_and_the_sdk_takes_it() -> None:
    response = read("whole_tools")
    written = write_response(response, 1_790_000_000)
    assert ChatCompletion.model_validate(json.loads(written.body), strict=True).created == 1_790_000_000
    assert read_response(written.body, str, "o").parts == response.parts
    assert written.losses == ()


def test_what_has_no_place_is_a_loss() -> None:
    parts = (Thinking("r", signature="s", origin="anthropic"), Opaque("anthropic", "web", Raw(b"{}")), Text("x"))
    extras = (Extra(-1, "anthropic", "container", Raw(b"{}")), Extra(-1, "openai_chat", "logprobs", Raw(b"null")))
    written = write_response(Response(parts, Finish(Reason.PAUSE), extras=extras), 1)
    message = json.loads(written.body)["choices"][0]
    assert message["message"]["reasoning_content"] == "r"
    assert message["finish_reason"] == "stop"
    assert [loss.path for loss in written.losses] == ["parts[0]", "parts[1]", "extras"]
