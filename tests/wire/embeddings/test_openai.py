"""OpenAI's form of embeddings: every way to ask, and what is no answer."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import BadRequest, Garbled, GatewayError
from landbridge.wire.embeddings.openai import read_vectors, read_wish, write_vectors, write_wish
from landbridge.wire.embeddings.wish import Vectors, Wish
from tests.fakes.embedding import packed, unpacked

ORIGIN = "provider:lab"


def ask(**fields: object) -> bytes:
    return json.dumps({"model": "m", **fields}).encode()


@pytest.mark.parametrize(
    ("given_input", "inputs"),
    [
        ("one", ("one",)),
        (["one", "두"], ("one", "두")),
        ([1, 2, 3], ((1, 2, 3),)),
        ([[1, 2], [3]], ((1, 2), (3,))),
        (["one", [1, 2]], ("one", (1, 2))),
        ([" "], (" ",)),
    ],
)
def test_every_form_of_input(given_input: object, inputs: tuple[object, ...]) -> None:
    assert read_wish(ask(input=given_input)).inputs == inputs


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "input is missing"),
        ({"input": None}, "input is missing"),
        ({"input": ""}, "input is empty"),
        ({"input": [""]}, "input is empty"),
        ({"input": ["a", ""]}, r"input\[1\] is empty"),
        ({"input": ["a", []]}, r"input\[1\] is empty"),
        ({"input": []}, "input is an empty list"),
        ({"input": [1, "a"]}, "mixture of tokens and texts"),
        ({"input": [-1]}, "below 0"),
        ({"input": [[1], [-1]]}, r"input\[1\] holds a token below 0"),
        ({"input": 5}, r"input: Expected"),
        ({"input": [1.5]}, r"input\[\.\.\.\]|input: Expected|input\["),
        ({"input": {"a": 1}}, "input: Expected"),
        ({"input": [[["a"]]]}, "input"),
        ({"input": ["a"] * 2049}, "2049 texts; 2048 are the most"),
        ({"input": "a", "dimensions": 0}, "dimensions is less than 1"),
        ({"input": "a", "dimensions": "many"}, "dimensions: Expected"),
        ({"input": "a", "encoding_format": "xml"}, "encoding_format: 'xml' is none"),
        ({"input": "a", "encoding_format": 5}, "encoding_format: Expected"),
    ],
)
def test_what_cannot_be_asked_is_named(fields: dict[str, object], words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        read_wish(ask(**fields))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"input": "\xff"}', b"[" * 5000, b'{"input":' + b"[" * 5000])
def test_what_is_no_request(body: bytes) -> None:
    with pytest.raises(BadRequest):
        read_wish(body)


@given(body=st.one_of(st.binary(max_size=60), st.from_regex(rb'\{"input": ?[\[\]"0-9a,{}]*\}', fullmatch=True)))
def test_garbage_gives_only_our_errors(body: bytes) -> None:
    with contextlib.suppress(BadRequest):
        assert read_wish(body).inputs


def test_wishes_beside_the_input() -> None:
    wish = read_wish(ask(input="a", dimensions=3, encoding_format="base64", user="u", new_thing=1))
    assert (wish.dimensions, wish.base64, wish.foreign) == (3, True, ("new_thing",))
    assert read_wish(ask(input="a", encoding_format="float")) == Wish(("a",))
    assert read_wish(ask(input="a", encoding_format=None, dimensions=None)) == Wish(("a",))


def test_a_wish_is_written_with_nothing_it_does_not_say() -> None:
    assert json.loads(write_wish(Wish(("a", (1, 2))), "their-m")) == {"model": "their-m", "input": ["a", [1, 2]]}
    said = json.loads(write_wish(Wish(("a",), 5, True), "m"))
    assert said == {"model": "m", "input": ["a"], "dimensions": 5, "encoding_format": "base64"}


def answer(*entries: dict[str, Any], **more: object) -> bytes:
    return json.dumps({"object": "list", "data": list(entries), **more}).encode()


def test_vectors_are_read_in_the_order_of_the_inputs() -> None:
    body = answer(
        {"embedding": [2.0], "index": 1}, {"embedding": [1.0], "index": 0}, usage={"prompt_tokens": 9}, model="x"
    )
    assert read_vectors(body, 2, ORIGIN) == Vectors((Raw(b"[1.0]"), Raw(b"[2.0]")), 9)
    assert read_vectors(answer({"embedding": "AACAPw=="}), 1, ORIGIN) == Vectors((Raw(b'"AACAPw=="'),))
    assert read_vectors(answer({"embedding": [1]}, usage={"prompt_tokens": "many"}), 1, ORIGIN).tokens is None


@pytest.mark.parametrize(
    "body",
    [
        answer(),
        answer({"embedding": [1.0], "index": 1}),
        answer({"embedding": [1.0], "index": 0}, {"embedding": [1.0], "index": 0}),
        answer({"embedding": None}),
        answer({"embedding": {"a": 1}}),
        answer({"index": 0}),
    ],
)
def test_an_answer_without_a_vector_for_each_text(body: bytes) -> None:
    with pytest.raises(Garbled, match="vector for each text"):
        read_vectors(body, 1, ORIGIN)


@pytest.mark.parametrize("body", [b"", b"<html><title>Log in</title>", b'{"error": {"message": "no such"}}', b"[]"])
def test_what_is_no_answer_says_where_it_came_from(body: bytes) -> None:
    with pytest.raises(GatewayError, match="provider:lab"):
        read_vectors(body, 1, ORIGIN)


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("wanted", [False, True])
def test_the_client_gets_the_form_it_asked_for(as_text: bool, wanted: bool) -> None:
    numbers = [0.5, -1.25, 3.0]
    raw = Raw(json.dumps(packed(numbers) if as_text else numbers).encode())
    body = json.loads(write_vectors(Vectors((raw,)), Wish(("a",), base64=wanted), "lab/m", 4, ORIGIN))
    (entry,) = body["data"]
    assert (unpacked(entry["embedding"]) if wanted else entry["embedding"]) == numbers
    assert (entry["index"], entry["object"], body["object"], body["model"]) == (0, "embedding", "list", "lab/m")
    assert body["usage"] == {"prompt_tokens": 4, "total_tokens": 4}


@given(texts=st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=5), dimensions=st.none() | st.integers(1))
def test_what_is_written_is_read_again(texts: list[str], dimensions: int | None) -> None:
    try:
        wish = Wish(tuple(texts), min(dimensions or 9, 1 << 40), True)
        assert read_wish(write_wish(wish, "m")) == wish
    except UnicodeEncodeError:
        assert any("\ud800" <= letter <= "\udfff" for text in texts for letter in text)
