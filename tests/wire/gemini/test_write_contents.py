"""The history of a request."""

from __future__ import annotations

import json

from msgspec import Raw

from landbridge.neutral.parts import Image, Message, Opaque, Part, Role, Text, Thinking, ToolCall, ToolResult
from landbridge.neutral.request import Request
from landbridge.neutral.traits import Traits
from landbridge.wire.gemini.signatures import PLACEHOLDER
from landbridge.wire.gemini.types import encode
from landbridge.wire.gemini.write_contents import EMPTY_TURN, NO_RESULT, NO_TURN, write_contents
from tests.fakes.answers import Json

COMPLETE = Traits()


def turn(role: Role, *parts: Part) -> Message:
    return Message(role, parts)


def user(*parts: Part) -> Message:
    return turn("user", *parts)


def model(*parts: Part) -> Message:
    return turn("assistant", *parts)


def write(*messages: Message, traits: Traits = COMPLETE) -> list[Json]:
    contents, _ = write_contents(Request("m", messages), traits)
    written: list[Json] = json.loads(encode(contents))
    return written


def lost(*messages: Message, traits: Traits = COMPLETE) -> list[str]:
    return [loss.why for loss in write_contents(Request("m", messages), traits)[1]]


def result_of(name: str, id: str, said: str) -> Json:
    return {"functionResponse": {"id": id, "name": name, "response": {"output": said}}}


HI = user(Text("Hi"))


def test_a_conversation() -> None:
    assert write(HI, model(Text("Hello")), user(Text("Bye"))) == [
        {"role": "user", "parts": [{"text": "Hi"}]},
        {"role": "model", "parts": [{"text": "Hello"}]},
        {"role": "user", "parts": [{"text": "Bye"}]},
    ]


def test_p61_a_conversation_is_never_empty() -> None:
    assert write() == write(user(Text(""))) == [{"role": "user", "parts": [{"text": NO_TURN}]}]


def test_the_user_comes_first() -> None:
    assert [content["role"] for content in write(model(ToolCall("1", "f")))] == ["user", "model", "user"]


def test_turns_of_one_role_become_one() -> None:
    contents = write(HI, turn("system", Text("note")), user(Text("a")), model(Text("b")), model(Text("c")))
    assert contents == [
        {"role": "user", "parts": [{"text": "Hi"}, {"text": "note"}, {"text": "a"}]},
        {"role": "model", "parts": [{"text": "b"}, {"text": "c"}]},
    ]


def test_p44_a_turn_that_nothing_is_left_of_keeps_its_place() -> None:
    assert write(HI, model(Thinking("Hm")), HI)[1] == {"role": "model", "parts": [{"text": EMPTY_TURN}]}
    assert write(HI, model(), HI)[1]["role"] == "model"


def test_p32_p75_results_stand_together_in_the_order_of_their_calls() -> None:
    calls = model(ToolCall("1", "f"), Text("and"), ToolCall("2", "g"))
    answers = [user(Text("wait"), ToolResult("2", (Text("two"),))), turn("system", Text("note"))]
    contents = write(HI, calls, *answers, user(ToolResult("1", (Text("one"),))))
    assert contents[2]["parts"] == [
        result_of("f", "1", "one"),
        result_of("g", "2", "two"),
        {"text": "wait"},
        {"text": "note"},
    ]


def test_p32_a_missing_result_is_said() -> None:
    missing = {"functionResponse": {"id": "1", "name": "f", "response": {"error": NO_RESULT}}}
    assert write(HI, model(ToolCall("1", "f")))[2] == {"role": "user", "parts": [missing]}
    assert write(HI, model(ToolCall("1", "f")), model(Text("b")))[2]["parts"] == [missing]


def test_p32_results_without_a_call_or_twice_are_left_out() -> None:
    twice = user(ToolResult("1", (Text("a"),)), ToolResult("1", (Text("b"),)), ToolResult("9", (Text("c"),)))
    messages = (HI, model(ToolCall("1", "f")), twice)
    assert write(*messages)[2]["parts"] == [result_of("f", "1", "a")]
    assert lost(*messages) == ["a tool result without its call was left out"] * 2


def test_p31_results_without_ids_pair_by_order() -> None:
    answers = user(ToolResult("", (Text("a"),)), ToolResult("2", (Text("b"),)))
    contents = write(HI, model(ToolCall("1", "f"), ToolCall("2", "f")), answers)
    assert contents[2]["parts"] == [result_of("f", "1", "a"), result_of("f", "2", "b")]


