"""Hosted calls of earlier turns, for a model to which the client's blocks mean nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from msgspec import Raw

from landbridge.neutral.parts import Message, Opaque, Part, Text, Thinking, ToolCall, ToolResult
from landbridge.neutral.request import Request
from landbridge.neutral.traits import Traits
from landbridge.wire.anthropic.request import read_request, write_request
from landbridge.wire.hosted.faces import face
from landbridge.wire.hosted.history import unfold
from landbridge.wire.hosted.outcome import Fault, Found, Outcome, Page, told
from landbridge.wire.hosted.use import OURS, Use, use_of
from landbridge.wire.openai_chat.request import write_request as write_chat
from landbridge.wire.search.query import Result

ASK = Message("user", (Text("What is new?"),))
USES = [use_of(f"{OURS}{number}", "search", "web_search", f'{{"query":"q{number}"}}') for number in range(4)]
OUTCOMES: list[Outcome] = [Found((Result("https://a.example/", "A", "said"),)), Found(()), Fault("unavailable")]
CALL = ToolCall("toolu_1", "Read", Raw(b'{"x":1}'))
RESULT = ToolResult("toolu_1", (Text("file"),))


def asked(number: int, dialect: str = "anthropic") -> Part:
    part = face(dialect).asked(USES[number])
    assert part is not None
    return part


def answered(number: int, dialect: str = "anthropic") -> Part:
    part = face(dialect).answered(USES[number], OUTCOMES[number % 3])
    assert part is not None
    return part


def call(number: int) -> ToolCall:
    return ToolCall(USES[number].id, "web_search", USES[number].args)


def result(number: int) -> ToolResult:
    outcome = OUTCOMES[number % 3]
    return ToolResult(USES[number].id, (Text(told(outcome)),), is_error=isinstance(outcome, Fault))


def unfolded(*messages: Message, dialect: str = "openai_chat") -> list[tuple[str, tuple[Part, ...]]]:
    found = unfold(Request("m", messages), dialect)
    return [(message.role, message.parts) for message in found.messages]


def said(*parts: Part) -> Message:
    return Message("assistant", parts)


def test_web_search_blocks_become_a_call_and_its_result() -> None:
    turn = said(Thinking("Hm."), Text("I look."), asked(0), answered(0), Text("It is A."))
    assert unfolded(ASK, turn, ASK) == [
        ("user", ASK.parts),
        ("assistant", (Thinking("Hm."), Text("I look."), call(0))),
        ("user", (result(0),)),
        ("assistant", (Text("It is A."),)),
        ("user", ASK.parts),
    ]


def test_searches_one_after_the_other_are_rounds() -> None:
    turn = said(asked(0), answered(0), asked(1), answered(1), Text("Done."))
    assert unfolded(ASK, turn)[1:] == [
        ("assistant", (call(0),)),
        ("user", (result(0),)),
        ("assistant", (call(1),)),
        ("user", (result(1),)),
        ("assistant", (Text("Done."),)),
    ]


def test_searches_at_once_are_one_round() -> None:
    turn = said(asked(0), asked(1), asked(2), answered(0), answered(1), answered(2), Text("Done."))
    assert unfolded(ASK, turn)[1:] == [
        ("assistant", (call(0), call(1), call(2))),
        ("user", (result(0), result(1), result(2))),
        ("assistant", (Text("Done."),)),
    ]


def test_beside_a_call_of_the_client_s_all_results_stand_together() -> None:
    turn = said(Text("Both."), asked(0), CALL, answered(0))
    assert unfolded(ASK, turn, Message("user", (RESULT, Text("go on"))))[1:] == [
        ("assistant", (Text("Both."), call(0), CALL)),
        ("user", (result(0), RESULT, Text("go on"))),
    ]


def test_a_client_s_call_after_a_search_is_a_round_of_its_own() -> None:
    turn = said(asked(0), answered(0), CALL)
    assert unfolded(ASK, turn, Message("user", (RESULT,)))[1:] == [
        ("assistant", (call(0),)),
        ("user", (result(0),)),
        ("assistant", (CALL,)),
        ("user", (RESULT,)),
    ]


def test_a_result_that_came_in_the_next_turn_joins_its_call() -> None:
    """As Anthropic itself does where the client's tools run first."""
    first, second = said(asked(0), CALL), said(answered(0), Text("Done."))
    assert unfolded(ASK, first, Message("user", (RESULT,)), second)[1:] == [
        ("assistant", (call(0), CALL)),
        ("user", (result(0), RESULT)),
        ("assistant", (Text("Done."),)),
    ]


