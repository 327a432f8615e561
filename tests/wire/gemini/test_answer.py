"""Answers, part by part."""

from __future__ import annotations

import json

import pytest

from landbridge.errors import Forbidden, Garbled, Overloaded, Refused
from landbridge.neutral.events import Event, Failed, Finish, Kind, Reason, Start, Usage, check_grammar
from landbridge.neutral.parts import Opaque, Part, Text, Thinking, ToolCall
from landbridge.neutral.response import Response, collect
from landbridge.wire.gemini.answer import Answer
from tests.fakes.answers import Json, Tokens
from tests.fakes.gemini import gemini_call, gemini_chunk, gemini_error, gemini_part

from .google import ORIGIN, counting


def events_of(*chunks: Json) -> list[Event]:
    answer = Answer(counting(), ORIGIN)
    events: list[Event] = []
    for chunk in chunks:
        events += answer.read(json.dumps(chunk).encode())
    events = events if answer.ended else events + answer.finish()
    check_grammar(events)
    return events


def answer_of(*chunks: Json) -> Response:
    return collect(events_of(*chunks))


def parts_of(*parts: Json) -> tuple[Part, ...]:
    """The neutral parts, the same whether the pieces come in one chunk or each in its own."""
    at_once = answer_of(gemini_chunk(parts, "STOP")).parts
    assert answer_of(*(gemini_chunk([part]) for part in parts), gemini_chunk([], "STOP")).parts == at_once
    return at_once


def error_of(*chunks: Json) -> Exception:
    last = events_of(*chunks)[-1]
    assert isinstance(last, Failed)
    return last.error


def test_text_and_thoughts_in_any_order() -> None:
    assert parts_of(
        gemini_part("Hm", thought=True),
        gemini_part("Hel"),
        gemini_part("lo"),
        gemini_part("so", thought=True),
        gemini_part("bye"),
    ) == (Thinking("Hm"), Text("Hello"), Thinking("so"), Text("bye"))


def test_calls_come_whole_and_without_ids_get_new_ones() -> None:
    parts = parts_of(gemini_call("f", {"a": 1}), gemini_call("g", id="own"), gemini_call("f", {"a": 2}))
    assert [(part.id, part.name, bytes(part.args)) for part in parts if isinstance(part, ToolCall)] == [
        ("call_0", "f", b'{"a": 1}'),
        ("own", "g", b"{}"),
        ("call_1", "f", b'{"a": 2}'),
    ]


def test_p26_a_call_with_null_arguments_has_an_empty_object() -> None:
    (part,) = answer_of(gemini_chunk([{"functionCall": {"name": "f", "args": None}}], "STOP")).parts
    assert isinstance(part, ToolCall) and bytes(part.args) == b"{}"


def test_a_name_written_in_googles_letters_comes_back() -> None:
    (part,) = parts_of(gemini_call("lbn_3d.20.view", {}))
    assert isinstance(part, ToolCall) and part.name == "3d view"


def test_indentation_of_a_whole_answer_is_not_part_of_the_arguments() -> None:
    body = json.dumps(gemini_chunk([gemini_call("f", {"a": {"b": "x\n y"}})], "STOP"), indent=2).encode()
    (part,) = collect(Answer(counting(), ORIGIN).read_whole(body)).parts
    assert isinstance(part, ToolCall) and bytes(part.args) == b'{"a":{"b":"x\\n y"}}'


def test_p53_a_signature_stays_with_its_part() -> None:
    parts = parts_of(
        gemini_part("Hm", thought=True, signature="c2lnMQ=="),
        gemini_part("Hi", signature="c2lnMg=="),
        gemini_part(" there"),
        gemini_call("f", {}, id="1", signature="c2lnMw=="),
        gemini_call("g", {}, id="2"),
    )
    assert [(type(part), getattr(part, "signature", ""), getattr(part, "origin", "")) for part in parts] == [
        (Thinking, "c2lnMQ==", "gemini"),
        (Text, "c2lnMg==", "gemini"),
        (Text, "", ""),
        (ToolCall, "c2lnMw==", "gemini"),
        (ToolCall, "", ""),
    ]


def test_p53_a_signature_alone_belongs_to_the_text_before_it() -> None:
    assert parts_of(gemini_part("Hi"), gemini_part("", signature="c2ln")) == (Text("Hi", "c2ln", "gemini"),)