def test_p31_calls_without_ids_get_one_of_their_place() -> None:
    contents = write(HI, model(ToolCall("", "f")), user(ToolResult("", (Text("a"),))))
    assert (
        contents[1]["parts"][0]["functionCall"]["id"] == contents[2]["parts"][0]["functionResponse"]["id"] == "call_1_0"
    )


def test_p59_an_error_is_said_as_one() -> None:
    contents = write(HI, model(ToolCall("1", "f")), user(ToolResult("1", (Text("no"),), is_error=True)))
    assert contents[2]["parts"][0]["functionResponse"]["response"] == {"error": "no"}


def test_p57_pictures_of_results_follow_them() -> None:
    picture = ToolResult("1", (Text("see"), Image(data="QQ==", media_type="image/png")))
    contents = write(HI, model(ToolCall("1", "f"), ToolCall("2", "g")), user(picture, ToolResult("2"), Text("so")))
    assert contents[2]["parts"] == [
        result_of("f", "1", "see"),
        result_of("g", "2", ""),
        {"text": "Returned by the tool call 1 (f):"},
        {"inlineData": {"mimeType": "image/png", "data": "QQ=="}},
        {"text": "so"},
    ]


def test_names_are_written_in_googles_letters_and_never_empty() -> None:
    contents = write(HI, model(ToolCall("1", "3d view")), user(ToolResult("1", name="")))
    call, result = contents[1]["parts"][0]["functionCall"], contents[2]["parts"][0]["functionResponse"]
    assert call["name"] == result["name"] == "lbn_3d.20.view"


def test_p26_p29_arguments_are_objects() -> None:
    contents = write(HI, model(ToolCall("1", "f", Raw(b"[1]")), ToolCall("2", "f", Raw(b""))))
    assert [part["functionCall"]["args"] for part in contents[1]["parts"]] == [{"input": [1]}, {}]


def test_targets_without_ids_get_none() -> None:
    contents = write(HI, model(ToolCall("1", "f")), user(ToolResult("1")), traits=Traits(tool_ids=False))
    assert "1" not in json.dumps(contents[1:]) and contents[1]["parts"][0]["functionCall"] == {"name": "f", "args": {}}


def test_p53_geminis_signatures_go_back_on_their_parts() -> None:
    said = model(
        Thinking("Hm", "s1", origin="gemini"),
        Text("", "s2", "gemini"),
        ToolCall("1", "f", signature="s3", origin="gemini"),
        ToolCall("2", "f"),
    )
    assert [part.get("thoughtSignature") for part in write(HI, said)[1]["parts"]] == ["s1", "s2", "s3", None]


def test_p53_a_call_that_gemini_did_not_make_gets_the_placeholder() -> None:
    foreign = model(ToolCall("1", "f", signature="x", origin="openai_responses"), ToolCall("2", "f"))
    assert [part.get("thoughtSignature") for part in write(HI, foreign)[1]["parts"]] == [PLACEHOLDER, None]
    later = model(Text("a"), ToolCall("1", "f"), ToolCall("2", "f", signature="s", origin="gemini"))
    assert [part.get("thoughtSignature") for part in write(HI, later)[1]["parts"]] == [None, PLACEHOLDER, "s"]


def test_p55_thoughts_of_others_are_left_out() -> None:
    said = model(Thinking("a", "s", origin="anthropic"), Thinking("b"), Text("c", "s", "anthropic"))
    assert write(HI, said)[1]["parts"] == [{"text": "c"}]


def test_parts_of_others_are_lost_and_said() -> None:
    said = model(
        Opaque("anthropic", "web", Raw(b"{}")), Opaque("gemini", "executableCode", Raw(b'{"executableCode":{}}'))
    )
    assert write(HI, said)[1]["parts"] == [{"executableCode": {}}]
    assert lost(HI, said) == ["a 'web' block of anthropic has no place in Gemini"]
    assert write(HI, model(Image(data="QQ==")))[1]["parts"][0]["inlineData"]["data"] == "QQ=="


def test_for_a_model_without_tools_calls_and_results_are_words() -> None:
    answer = user(ToolResult("1", (Text("no"), Image(data="QQ==")), is_error=True), ToolResult("2", (Text("yes"),)))
    contents = write(HI, model(ToolCall("1", "f", Raw(b'{"a":1}'))), answer, traits=Traits(tools=False))
    assert contents[1]["parts"] == [{"text": '[Called f with {"a":1}]'}]
    assert contents[2]["parts"] == [
        {"text": "[The tool failed: no]"},
        {"inlineData": {"mimeType": "image/png", "data": "QQ=="}},
        {"text": "[Tool result: yes]"},
    ]
