"""The order of turns: results after their calls, roles in alternation, system notes in their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.neutral.parts import Image, Message, Part, Text, ToolCall, ToolReference, ToolResult
from landbridge.wire.anthropic.turns import MISSING, NO_TURN, arrange, as_words


def user(*parts: Part | str) -> Message:
    return Message("user", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def model(*parts: Part | str) -> Message:
    return Message("assistant", user(*parts).parts)


def note(text: str) -> Message:
    return Message("system", (Text(text),))


def call(id: str) -> ToolCall:
    return ToolCall(id, "Read")


def result(id: str, text: str = "") -> ToolResult:
    return ToolResult(id, (Text(text or f"of {id}"),))


def missing(id: str) -> ToolResult:
    return ToolResult(id, (Text(MISSING),), is_error=True)


def arranged(*messages: Message, fold: bool = False) -> list[Message]:
    lost: list[str] = []
    turns = arrange(messages, lambda path, why: lost.append(path), fold)
    assert lost == []
    return [Message(turn.role, tuple(part for _, part in turn.parts)) for turn in turns]


def test_an_orderly_conversation_stays() -> None:
    messages = [user("hi"), model("Reading.", call("a")), user(result("a")), model("Done."), user("and?")]
    assert arranged(*messages) == messages


def test_two_turns_of_one_role_become_one() -> None:
    assert arranged(user("a"), user("b"), model("c"), model("d")) == [user("a", "b"), model("c", "d")]


def test_p32_calls_without_a_result_get_one() -> None:
    lone = [user("x"), model(call("a"), call("b"))]
    assert arranged(*lone)[2:] == [user(missing("a"), missing("b"))]
    assert arranged(*lone, user(result("b"), "go on"))[2:] == [user(result("b"), missing("a"), "go on")]
    assert arranged(*lone, user("go on"))[2:] == [user(missing("a"), missing("b"), "go on")]
    assert arranged(*lone, model("Well."))[2:] == [user(missing("a"), missing("b")), model("Well.")]
    assert arranged(*lone, note("n"))[2:] == [user(missing("a"), missing("b")), note("n")]


def test_p32_results_come_first_in_their_turn() -> None:
    said = arranged(user("x"), model(call("a"), call("b")), user("first", result("b"), "then", result("a")))
    assert said[2] == user(result("b"), result("a"), "first", "then")


@pytest.mark.parametrize(
    ("messages", "lost"),
    [
        ([user(result("a"))], ["messages[0].parts[0]"]),
        ([user("x"), model(call("a")), user(result("a"), result("a"))], ["messages[2].parts[1]"]),
        ([user("x"), model(call("a")), user(result("b"), "y")], ["messages[2].parts[0]"]),
        ([user("x"), model(call("a")), user(result("a")), user(result("a"))], ["messages[3].parts[0]"]),
        ([user("x"), model("y"), user(result(""))], ["messages[2].parts[0]"]),
    ],
)
def test_p32_results_without_a_call_are_left_out_and_reported(messages: list[Message], lost: list[str]) -> None:
    paths: list[str] = []
    turns = arrange(messages, lambda path, why: paths.append(path))
    assert paths == lost
    results = [part.id for turn in turns for _, part in turn.parts if isinstance(part, ToolResult)]
    assert results == [part.id for message in messages for part in message.parts if isinstance(part, ToolCall)]


def test_parts_know_where_they_stood() -> None:
    turns = arrange([user("a"), user("b"), note("n"), model("c")], lambda path, why: None)
    assert [[path for path, _ in turn.parts] for turn in turns] == [
        ["messages[0].parts[0]", "messages[1].parts[0]"],
        ["messages[2].parts[0]"],
        ["messages[3].parts[0]"],
    ]


def test_p43_system_turns_stay_where_they_are() -> None:
    messages = [user("hi"), note("environment"), model("yes"), user("go"), note("left: 9"), note("left: 8")]
    assert arranged(*messages) == messages


def test_p43_no_note_comes_between_calls_and_results() -> None:
    said = arranged(user("x"), model(call("a")), note("one"), note("two"), user(result("a")), note("three"))
    assert said == [user("x"), model(call("a")), user(result("a")), note("one"), note("two"), note("three")]


def test_p42_p43_folded_notes_stay_in_their_place_too() -> None:
    said = arranged(
        note("start"), user("x"), note("n"), model(call("a")), note("m"), user(result("a"), "y"), note("o"), fold=True
    )
    assert said == [user("start", "x", "n"), model(call("a")), user(result("a"), "y", "m", "o")]


def test_p61_a_conversation_is_never_empty_and_begins_with_the_user() -> None:
    assert arranged() == [user(NO_TURN)]
    assert arranged(note("n")) == [note("n"), user(NO_TURN)]
    assert arranged(note("n"), fold=True) == [user("n")]
    assert arranged(model("Hello.")) == [user(NO_TURN), model("Hello.")]
    assert arranged(note("n"), model("Hello."), user("x")) == [note("n"), user(NO_TURN), model("Hello."), user("x")]


def test_a_model_without_tools_reads_of_them() -> None:
    call = ToolCall("a", "Read", Raw(b'{"path": "x"}'))
    parts = (Text("text of x"), ToolReference("WebFetch"), Image(url="u"))
    failed = ToolResult("b", (Text("no"),), is_error=True)
    assert as_words([model("Hm.", call), user(ToolResult("a", parts), failed, "and?"), note("n")]) == [
        model("Hm.", '[Called Read with {"path": "x"}]'),
        user(
            *("[The tool answered:]", "text of x", "WebFetch is loaded now.", Image(url="u")),
            *("[The tool failed:]", "no", "and?"),
        ),
        note("n"),
    ]


_parts = st.one_of(
    st.sampled_from(["a", "b", "c"]).map(call), st.sampled_from(["a", "b", "c", ""]).map(result), st.just(Text("x"))
)
_messages = st.builds(
    Message, st.sampled_from(["user", "assistant", "system"]), st.lists(_parts, max_size=4).map(tuple)
).map(lambda message: note("n") if message.role == "system" else message)


def _legal(message: Message) -> bool:
    """The wire has calls only in assistant turns, each with its own id, and results only in those of users."""
    calls = [part.id for part in message.parts if isinstance(part, ToolCall)]
    if message.role == "user":
        return not calls
    return len(set(calls)) == len(calls) and not any(isinstance(part, ToolResult) for part in message.parts)


@given(st.lists(_messages.filter(_legal), max_size=8), st.booleans())
def test_p32_any_conversation_becomes_one_the_api_takes(messages: list[Message], fold: bool) -> None:
    turns = arrange(messages, lambda path, why: None, fold)
    spoken = [turn.role for turn in turns if turn.role != "system"]
    assert spoken[0] == "user"
    assert fold <= ("system" not in {turn.role for turn in turns})
    for number, turn in enumerate(turns):
        before = turns[number - 1] if number else None
        assert before is None or turn.role == "system" or before.role != turn.role
        due = [] if before is None else [part.id for _, part in before.parts if isinstance(part, ToolCall)]
        parts = [part for _, part in turn.parts]
        assert sorted(part.id for part in parts if isinstance(part, ToolResult)) == sorted(due)
        assert all(isinstance(part, ToolResult) for part in parts[: len(due)])
