"""Whole answers."""

from __future__ import annotations

import json

import pytest
from msgspec import Raw

from landbridge.errors import Forbidden
from landbridge.neutral.events import Extra, Finish, Reason, Usage
from landbridge.neutral.parts import Image, Opaque, Part, Text, Thinking, ToolCall
from landbridge.neutral.response import Response
from landbridge.wire.gemini.response import write_piece, write_response
from tests.fakes.answers import Json
from tests.fakes.gemini import gemini_error, gemini_whole

from .google import NOW, read_whole


def written(*parts: Part, reason: Reason = Reason.END, **more: object) -> Json:
    response = Response(parts, Finish(reason), id="r", model="m", **more)  # type: ignore[arg-type]
    body: Json = json.loads(write_response(response, NOW).body)
    return body


def test_p34_thinking_text_and_calls() -> None:
    call = ToolCall("c1", "f", Raw(b'{ "a": 1 }'))
    body = written(Thinking("Hm"), Text("Hi"), call, reason=Reason.TOOLS, usage=Usage(input=1, output=2))
    assert body == {
        "candidates": [
            {
                "content": {
                    "parts": [
                        {"text": "Hm", "thought": True},
                        {"text": "Hi"},
                        {"functionCall": {"id": "c1", "name": "f", "args": {"a": 1}}},
                    ],
                    "role": "model",
                },
                "finishReason": "STOP",
                "index": 0,
            }
        ],
        "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 2, "totalTokenCount": 3},
        "modelVersion": "m",
        "responseId": "r",
    }


def test_an_empty_answer_still_has_a_part() -> None:
    """The SDKs keep no answer in their history that has none."""
    assert written()["candidates"][0]["content"]["parts"] == [{"text": ""}]


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (Reason.END, "STOP"),
        (Reason.LENGTH, "MAX_TOKENS"),
        (Reason.STOP_SEQUENCE, "STOP"),
        (Reason.REFUSAL, "PROHIBITED_CONTENT"),
        (Reason.CONTENT_FILTER, "SAFETY"),
        (Reason.PAUSE, "STOP"),
        (Reason.CONTEXT_FULL, "MAX_TOKENS"),
    ],
)
def test_why_it_ended(reason: Reason, word: str) -> None:
    assert written(Text("a"), reason=reason)["candidates"][0]["finishReason"] == word


def test_p53_signatures_of_all_providers() -> None:
    parts = written(
        ToolCall("c", "f", signature="c2ln", origin="gemini"),
        Thinking("Hm", "x", origin="anthropic"),
        Thinking("", "y", redacted=True, origin="anthropic"),
    )["candidates"][0]["content"]["parts"]
    assert parts[0]["thoughtSignature"] == "c2ln"
    assert parts[1]["thoughtSignature"] != "x" and parts[2]["text"] == ""


def test_what_has_no_place_is_lost_and_said() -> None:
    extras = (Extra(-1, "gemini", "groundingMetadata", Raw(b'{"a":1}')), Extra(0, "anthropic", "note", Raw(b"1")))
    own, other = (
        Opaque("gemini", "executableCode", Raw(b'{"executableCode":{}}')),
        Opaque("anthropic", "web", Raw(b"{}")),
    )
    result = write_response(Response((own, other, Image(url="x")), Finish(Reason.END), extras=extras), NOW)
    candidate = json.loads(result.body)["candidates"][0]
    assert candidate["content"]["parts"] == [{"executableCode": {}}] and candidate["groundingMetadata"] == {"a": 1}
    assert [loss.path for loss in result.losses] == ["parts[1]", "extras"]
    assert write_piece(Image(url="x")) is None


def test_a_whole_answer_is_read() -> None:
    answer = read_whole(gemini_whole("Hi", thinking="Hm"))
    assert answer.parts == (Thinking("Hm"), Text("Hi")) and answer.id == "resp_1"
    with pytest.raises(Forbidden):
        read_whole(gemini_error(403, "no")[1])
