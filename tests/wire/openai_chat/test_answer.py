"""One answer from chunks: fields that differ between backends, and ends that are none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from landbridge.errors import Cut, Garbled, Overloaded
from landbridge.neutral.events import Event, Extra, Failed, Finish, Reason
from landbridge.neutral.parts import Part, Text, Thinking, ToolCall
from landbridge.neutral.response import collect
from landbridge.wire.openai_chat.answer import Answer


def whole(message: dict[str, Any], finish: str | None = "stop", **more: object) -> list[Event]:
    body = {"id": "c", "model": "m", "choices": [{"message": message, "finish_reason": finish, **more}]}
    return Answer(lambda prefix: prefix + "1", "lab").read_whole(json.dumps(body).encode())


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ({"content": "a", "reasoning_content": "r"}, [Thinking("r"), Text("a")]),
        ({"content": "a", "reasoning": "r", "reasoning_details": [{"text": "r"}]}, [Thinking("r"), Text("a")]),
        ({"content": "a", "reasoning_details": [{"text": "r"}, {"summary": "s"}]}, [Thinking("rs"), Text("a")]),
        ({"content": [{"type": "text", "text": "a"}, "b", {"type": "new"}, 5]}, [Text("ab")]),
        ({"content": None}, []),
        ({"content": 5, "reasoning": {"text": "r"}}, [Thinking("r")]),
    ],
)
def test_content_and_reasoning_in_every_form(message: dict[str, Any], parts: list[Part]) -> None:
    assert list(collect(whole(message)).parts) == parts


def test_a_refusal_is_text_with_its_reason() -> None:
    response = collect(whole({"content": None, "refusal": "I cannot."}))
    assert (response.parts, response.finish.reason) == ((Text("I cannot."),), Reason.REFUSAL)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("stop", Reason.END),
        ("length", Reason.LENGTH),
        ("content_filter", Reason.CONTENT_FILTER),
        ("tool_calls", Reason.END),  # although no call came
        ("eos", Reason.END),
        (None, Reason.END),
    ],
)
def test_finish_words(word: str | None, reason: Reason) -> None:
    assert whole({"content": "x"}, word)[-1] == Finish(reason)


@pytest.mark.parametrize(
    ("word", "kind"), [("error", Cut), ("abort", Cut), ("insufficient_system_resource", Overloaded)]
)
def test_finish_words_that_are_failures(word: str, kind: type[Exception]) -> None:
    last = whole({"content": "x"}, word)[-1]
    assert isinstance(last, Failed) and isinstance(last.error, kind)


def test_the_old_function_call_is_a_tool_call() -> None:
    response = collect(
        whole({"content": None, "function_call": {"name": "f", "arguments": '{"a":1}'}}, "function_call")
    )
    assert [type(part).__name__ for part in response.parts] == ["ToolCall"]
    assert response.finish.reason is Reason.TOOLS


def test_log_probabilities_and_annotations_are_kept() -> None:
    events = whole({"content": "x", "annotations": [{"a": 1}]}, logprobs={"content": []})
    found = {event.name: json.loads(bytes(event.raw)) for event in events if isinstance(event, Extra)}
    assert found == {"annotations": [{"a": 1}], "logprobs": {"content": []}}


def test_other_choices_are_not_mixed_in() -> None:
    body = {"choices": [{"index": 1, "message": {"content": "b"}}, {"index": 0, "message": {"content": "a"}}]}
    events = Answer(str, "lab").read_whole(json.dumps(body).encode())
    assert collect(events).parts == (Text("a"),)


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"choices":[]}', b'{"choices":5}', b"<html>", b"", b"\xff"])
def test_what_is_no_answer_is_garbled(body: bytes) -> None:
    events = Answer(str, "lab").read_whole(body)
    assert isinstance(events[-1], Failed) and isinstance(events[-1].error, Garbled)


@pytest.mark.parametrize("index", [None, 0])
def test_p21_p22_each_call_of_a_whole_answer_is_a_call(index: int | None) -> None:
    """Some backends use the tool's name as the id of each of its calls, and count none of them."""
    calls = [
        {"index": index, "id": "Read", "function": {"name": "Read", "arguments": args}}
        for args in ('{"a":1}', "", '{"a":2}')
    ]
    parts = collect(whole({"tool_calls": calls}, "tool_calls")).parts
    assert [bytes(part.args) for part in parts if isinstance(part, ToolCall)] == [b'{"a":1}', b"{}", b'{"a":2}']
