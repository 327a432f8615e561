"""The history of a request."""

from __future__ import annotations

import json

import pytest
from msgspec import Raw

from landbridge.errors import BadRequest
from landbridge.neutral.parts import Message, Part, Text, Thinking, ToolCall, ToolResult
from landbridge.wire.gemini.read_contents import read_contents
from landbridge.wire.gemini.signatures import Signature, pack
from tests.fakes.answers import Json


def read(*contents: object) -> tuple[Message, ...]:
    return read_contents([Raw(json.dumps(content).encode()) for content in contents])


def content(role: str, *parts: Json) -> Json:
    return {"role": role, "parts": list(parts)}


def call(name: str, **more: object) -> Json:
    return {"functionCall": {"name": name, **more}}


def result(name: str = "", said: str = "ok", **more: object) -> Json:
    return {"functionResponse": {"name": name, "response": {"output": said}, **more}}


def ids(messages: tuple[Message, ...], kind: type[ToolCall] | type[ToolResult]) -> list[tuple[str, str]]:
    parts: list[Part] = [part for message in messages for part in message.parts]
    return [
        (part.id, part.name) for part in parts if isinstance(part, ToolCall | ToolResult) and isinstance(part, kind)
    ]


@pytest.mark.parametrize(
    ("role", "read_as"),
    [("user", "user"), ("model", "assistant"), ("function", "user"), ("system", "system"), ("narrator", "user")],
)
def test_roles(role: str, read_as: str) -> None:
    assert read(content(role, {"text": "a"})) == (Message(read_as, (Text("a"),)),)  # type: ignore[arg-type]


def test_no_role_is_the_user_unless_it_calls() -> None:
    messages = read(
        {"parts": [{"text": "a"}]}, {"parts": [call("f", id="1")]}, "b", {"role": None, "parts": {"text": "c"}}
    )
    assert [message.role for message in messages] == ["user", "assistant", "user", "user"]


def test_p31_calls_without_ids_get_the_same_ones_each_time() -> None:
    turns = [content("user", {"text": "a"}), content("model", {"text": "b"}, call("f"), call("f"))]
    answers = content("user", result("f", "1"), result("f", "2"))
    messages = read(*turns, answers)
    assert ids(messages, ToolCall) == ids(messages, ToolResult) == [("call_1_1", "f"), ("call_1_2", "f")]
    assert ids(read(*turns, answers, content("model", call("g"))), ToolCall)[:2] == ids(messages, ToolCall)


def test_p31_results_pair_by_name_then_by_order() -> None:
    calls = content("model", call("f", id="1"), call("g", id="2"), call("f", id="3"))
    assert ids(read(calls, content("user", result("g"), result("f"), result("f"))), ToolResult) == [
        ("2", "g"),
        ("1", "f"),
        ("3", "f"),
    ]
    assert ids(read(calls, content("user", result(), result(), result())), ToolResult) == [
        ("1", "f"),
        ("2", "g"),
        ("3", "f"),
    ]


def test_p31_a_result_with_an_id_keeps_it_and_gets_its_calls_name() -> None:
    calls = content("model", call("f", id="1"), call("g", id="2"))
    messages = read(calls, content("user", result(id="2"), {"text": "a"}, result("f")))
    assert ids(messages, ToolResult) == [("2", "g"), ("1", "f")]


def test_a_result_of_another_name_is_not_paired() -> None:
    messages = read(content("model", call("f", id="1")), content("user", result("x"), result("f")))
    assert ids(messages, ToolResult) == [("", "x"), ("1", "f")]


def test_p31_results_in_contents_of_their_own() -> None:
    calls = content("model", call("f"), call("f"))
    messages = read(calls, content("function", result("f", "1")), content("function", result("f", "2")))
    assert ids(messages, ToolResult) == [("call_0_0", "f"), ("call_0_1", "f")]


def test_p31_parallel_calls_in_contents_of_their_own_are_one_turn() -> None:
    messages = read(content("model", call("f")), content("model", call("g")), content("user", result("g"), result("f")))
    assert [message.role for message in messages] == ["assistant", "user"]
    assert ids(messages, ToolResult) == [("call_1_0", "g"), ("call_0_0", "f")]


def test_a_result_without_a_call_stays_as_it_is() -> None:
    messages = read(
        content("user", result("f")), content("model", call("g", id="1")), content("user", result("x", id="9"))
    )
    assert ids(messages, ToolResult) == [("", "f"), ("9", "x")]


def test_p53_p54_chunks_that_were_kept_apart_are_one_turn_again() -> None:
    """The history as Google's SDKs keep it after a stream, signs of life among the chunks."""
    packed = pack(Signature("sig", "anthropic"))
    hidden = {"text": "", "thought": True, "thoughtSignature": pack(Signature("all", "anthropic", redacted=True))}
    chunks: list[Json] = [
        {"text": ""},
        {"text": "H", "thought": True},
        {"text": ""},
        {"text": "m", "thought": True},
        {"text": "", "thought": True, "thoughtSignature": packed},
        hidden,
        {"text": "Hel"},
        {"text": ""},
        {"text": "lo", "thoughtSignature": "c2ln"},
        {"text": " you"},
        call("f", id="1"),
        {"text": ""},
    ]
    messages = read(content("user", {"text": "a"}), *(content("model", chunk) for chunk in chunks))
    assert messages[1:] == (
        Message(
            "assistant",
            (
                Thinking("Hm", "sig", origin="anthropic"),
                Thinking("", "all", redacted=True, origin="anthropic"),
                Text("Hello", "c2ln", "gemini"),
                Text(" you"),
                ToolCall("1", "f"),
            ),
        ),
    )


def test_parts_of_one_content_stay_apart() -> None:
    assert read(content("model", {"text": "a"}, {"text": "b"})) == (Message("assistant", (Text("a"), Text("b"))),)


def test_what_is_wrong_is_said_with_its_path() -> None:
    with pytest.raises(BadRequest, match=r"contents\[1\]\.parts\[0\]\.text"):
        read(content("user"), content("user", {"text": 1}))
    with pytest.raises(BadRequest, match=r"contents\[0\]\.role"):
        read({"role": 1})
    with pytest.raises(BadRequest, match=r"contents\[0\]: Expected"):
        read([1])
