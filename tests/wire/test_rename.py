"""The model's name in a body: seen, and replaced without touching another byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.errors import BadRequest
from landbridge.wire.rename import Peek, leading_model, peek, rename


def test_peek() -> None:
    assert peek(b'{"model":"a","stream":true,"x":[{"model":5}]}') == Peek("a", True)
    assert peek(b'{"model":"a","stream":null}') == Peek("a", False)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "The body is not valid JSON"),
        (b"hello", "The body is not valid JSON"),
        (b"\xff", "The body is not valid JSON"),
        (b"[]", "The body is JSON, but not an object."),
        (b"{}", "model is missing."),
        (b'{"model":5}', "model: Expected `str`, got `int`."),
        (b'{"model":"a","stream":"yes"}', "stream: Expected"),
        (b'{"model":"a","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "The body is nested too deeply."),
    ],
)
def test_what_has_no_model_is_refused(body: bytes, words: str) -> None:
    for look in (peek, lambda body: rename(body, "b")):
        with pytest.raises(BadRequest) as caught:
            look(body)
        assert caught.value.message.startswith(words)
        assert caught.value.param == ("" if words.startswith("The") else words.replace(":", " ").partition(" ")[0])


def test_law_10_the_same_model_is_the_same_object() -> None:
    body = b'{ "model" : "a" }'
    assert rename(body, "a") is body


@pytest.mark.parametrize(
    ("body", "renamed"),
    [
        (b'{"model":"a"}', b'{"model":"b"}'),
        (b'{ "x": 1.50,\n "model" : "a" ,"y":{"b":1,"a":2}}', b'{ "x": 1.50,\n "model" : "b" ,"y":{"b":1,"a":2}}'),
        (
            b'{"x":{"model":"a"},"model":"a","y":[{"model":"a"}]}',
            b'{"x":{"model":"a"},"model":"b","y":[{"model":"a"}]}',
        ),
        (b'{"x":"\\"model\\":\\"a\\"","model":"a"}', b'{"x":"\\"model\\":\\"a\\"","model":"b"}'),
        (b'{"x":"model","model":"a"}', b'{"x":"model","model":"b"}'),
        (b'{"model":"a","x":[],"model":"c"}', b'{"model":"b","x":[],"model":"b"}'),
        (b'{"mod\\u0065l":"a"}', b'{"mod\\u0065l":"b"}'),
        (b'{"model":"a","mod\\u0065l":"c"}', b'{"model":"b","mod\\u0065l":"b"}'),
        (b'{"x":"{[","model":"a\\"}"}', b'{"x":"{[","model":"b"}'),
    ],
)
def test_law_10_only_the_top_level_value_changes(body: bytes, renamed: bytes) -> None:
    assert rename(body, "b") == renamed


def test_a_name_is_written_as_json() -> None:
    assert json.loads(rename(b'{"model":"a"}', 'q"\n模')) == {"model": 'q"\n模'}


_json = st.recursive(
    st.none() | st.integers() | st.text() | st.sampled_from(["model", '"model":"x"']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("model"), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), _json, max_size=4), st.integers(0, 4), st.booleans(), st.sampled_from([None, 1]))
def test_law_10_any_body(fields: dict[str, object], place: int, ascii: bool, indent: int | None) -> None:
    fields.pop("model", None)
    fields.pop("stream", None)
    items = list(fields.items())
    items.insert(place, ("model", "asked-for-model"))
    body = json.dumps(dict(items), ensure_ascii=ascii, indent=indent).encode()
    renamed = rename(body, "b")
    assert json.loads(renamed) == {**dict(items), "model": "b"}
    assert rename(renamed, "asked-for-model") == body


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"model":"lab/m","messages":[]}', "lab/m"),
        (b' {\n\t"model" : "\xc3\xa9:8b" , "x":1}', "\u00e9:8b"),
        (b'{"max_tokens":1,"model":"m"}', None),
        (b'{"model":null}', None),
        (b'{"model":""}', None),
        (b'{"model":"a\\u0062"}', None),
        (b'{"model":"\xff"}', None),
        (b'{"model":"a\nb"}', None),
        (b'["model":"m"]', None),
        (b"", None),
    ],
)
def test_the_name_a_body_begins_with(body: bytes, name: str | None) -> None:
    assert leading_model(body) == name