def test_a_result_without_a_call_stays_and_is_reported() -> None:
    turn = said(answered(0), Text("Done."))
    found = unfold(Request("m", (ASK, turn)), "openai_chat")
    assert found.messages[1].parts[0] == answered(0)
    assert [loss.path for loss in write_chat(found, "m", Traits()).losses] == ["messages[1].parts[0]"]


def test_a_turn_that_was_paused_has_its_results() -> None:
    assert unfolded(ASK, said(asked(0), answered(0)))[1:] == [("assistant", (call(0),)), ("user", (result(0),))]
    assert unfolded(ASK, said(asked(0)))[1:] == [("assistant", (call(0),))]


def test_a_page_comes_back_whole() -> None:
    use = use_of(f"{OURS}9", "fetch", "web_fetch", '{"url":"https://a.example/"}')
    page = Page("https://a.example/", "A", "body", "2026-11-26T00:00:00+00:00")
    blocks = face("anthropic")
    parts = [part for part in (blocks.asked(use), blocks.answered(use, page)) if part is not None]
    found = unfolded(ASK, said(*parts))
    assert found[2][1] == (ToolResult(use.id, (Text(told(page)),)),)


def test_the_dialect_s_own_stay_for_its_own_provider() -> None:
    theirs = Opaque("anthropic", "server_tool_use", Raw(b'{"id":"srvtoolu_01","name":"web_search","input":{}}'))
    request = Request("m", (ASK, said(theirs, Text("x"))))
    assert unfold(request, "anthropic") is request
    assert unfolded(ASK, said(asked(0), answered(0), theirs), dialect="anthropic")[1:] == [
        ("assistant", (call(0),)),
        ("user", (result(0),)),
        ("assistant", (theirs,)),
    ]


def test_other_opaque_blocks_stay() -> None:
    for part in (Opaque("anthropic", "hologram", Raw(b"{}")), Opaque("else", "web_search_call", Raw(b"{}"))):
        request = Request("m", (ASK, said(part)))
        assert unfold(request, "openai_chat") is request


def test_items_of_responses_are_calls_too() -> None:
    turn = said(answered(0, "openai_responses"), answered(1, "openai_responses"), Text("Done."))
    assert [parts for _, parts in unfolded(ASK, turn)[1:]] == [
        (call(0),),
        (result(0),),
        (call(1),),
        (result(1),),
        (Text("Done."),),
    ]


HISTORIES: list[Sequence[Message]] = [
    (ASK, said(Text("a"), asked(0), answered(0), asked(1), answered(1), Text("b")), ASK),
    (ASK, said(asked(0), asked(1), answered(0), answered(1), Text("b")), ASK),
    (ASK, said(asked(0), CALL, answered(0)), Message("user", (RESULT,)), said(Text("b")), ASK),
]


@pytest.mark.parametrize("history", HISTORIES)
def test_what_is_written_of_it_is_legal_and_grows_at_its_end(history: Sequence[Message]) -> None:
    """Every call has its result right behind it, and a longer history begins as the shorter one (P32, P80)."""
    before: list[dict[str, Any]] = []
    for length in range(1, len(history) + 1):
        request = unfold(Request("m", tuple(history[:length])), "openai_chat")
        written = write_chat(request, "m", Traits())
        assert not written.losses
        messages = json.loads(written.body)["messages"]
        assert "missing" not in json.dumps(messages) or length == 2
        if history[length - 1].role == "user":
            assert messages[: len(before)] == before
            before = messages
        anthropic = write_request(request, "m", Traits())
        assert not anthropic.losses
        roles = [message["role"] for message in json.loads(anthropic.body)["messages"]]
        assert all(one != other for one, other in pairwise(roles))


def test_a_body_of_claude_code_s_is_unfolded_as_the_model_was_asked() -> None:
    """The loop's own history and the client's copy of it give the same prompt."""
    use: Use = USES[0]
    blocks = [json.loads(bytes(part.raw)) for part in (asked(0), answered(0)) if isinstance(part, Opaque)]
    body = {
        "model": "m",
        "messages": [
            {"role": "user", "content": "What is new?"},
            {"role": "assistant", "content": [*blocks, {"type": "text", "text": "It is A."}]},
        ],
    }
    sent_back = unfold(read_request(json.dumps(body, separators=(",", ":")).encode()), "openai_chat")
    turns = (Message("assistant", (ToolCall(use.id, use.name, use.args),)), Message("user", (result(0),)))
    in_the_loop = Request("m", (ASK, *turns, said(Text("It is A."))))
    assert write_chat(sent_back, "m", Traits()).body == write_chat(in_the_loop, "m", Traits()).body
