"""The history: adjacency of calls and results, system turns, roles."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

from landbridge.neutral.parts import Document, Image, Message, Part, Role, Text, Thinking, ToolCall, ToolResult
from landbridge.neutral.request import Request
from landbridge.neutral.traits import Traits
from landbridge.wire.openai_chat.write_messages import NO_RESULT, args_text, write_messages

A, B = ToolCall("a", "Read", Raw(b'{"p": 1}')), ToolCall("b", "List")
PLAIN = Traits()
STRICT = Traits(system_turns="fold", alternate=True, content_with_calls=False)


def turn(role: Role, *parts: Part | str) -> Message:
    return Message(role, tuple(Text(part) if isinstance(part, str) else part for part in parts))


def result(id: str, *parts: Text | Image | Document | str, is_error: bool = False) -> ToolResult:
    return ToolResult(id, tuple(Text(part) if isinstance(part, str) else part for part in parts), is_error)


def write(*messages: Message, traits: Traits = PLAIN, system: tuple[Text, ...] = ()) -> list[dict[str, Any]]:
    return write_messages(Request("m", messages, system=system), traits)[0]


def shape(messages: list[dict[str, Any]]) -> list[str]:
    return [f"{message['role']}:{message['content']}" for message in messages]


def losses(*messages: Message, traits: Traits) -> list[str]:
    return [loss.path for loss in write_messages(Request("m", messages), traits)[1]]


def test_system_is_one_string_at_the_front() -> None:
    assert write(turn("user", "hi"), system=(Text("one"), Text(""), Text("two")))[0] == {
        "role": "system",
        "content": "one\n\ntwo",
    }


def test_p77_the_attribution_line_is_left_out() -> None:
    line = "x-anthropic-billing-header: cc_version=2.1.330.c6e; cc_entrypoint=sdk-cli;"
    assert write(turn("user", "hi"), system=(Text(line), Text("You are")))[0]["content"] == "You are"
    assert write(turn("user", "hi"), system=(Text(f"{line}\nYou are"),))[0]["content"] == "You are"
    assert shape(write(turn("user", "hi"), system=(Text(line),))) == ["user:hi"]


def test_calls_keep_their_arguments_byte_for_byte_and_results_follow() -> None:
    messages = write(
        turn("user", "hi"), turn("assistant", "I look.", A, B), turn("user", result("b", "B"), result("a", "A"))
    )
    function = {"name": "Read", "arguments": '{"p": 1}'}
    assert messages[1]["content"] == "I look."
    assert messages[1]["tool_calls"][0] == {"id": "a", "type": "function", "function": function}
    assert [(each["tool_call_id"], each["content"]) for each in messages[2:]] == [("b", "B"), ("a", "A")]


def test_p31_results_without_id_pair_by_position() -> None:
    messages = write(turn("assistant", A, B), turn("user", result("", "first"), result("b", "second")))
    assert [(each["tool_call_id"], each["content"]) for each in messages[1:]] == [("a", "first"), ("b", "second")]


def test_p32_missing_results_are_made_and_orphans_dropped() -> None:
    history = (
        turn("assistant", A, B),
        turn("user", result("b", "B"), result("zz", "orphan"), result("b", "again"), "go on"),
    )
    messages = write(*history)
    assert shape(messages) == ["assistant:None", "tool:B", f"tool:{NO_RESULT}", "user:go on"]
    assert losses(*history, traits=Traits()) == ["messages[1].parts[1]", "messages[1].parts[2]"]
    assert shape(write(turn("user", "x"), turn("assistant", A)))[-1] == f"tool:{NO_RESULT}"


def test_p33_an_id_is_changed_alike_in_call_and_result() -> None:
    call = ToolCall("toolu_" + "x" * 80, "f")
    messages = write(
        turn("assistant", call), turn("user", result(call.id, "r")), traits=Traits(tool_id_pattern="mistral9")
    )
    assert messages[0]["tool_calls"][0]["id"] == messages[1]["tool_call_id"]
    assert len(messages[1]["tool_call_id"]) == 9


def test_p42_p43_system_turns_stay_but_never_between_calls_and_results() -> None:
    history = (
        turn("user", "hi"),
        turn("system", "env"),
        turn("assistant", A),
        turn("system", "note"),
        turn("user", result("a", "A")),
    )
    assert shape(write(*history)) == ["user:hi", "system:env", "assistant:None", "tool:A", "system:note"]


def test_p42_p43_system_turns_are_folded_into_their_neighbour() -> None:
    fold = Traits(system_turns="fold")
    history = (
        turn("user", "hi"),
        turn("system", "env"),
        turn("assistant", A),
        turn("user", result("a", "A")),
        turn("system", "note"),
    )
    assert shape(write(*history, traits=fold)) == ["user:hi\n\nenv", "assistant:None", "tool:A\n\nnote"]
    with_text = (*history[:3], turn("user", result("a", "A"), "more"), turn("system", "note"))
    assert shape(write(*with_text, traits=fold))[2:] == ["tool:A", "user:more\n\nnote"]


def test_p44_an_emptied_assistant_turn_is_replaced() -> None:
    history = (turn("user", "a"), turn("assistant", Thinking("only")), turn("user", "b"))
    assert shape(write(*history)) == ["user:a", "assistant:(no text)", "user:b"]


def test_p50_p55_earlier_reasoning_goes_back_only_where_it_is_wanted() -> None:
    history = (turn("assistant", Thinking("mine"), Thinking("theirs", signature="s", origin="anthropic"), "x"),)
    assert write(*history)[0] == {"role": "assistant", "content": "x"}
    back = write(*history, traits=Traits(reasoning_back="reasoning_content"))[0]
    assert back == {"role": "assistant", "content": "x", "reasoning_content": "mine"}


@pytest.mark.parametrize("origin", ["", "anthropic", "gemini", "openai_responses"])
def test_p54_no_signature_reaches_a_chat_model(origin: str) -> None:
    secret = "c2VjcmV0"
    history = (
        turn("assistant", Thinking("Hm.", signature=secret, origin=origin), Text("x", signature=secret, origin=origin)),
        turn("assistant", Thinking(signature=secret, redacted=True, origin=origin), replace(A, signature=secret)),
        turn("user", result("a", "A")),
    )
    for traits in (Traits(), Traits(reasoning_back="reasoning_content")):
        assert secret not in json.dumps(write(*history, traits=traits))


def test_p57_pictures_of_results_follow_the_last_result() -> None:
    picture = Image(data="AA==", media_type="image/png")
    messages = write(turn("assistant", A, B), turn("user", result("a", "see", picture), result("b", "B"), "so?"))
    assert [message["role"] for message in messages] == ["assistant", "tool", "tool", "user", "user"]
    assert messages[1]["content"].startswith("see\n\n[")
    assert [part["type"] for part in messages[3]["content"]] == ["text", "image_url"]
    assert messages[4]["content"] == "so?"
    blind = write(turn("assistant", A), turn("user", result("a", picture)), traits=Traits(images=False))
    assert shape(blind) == ["assistant:None", "tool:[An image stood here; this model cannot see images.]"]


def test_p59_errors_are_marked() -> None:
    assert (
        shape(write(turn("assistant", A), turn("user", result("a", "no file", is_error=True))))[1]
        == "tool:Error: no file"
    )


def test_p61_never_an_empty_list() -> None:
    assert shape(write()) == ["user:Begin."]
    assert shape(write(turn("user", ""), system=(Text("s"),))) == ["system:s", "user:Begin."]


def test_p62_strict_templates() -> None:
    history = (
        turn("user", "a"),
        turn("user", "b"),
        turn("assistant", "I look.", A),
        turn("user", result("a", "A"), "go"),
    )
    assert shape(write(*history, traits=STRICT)) == [
        "user:a\n\nb",
        "assistant:None",
        "tool:[Said before this call: I look.]\n\nA\n\ngo",
    ]
    assert shape(write(*history, traits=Traits(content_with_calls=False)))[2:4] == [
        "assistant:I look.",
        "assistant:None",
    ]
    assert shape(write(turn("assistant", "a"), turn("assistant", "b"), traits=STRICT)) == ["assistant:a\n\nb"]


SINGLE = Traits(parallel_history=False)
C = ToolCall("c", "Grep")


def test_p62_parallel_calls_become_turns_where_a_template_takes_one_at_a_time() -> None:
    history = (
        turn("user", "hi"),
        turn("assistant", "look", A, B, C),
        turn("user", result("b", "2"), result("a", "1"), "!"),
    )
    written = write(*history, traits=SINGLE)
    calls = [[call["id"] for call in message.get("tool_calls", [])] for message in written]
    assert calls == [[], ["a"], [], ["b"], [], ["c"], [], []]
    assert [message.get("tool_call_id") for message in written if message["role"] == "tool"] == ["a", "b", "c"]
    assert shape(written)[1:4] == ["assistant:look", "tool:1", "assistant:None"]
    assert shape(written)[6:] == [f"tool:{NO_RESULT}", "user:!"]


def test_p62_a_single_call_is_written_as_ever() -> None:
    history = turn("user", "hi"), turn("assistant", "look", A), turn("user", result("a", "1"), "!")
    assert write(*history, traits=SINGLE) == write(*history)


def test_calls_of_one_id_pair_by_their_order() -> None:
    twin = ToolCall("a", "List")
    history = turn("assistant", A, twin), turn("user", result("a", "1"), result("a", "2"))
    for traits in (PLAIN, SINGLE):
        written = write(*history, traits=traits)
        names = [call["function"]["name"] for message in written for call in message.get("tool_calls", [])]
        assert names == ["Read", "List"]
        assert [message["content"] for message in written if message["role"] == "tool"] == ["1", "2"]


TURNS = st.lists(
    st.one_of(
        st.builds(lambda words: turn("user", words), st.sampled_from(["hi", "go"])),
        st.builds(
            lambda calls, words: turn("assistant", *words, *calls),
            st.lists(st.sampled_from([A, B, C]), max_size=4),
            st.lists(st.just("so"), max_size=1),
        ),
        st.builds(
            lambda ids: turn("user", *(result(id, f"result of {id}") for id in ids)),
            st.lists(st.sampled_from(["a", "b", "c", "", "d"]), max_size=4),
        ),
    ),
    max_size=7,
)


@given(TURNS, st.booleans(), st.booleans())
def test_p62_p80_one_call_at_a_time_says_all_that_many_at_once_say(
    turns: list[Message], alternate: bool, beside: bool
) -> None:
    many = replace(PLAIN, alternate=alternate, content_with_calls=beside)
    single = replace(many, parallel_history=False)
    turns = [turn("user", "Begin."), *turns]
    written, plain = write(*turns, traits=single), write(*turns, traits=many)

    def calls(messages: list[dict[str, Any]]) -> list[str]:
        return [call["function"]["name"] for message in messages for call in message.get("tool_calls", [])]

    def said(messages: list[dict[str, Any]]) -> list[str]:
        return sorted(str(message["content"]) for message in messages if message["content"])

    assert calls(written) == calls(plain)
    assert len([m for m in written if m["role"] == "tool"]) == len([m for m in plain if m["role"] == "tool"])
    if beside or not alternate:  # else words go to the first result, which need not be the same one
        assert said(written) == said(plain)
    assert losses(*turns, traits=single) == losses(*turns, traits=many)
    for message, after in zip(written, [*written[1:], {"role": "end"}], strict=True):
        assert len(message.get("tool_calls", [])) <= 1
        if message.get("tool_calls"):
            assert after["role"] == "tool" and after["tool_call_id"] == message["tool_calls"][0]["id"]
    for end in range(len(turns)):
        if turns[end].role == "assistant":  # what is written up to an assistant's turn stays
            before = write(*turns[:end], traits=single)
            assert alternate or written[: len(before)] == before


def test_a_model_without_tools_reads_the_history_as_text() -> None:
    messages = write(turn("assistant", A), turn("user", result("a", "A"), "go"), traits=Traits(tools=False))
    assert shape(messages) == ['assistant:[Called Read with {"p": 1}]', "user:[Tool result: A]", "user:go"]


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (b'{ "b": 1, "a": 2.50}', '{ "b": 1, "a": 2.50}'),
        (b"", "{}"),
        (b"  ", "{}"),
        (b"[1]", '{"input":[1]}'),
        (b'"x"', '{"input":"x"}'),
        (b'{"a": oops', '{"input":"{\\"a\\": oops"}'),
    ],
)
def test_p26_p29_arguments_are_always_an_object(args: bytes, text: str) -> None:
    assert args_text(Raw(args)) == text
