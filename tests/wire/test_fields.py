"""Fields of a body: taken once, null is absent, what is wrong is said with its path."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw, Struct

from landbridge.errors import BadRequest
from landbridge.neutral.parts import NONE
from landbridge.wire.fields import Fields, Known, decode_at, decode_body, is_set, others

DEEP = b"[" * 5000 + b"]" * 5000


class Inner(Struct):
    """Something with a field of one type."""

    name: str


class Outer(Struct):
    """Something that holds it."""

    inners: list[Inner]


_integer = msgspec.json.Decoder(int)
_outer = msgspec.json.Decoder(Outer)


@pytest.mark.parametrize(
    ("raw", "there"),
    [
        (NONE, False),
        (Raw(b""), False),
        (Raw(b"null"), False),
        (Raw(b"0"), True),
        (Raw(b'""'), True),
        (Raw(b"false"), True),
        (Raw(b"{}"), True),
    ],
)
def test_null_and_nothing_are_not_set(raw: Raw, there: bool) -> None:
    assert is_set(raw) == there


def test_a_body_keeps_each_field_as_it_is_written() -> None:
    body = decode_body('{"a" : { "z":1, "a" : 2.50 } ,"b":"안녕\\n"}'.encode())
    assert {name: bytes(raw).decode() for name, raw in body.items()} == {"a": '{ "z":1, "a" : 2.50 }', "b": '"안녕\\n"'}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not valid JSON"),
        (b"hello", "not valid JSON"),
        (b'{"a":1', "not valid JSON"),
        (b'{"a":1} {"b":2}', "not valid JSON"),
        (b"\xef\xbb\xbf{}", "not valid JSON"),
        (b"[1]", "not an object"),
        (b'"x"', "not an object"),
        (b"null", "not an object"),
        (b'{"a":"\xff"}', "not valid UTF-8 (byte 6)"),
        (b'{"a":"\xed\xa0\xbd"}', "not valid UTF-8"),
        (b'{"a":' + DEEP + b"}", "nested too deeply"),
    ],
)
def test_what_is_no_object_is_said(body: bytes, words: str) -> None:
    with pytest.raises(BadRequest) as caught:
        decode_body(body)
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"5", "outer: Expected `object`, got `int`."),
        (b"{}", "outer: Object missing required field `inners`."),
        (b'{"inners":[{"name":"a"},{"name":5}]}', "outer.inners[1].name: Expected `str`, got `int`."),
        (b'{"inners":', "outer: Input data was truncated."),
        (b'{"x":"\xff"}', "outer: "),
        (b'{"x":' + DEEP + b"}", "outer is nested too deeply."),
    ],
)
def test_the_path_of_what_is_wrong_is_named(raw: bytes, message: str) -> None:
    with pytest.raises(BadRequest) as caught:
        decode_at(_outer, raw, "outer")
    assert caught.value.message.startswith(message)
    assert caught.value.param == message.partition(" is ")[0].partition(":")[0]


def test_a_field_is_taken_once_and_the_rest_is_left() -> None:
    fields = Fields(decode_body(b'{"n":5,"null":null,"x":{"b": 1},"gone":null}'))
    assert fields.take("n", _integer) == 5
    assert fields.take("n", _integer) is None
    assert fields.take("null", _integer) is None
    assert fields.take("absent", _integer) is None
    assert {name: bytes(raw) for name, raw in fields.rest().items()} == {"x": b'{"b": 1}'}
    raw = fields.raw("x")
    assert raw is not None and bytes(raw) == b'{"b": 1}'
    assert fields.rest() == {}
    fields.put("x", raw)
    assert fields.rest() == {"x": raw}


def test_a_field_of_the_wrong_type_is_named() -> None:
    with pytest.raises(BadRequest, match=r"^max_tokens: Expected `int`, got `str`"):
        Fields(decode_body(b'{"max_tokens":"many"}')).take("max_tokens", _integer)


@given(st.binary())
def test_law_9_any_bytes_are_a_body_or_a_bad_request(body: bytes) -> None:
    try:
        fields = decode_body(body)
    except BadRequest:
        return
    assert isinstance(msgspec.json.decode(body), dict)
    assert all(isinstance(raw, Raw) for raw in fields.values())


class Definition(Struct, rename="camel"):
    name: str = ""
    is_strict: bool | None = None
    schema: Raw = NONE


definition = msgspec.json.Decoder(Definition)
values = (
    st.none() | st.booleans() | st.text(max_size=3) | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)
objects = st.dictionaries(st.sampled_from(["name", "isStrict", "is_strict", "schema", "new"]), values)


@given(objects | values)
def test_known_fields_and_all_others_are_what_two_passes_give(value: object) -> None:
    raw = Raw(json.dumps(value).encode())

    def in_one() -> object:
        known, more = Known(Definition).read(raw, "tools[2]")
        return msgspec.structs.asdict(known), more

    def in_two() -> object:
        known = decode_at(definition, raw, "tools[2]")
        return msgspec.structs.asdict(known), others(raw, {"name", "isStrict", "schema"}, "tools[2]")

    assert outcome(in_one) == outcome(in_two)


def outcome(read: Callable[[], object]) -> object:
    try:
        return read()
    except BadRequest as error:
        return error.message
