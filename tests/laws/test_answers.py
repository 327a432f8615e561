"""Laws of whole answers: stream = whole, back to back, only our errors (4, 5, 7, 9, 12)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.errors import GatewayError
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response, collect, replay
from landbridge.wire.dialects import dialect
from tests.fakes import answers
from tests.fakes.answers import Tokens
from tests.fakes.gemini import gemini_error, gemini_stream, gemini_whole
from tests.fakes.responses import responses_stream, responses_whole

from .machines import DIALECTS, ORIGIN, PAIRS, counting, read, same
from .mangle import mangled
from .strategies import arguments, names, native_responses, responses, texts

dialects = pytest.mark.parametrize("name", DIALECTS)
pairs = pytest.mark.parametrize(("source", "target"), PAIRS)

BUILDERS: dict[str, tuple[Callable[..., bytes], Callable[..., bytes]]] = {
    "openai_chat": (answers.chat_whole, answers.chat_stream),
    "anthropic": (answers.anthropic_whole, answers.anthropic_stream),
    "openai_responses": (responses_whole, responses_stream),
    "gemini": (gemini_whole, gemini_stream),
}
ERRORS: dict[str, Callable[..., tuple[int, bytes]]] = {
    "anthropic": partial(answers.anthropic_error, type="x"),
    "gemini": gemini_error,
}
CONTENT = st.fixed_dictionaries(
    {
        "text": texts,
        "thinking": texts,
        "tools": st.lists(st.tuples(names, arguments()), max_size=3),
        "usage": st.builds(Tokens, st.integers(20, 99), st.integers(1, 99), st.integers(0, 9)),
    }
)


def read_whole(name: str, body: bytes) -> Response:
    return dialect(name).read_response(body, counting(), ORIGIN)


@dialects
@given(content=CONTENT, piece=st.integers(1, 9))
def test_law_4_the_stream_says_what_the_whole_answer_says(name: str, content: dict[str, object], piece: int) -> None:
    whole, stream = (build(**content, **cut) for build, cut in zip(BUILDERS[name], ({}, {"piece": piece}), strict=True))
    streamed, at_once = collect(read(name, [stream])), read_whole(name, whole)
    same(streamed, at_once)
    assert (streamed.id, streamed.model) == (at_once.id, at_once.model)


@dialects
@given(data=st.data())
def test_law_5_a_whole_answer_survives_its_own_dialect(name: str, data: st.DataObject) -> None:
    response = data.draw(native_responses(name))
    written = dialect(name).write_response(response, 1_790_000_000)
    assert written.losses == ()
    again = read_whole(name, written.body)
    same(again, response)
    assert (again.id, again.model) == (response.id, response.model)


@dialects
@given(data=st.data())
def test_law_5_a_streamed_answer_survives_its_own_dialect(name: str, data: st.DataObject) -> None:
    response = data.draw(native_responses(name))
    writer = dialect(name).writer(response.id, response.model, 1_790_000_000, Request("m", ()))
    again = collect(read(name, [b"".join(writer.feed(event) for event in replay(response))]))
    assert writer.losses == []
    same(again, response)
    assert (again.id, again.model) == (response.id, response.model)


@dialects
@given(response=responses())
def test_law_5_what_a_dialect_can_carry_of_any_answer_it_keeps(name: str, response: Response) -> None:
    once = read_whole(name, dialect(name).write_response(response, 1).body)
    twice = read_whole(name, dialect(name).write_response(once, 1).body)
    assert twice == once


@dialects
@given(response=responses())
def test_law_7_the_same_answer_gives_the_same_bytes(name: str, response: Response) -> None:
    write = dialect(name).write_response
    assert write(response, 1) == write(response, 1)


@dialects
@given(
    body=st.binary()
    | st.builds(lambda value: json.dumps(value).encode(), st.from_type(str) | st.integers() | st.none())
)
def test_law_9_garbage_is_one_of_our_errors(name: str, body: bytes) -> None:
    with pytest.raises(GatewayError):
        read_whole(name, body)


@pairs
@given(data=st.data(), content=CONTENT)
def test_law_9_json_of_any_shape_is_survived(
    source: str, target: str, data: st.DataObject, content: dict[str, object]
) -> None:
    body = json.loads(BUILDERS[source][0](**content))
    try:
        response = read_whole(source, json.dumps(mangled(data, body)).encode())
    except GatewayError as error:
        assert error.origin == ORIGIN
        return
    json.loads(dialect(target).write_response(response, 1).body)


@dialects
@given(status=st.integers(400, 599), body=st.binary())
def test_law_9_p100_any_error_answer_is_read(name: str, status: int, body: bytes) -> None:
    error = dialect(name).read_error(status, body, ORIGIN, {})
    assert isinstance(error, GatewayError)
    assert error.message and error.origin == ORIGIN


@pairs
@given(data=st.data(), status=st.sampled_from([400, 401, 403, 404, 413, 429, 500, 502, 503, 529]))
def test_law_9_errors_cross_to_every_dialect(source: str, target: str, data: st.DataObject, status: int) -> None:
    _, said = ERRORS.get(source, answers.chat_error)(status, message="no")
    body = json.dumps(mangled(data, json.loads(said))).encode()
    error = dialect(source).read_error(status, body, ORIGIN, {"retry-after": data.draw(st.text(max_size=3))})
    written = json.loads(dialect(target).write_error(error, "req_1"))
    assert written["error"]["status" if target == "gemini" else "type"] and written["error"]["message"]
    if source == target:
        assert dialect(target).read_error(error.status, json.dumps(written).encode(), ORIGIN, {}).status == error.status
