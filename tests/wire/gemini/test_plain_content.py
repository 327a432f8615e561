"""The short way for plain contents gives what the long one gives, and takes no other content."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import BadRequest
from landbridge.neutral.parts import Message, Part, Text, Thinking, ToolCall, ToolResult
from landbridge.wire.gemini import read_contents
from landbridge.wire.gemini.plain_content import read_plain
from landbridge.wire.gemini.signatures import Signature, pack
from tests.fakes.answers import Json


def dump(value: object) -> Raw:
    return Raw(json.dumps(value).encode())


def content(*parts: object, **fields: object) -> Raw:
    return dump({"role": "user", "parts": parts, **fields})


def result(**response: object) -> Json:
    return {"functionResponse": {"id": "1", "name": "f", "response": response}}


PACKED = pack(Signature("s", "anthropic"))


@pytest.mark.parametrize(
    ("part", "read"),
    [
        ({"text": "Hi"}, Text("Hi")),
        ({"text": ""}, Text("")),
        ({"text": "Hi", "thoughtSignature": "c2ln"}, Text("Hi", "c2ln", "gemini")),
        ({"text": "Hm", "thought": True, "thoughtSignature": PACKED}, Thinking("Hm", "s", False, "anthropic")),
        ({"functionCall": {"name": "f", "id": "f__1", "args": {"a": 1}}}, ToolCall("1", "f", Raw(b'{"a": 1}'))),
        ({"functionCall": {"name": "f", "args": None}}, ToolCall("", "f")),
        (result(output="so"), ToolResult("1", (Text("so"),), name="f")),
        (result(result=""), ToolResult("1", (), name="f")),
        (result(error="no"), ToolResult("1", (Text("no"),), True, "f")),
    ],
)
def test_plain_parts(part: Json, read: Part) -> None:
    assert read_plain(content(part)) == ("user", [read])
    assert read_plain(dump({"parts": [part, part], "new": 1})) == ("", [read, read])


@pytest.mark.parametrize(
    "raw",
    [
        content({}),
        content("Hi"),
        content({"text": None}),
        content({"text": "Hi", "new": 1}),
        content({"text": "Hi", "thought_signature": "c2ln"}),
        content({"function_call": {"name": "f"}}),
        content({"functionCall": {"name": ""}}),
        content({"inlineData": {"mimeType": "image/png", "data": "aGk="}}),
        content(result()),
        content(result(output=1)),
        content(result(output="a", more="b")),
        content(result(output="a", error="b")),
        content({"functionResponse": {"name": "f", "response": {"output": "a"}, "parts": []}}),
        content({"functionResponse": {"name": "f", "response": "a"}}),
        content({"functionResponse": {"name": "f"}}),
        dump({"role": "user", "parts": {"text": "Hi"}}),
        dump({"role": 1, "parts": []}),
        dump({"role": "user"}),
        dump("Hi"),
        Raw(b'{"parts":[{"text":"\xff"}]}'),
    ],
)
def test_every_other_content_takes_the_long_way(raw: Raw) -> None:
    assert read_plain(raw) is None


_words = st.sampled_from(["", "a", "안", "f"])
_values = st.one_of(_words, st.none(), st.integers(0, 1), st.just({"a": 1}))
_said = st.dictionaries(st.sampled_from(["output", "result", "error", "more"]), _values, max_size=2)
_names = st.sampled_from(["f", "g", "", None, 1, "lbn_a.2f.b"])
_calls = st.fixed_dictionaries({"name": _names}, optional={"id": _words | st.none(), "args": _values})
_results = st.fixed_dictionaries({}, optional={"name": _names, "id": _words | st.none(), "response": _said | _values})
_parts = st.fixed_dictionaries(
    {},
    optional={
        "text": _values,
        "thought": st.sampled_from([True, False, None, 1]),
        "thoughtSignature": st.sampled_from(["c2ln", PACKED, "", None]),
        "thought_signature": st.just("c2ln"),
        "functionCall": _calls | st.none(),
        "functionResponse": _results | st.none(),
        "function_response": _results,
        "new": st.just(1),
    },
)
_plain = st.one_of(
    st.builds(lambda text: {"text": text}, _words),
    st.builds(lambda call: {"functionCall": call}, _calls),
    st.builds(lambda text: result(output=text), _words),
)
_roles = st.sampled_from(["user", "model", "function", None])
_contents = st.fixed_dictionaries({"parts": st.lists(_plain | _parts, max_size=3)}, optional={"role": _roles})


def outcome(raws: list[Raw]) -> tuple[Message, ...] | str:
    try:
        return read_contents.read_contents(raws)
    except BadRequest as error:
        return error.message


@given(st.lists(_contents, max_size=4))
def test_any_history_is_read_alike(history: list[Json]) -> None:
    raws = [dump(each) for each in history]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(read_contents, "read_plain", lambda raw: None)
        slow = outcome(raws)
    assert outcome(raws) == slow