def test_p53_a_signature_that_belongs_to_nothing_is_an_empty_thought() -> None:
    expected = (Thinking("Hm"), Thinking("", "c2ln", origin="gemini"))
    assert parts_of(gemini_part("Hm", thought=True), gemini_part("", signature="c2ln")) == expected
    assert parts_of({"thoughtSignature": "c2ln"}) == (Thinking("", "c2ln", origin="gemini"),)
    twice = parts_of(gemini_part("Hi", signature="YQ=="), gemini_part("", signature="Yg=="))
    assert twice == (Text("Hi", "YQ==", "gemini"), Thinking("", "Yg==", origin="gemini"))


def test_empty_parts_are_nothing() -> None:
    assert parts_of(gemini_part(""), {}, {"text": None}, {"thought": True}, gemini_part("a"), gemini_part("")) == (
        Text("a"),
    )


def test_parts_of_google_alone_stay_as_they_are() -> None:
    code = {"executableCode": {"language": "PYTHON", "code": "print(1)"}, "thoughtSignature": "c2ln"}
    picture = {"thought": True, "inlineData": {"mimeType": "image/png", "data": "aWk="}}
    parts = parts_of(gemini_part("a"), code, picture, {"text": None, "hologram": 1})
    assert parts[0] == Text("a")
    assert [(part.name, json.loads(bytes(part.raw))) for part in parts if isinstance(part, Opaque)] == [
        ("executableCode", code),
        ("inlineData", picture),
        ("hologram", {"text": None, "hologram": 1}),
    ]


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("STOP", Reason.END),
        ("MAX_TOKENS", Reason.LENGTH),
        ("SAFETY", Reason.CONTENT_FILTER),
        ("RECITATION", Reason.CONTENT_FILTER),
        ("PROHIBITED_CONTENT", Reason.CONTENT_FILTER),
        ("BLOCKLIST", Reason.CONTENT_FILTER),
        ("SPII", Reason.CONTENT_FILTER),
        ("OTHER", Reason.END),
        ("A_NEW_WORD", Reason.END),
    ],
)
def test_why_it_ended(word: str, reason: Reason) -> None:
    assert answer_of(gemini_chunk([gemini_part("a")], word)).finish == Finish(reason)


def test_stop_with_calls_means_tools() -> None:
    assert answer_of(gemini_chunk([gemini_call("f", {})]), gemini_chunk([], "STOP")).finish.reason is Reason.TOOLS
    assert answer_of(gemini_chunk([gemini_call("f", {})], "MAX_TOKENS")).finish.reason is Reason.LENGTH


def test_an_unspecified_reason_is_none() -> None:
    answer = Answer(counting(), ORIGIN)
    answer.read(json.dumps(gemini_chunk([gemini_part("a")], "FINISH_REASON_UNSPECIFIED")).encode())
    assert not answer.is_over


