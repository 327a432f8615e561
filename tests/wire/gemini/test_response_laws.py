"""The laws of whole answers for this dialect: stream = whole, back to back, the same bytes, only our errors.

Numbers are those of the laws in the design notes: 4, 5, 7, 9.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import GatewayError
from landbridge.neutral.events import Finish, Reason, Usage
from landbridge.neutral.parts import Opaque, Part, Text, Thinking
from landbridge.neutral.response import Response, collect, replay
from landbridge.wire.gemini.errors import read_error, write_error
from landbridge.wire.gemini.response import write_response
from landbridge.wire.gemini.write_stream import ArrayWriter, StreamWriter
from tests.fakes.answers import Tokens
from tests.fakes.gemini import gemini_chunks, gemini_error, gemini_list, gemini_stream, gemini_whole
from tests.laws.machines import same
from tests.laws.mangle import mangled
from tests.laws.strategies import arguments, counts, ids, names, responses, texts, tool_calls, words

from .google import NOW, ORIGIN, read, read_whole, write

CONTENT = st.fixed_dictionaries(
    {
        "text": texts,
        "thinking": texts,
        "tools": st.lists(st.tuples(names, arguments()), max_size=3),
        "usage": st.builds(
            Tokens, st.integers(20, 99), st.integers(9, 99), st.integers(0, 9), st.just(0), st.integers(0, 9)
        ),
    }
)


@st.composite
def native(draw: st.DrawFn) -> Response:
    """Answers in the form Gemini has itself: signatures on any part, calls with ids, parts of its own."""
    signed = {"signature": ids, "origin": st.just("gemini")}
    prose = st.one_of(st.builds(Text, words, **signed), st.builds(Thinking, words, **signed))
    code = Opaque("gemini", "executableCode", Raw(b'{"executableCode":{"code":"1+1","language":"PYTHON"}}'))
    foreign = st.builds(Thinking, st.just(""), signature=ids, redacted=st.just(True), origin=st.just("anthropic"))
    called = draw(st.lists(tool_calls(), max_size=3, unique_by=lambda call: call.id))
    parts: list[Part] = draw(
        st.permutations([*draw(st.lists(st.one_of(prose, st.just(code), foreign), max_size=4)), *called])
    )
    # Text without a signature continues in the next part of its kind, so it can only stand once in a row.
    if draw(st.booleans()):
        parts = [*parts, Text(draw(words))]
    usage = Usage(
        input=draw(st.integers(1, 9999)),
        output=draw(st.integers(99, 9999)),
        cache_read=draw(counts),
        reasoning=draw(st.integers(0, 99)),
    )
    reason = Reason.TOOLS if called else draw(st.sampled_from([Reason.END, Reason.LENGTH, Reason.CONTENT_FILTER]))
    if reason is Reason.CONTENT_FILTER and not any(isinstance(part, Text) for part in parts):
        parts = [*parts, Text("so")]  # an answer that says nothing gets words for what became of it
    return Response(tuple(parts), Finish(reason), usage, id=draw(ids), model=draw(names))


@given(content=CONTENT, piece=st.integers(1, 9))
def test_law_4_the_stream_says_what_the_whole_answer_says(content: dict[str, object], piece: int) -> None:
    streamed = collect(read([gemini_stream(**content, piece=piece)]))  # type: ignore[arg-type]
    listed = collect(read([gemini_list(gemini_chunks(**content, piece=piece))]))  # type: ignore[arg-type]
    at_once = read_whole(gemini_whole(**content))  # type: ignore[arg-type]
    for each in (streamed, listed):
        same(each, at_once)
        assert (each.id, each.model) == (at_once.id, at_once.model)


@given(response=native())
def test_law_5_p53_a_whole_answer_survives_its_own_dialect(response: Response) -> None:
    written = write_response(response, NOW)
    assert written.losses == ()
    again = read_whole(written.body)
    same(again, response)
    assert (again.id, again.model) == (response.id, response.model)


@pytest.mark.parametrize("writer", [StreamWriter, ArrayWriter])
@given(response=native())
def test_law_5_p53_a_streamed_answer_survives_its_own_dialect(writer: type[StreamWriter], response: Response) -> None:
    again = collect(read([write(replay(response), writer)]))
    same(again, response)


@given(response=responses())
def test_law_5_what_the_dialect_can_carry_of_any_answer_it_keeps(response: Response) -> None:
    once = read_whole(write_response(response, 1).body)
    assert read_whole(write_response(once, 1).body) == once


@given(response=responses())
def test_law_7_the_same_answer_gives_the_same_bytes(response: Response) -> None:
    assert write_response(response, 1) == write_response(response, 1)


@given(body=st.binary() | st.builds(lambda value: json.dumps(value).encode(), st.text() | st.integers() | st.none()))
def test_law_9_garbage_is_one_of_our_errors(body: bytes) -> None:
    with pytest.raises(GatewayError):
        read_whole(body)


@given(data=st.data(), content=CONTENT)
def test_law_9_json_of_any_shape_is_survived(data: st.DataObject, content: dict[str, object]) -> None:
    body = json.loads(gemini_whole(**content))  # type: ignore[arg-type]
    try:
        response = read_whole(json.dumps(mangled(data, body)).encode())
    except GatewayError as error:
        assert error.origin == ORIGIN
        return
    json.loads(write_response(response, 1).body)


@given(status=st.integers(400, 599), body=st.binary())
def test_law_9_p100_any_error_answer_is_read(status: int, body: bytes) -> None:
    error = read_error(status, body, ORIGIN, {})
    assert error.message and error.origin == ORIGIN


@given(data=st.data(), status=st.sampled_from([400, 401, 403, 404, 413, 429, 500, 502, 503, 529]))
def test_law_9_errors_survive_their_own_dialect(data: st.DataObject, status: int) -> None:
    _, said = gemini_error(status, "no", delay="3s", reason="WHY")
    body = json.dumps(mangled(data, json.loads(said))).encode()
    error = read_error(status, body, ORIGIN, {"retry-after": data.draw(st.text(max_size=3))})
    written = write_error(error, "req_1")
    assert json.loads(written)["error"]["message"]
    assert read_error(error.status, written, ORIGIN, {}).status == error.status