@pytest.mark.parametrize("word", ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE"])
def test_an_answer_the_model_spoiled_is_an_error(word: str) -> None:
    error = error_of(gemini_chunk([], word, finishMessage="Malformed function call: print(f"))
    assert isinstance(error, Garbled) and error.code == word and "print(f" in error.message


def test_a_missing_signature_is_refused() -> None:
    assert isinstance(error_of(gemini_chunk([], "MISSING_THOUGHT_SIGNATURE")), Refused)


def test_a_blocked_prompt_is_said_clearly() -> None:
    feedback = {"blockReason": "PROHIBITED_CONTENT", "blockReasonMessage": "Not this."}
    answer = answer_of({"promptFeedback": feedback, "usageMetadata": {"promptTokenCount": 5}})
    assert answer.parts == (Text(f"[{ORIGIN} blocked the prompt: PROHIBITED_CONTENT. Not this.]"),)
    assert answer.finish.reason is Reason.CONTENT_FILTER and answer.usage == Usage(input=5)


def test_a_withheld_answer_is_said_clearly() -> None:
    assert answer_of(gemini_chunk([], "SAFETY")).parts == (Text(f"[{ORIGIN} withheld the answer: SAFETY]"),)
    assert answer_of(gemini_chunk([gemini_part("So")], "SAFETY")).parts == (Text("So"),)


def test_feedback_without_a_reason_is_nothing() -> None:
    assert answer_of(gemini_chunk([gemini_part("a")], "STOP") | {"promptFeedback": {}}).finish.reason is Reason.END


def test_p17_counts_in_any_chunk_and_the_last_win() -> None:
    first, last = Tokens(10, 2), Tokens(10, 9, 4, 0, 3)
    events = events_of(
        gemini_chunk([gemini_part("a")], usage=first), gemini_chunk([], "STOP"), gemini_chunk(None, usage=last)
    )
    assert events[0] == Start("resp_1", "gemini-3-pro", Usage(input=10, output=2))
    assert collect(events).usage == Usage(input=6, output=9, cache_read=4, reasoning=3)


def test_a_candidate_may_have_nothing_but_a_reason() -> None:
    chunk = {"candidates": [{"finishReason": "MAX_TOKENS"}]}
    assert answer_of(gemini_chunk([gemini_part("a")]), chunk).finish.reason is Reason.LENGTH


def test_only_the_first_candidate_counts() -> None:
    chunk = gemini_chunk([gemini_part("a")], "STOP")
    chunk["candidates"].append(
        {"index": 1, "content": {"parts": [gemini_part("b"), {"x": 1}]}, "finishReason": "OTHER"}
    )
    assert answer_of(chunk).parts == (Text("a"),)


def test_sources_and_citations_are_kept_beside() -> None:
    grounding = {"webSearchQueries": ["q"]}
    answer = answer_of(
        gemini_chunk([gemini_part("a")], "STOP", groundingMetadata=grounding, citationMetadata={"c": []})
    )
    assert [(extra.name, json.loads(bytes(extra.raw))) for extra in answer.extras] == [
        ("groundingMetadata", grounding),
        ("citationMetadata", {"c": []}),
    ]


def test_a_call_without_a_name_is_garbled() -> None:
    events = events_of(gemini_chunk([gemini_part("a"), {"functionCall": {"args": {}}}, gemini_part("b")], "STOP"))
    assert isinstance(events[-1], Failed) and isinstance(events[-1].error, Garbled)


@pytest.mark.parametrize("part", [b'{"hologram":"\x80"}', b'{"functionCall":{"name":"f","args":{"a":"\x80"}}}'])
def test_bytes_that_are_no_text_are_no_chunk(part: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        Answer(counting(), ORIGIN).read(b'{"candidates":[{"content":{"parts":[' + part + b"]}}]}")


def test_p13_an_error_keeps_what_was_counted() -> None:
    chunk = gemini_chunk([gemini_part("a")], usage=Tokens(7, 2))
    events = events_of(chunk, json.loads(gemini_error(503, "busy")[1]))
    assert events[-2] == Usage(input=7, output=2)
    assert isinstance(events[-1], Failed) and isinstance(events[-1].error, Overloaded)


def whole(body: bytes) -> list[Event]:
    return Answer(counting(), ORIGIN).read_whole(body)


def test_p18_a_whole_answer_without_a_reason_is_an_end() -> None:
    assert collect(whole(json.dumps(gemini_chunk([gemini_part("a")])).encode())).finish == Finish(Reason.END)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", Garbled),
        (b"no", Garbled),
        (b"{}", Garbled),
        (b"[]", Garbled),
        (b'{"candidates":[]}', Garbled),
        (b'{"candidates":{}}', Garbled),
        (b'{"candidates":[{"content":{"parts":[{"text":5}]}}]}', Garbled),
        (b'{"usageMetadata":{"promptTokenCount":1}}', Garbled),
        (b"[" * 9999, Garbled),
        (gemini_error(403, "no")[1], Forbidden),
        (b"[" + gemini_error(403, "no")[1] + b"]", Forbidden),
        (b'{"candidates":[{"content":{"parts":null},"finishReason":"MALFORMED_RESPONSE"}]}', Garbled),
    ],
)
def test_what_is_no_answer_is_an_error(body: bytes, kind: type[Exception]) -> None:
    last = whole(body)[-1]
    assert isinstance(last, Failed) and type(last.error) is kind


def test_a_block_has_one_kind() -> None:
    starts = [
        event.kind
        for event in events_of(gemini_chunk([gemini_part("a"), gemini_call("f", {})], "STOP"))
        if hasattr(event, "kind")
    ]
    assert starts == [Kind.TEXT, Kind.TOOL]
