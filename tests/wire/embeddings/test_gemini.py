"""Google's form of embeddings: one content or a batch, both spellings, and the model's name inside the body."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import BadRequest, Garbled, GatewayError
from landbridge.wire.embeddings.gemini import read_vectors, read_wish, rename, write_vectors, write_wish
from landbridge.wire.embeddings.wish import Vectors, Wish
from tests.fakes.embedding import packed

ORIGIN = "provider:lab"


def content(*texts: str) -> dict[str, Any]:
    return {"parts": [{"text": text} for text in texts]}


def body(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("asked", "wish"),
    [
        ({"content": content("one")}, Wish(("one",))),
        ({"content": content("one", "두")}, Wish(("one\n두",))),
        ({"model": "models/m", "content": {"role": "user", **content("one")}}, Wish(("one",))),
        ({"content": {"parts": {"text": "one"}}}, Wish(("one",))),
        ({"content": content("a"), "outputDimensionality": 3}, Wish(("a",), 3)),
        ({"content": content("a"), "output_dimensionality": 3}, Wish(("a",), 3)),
        ({"content": content("a"), "task_type": "X", "title": "T"}, Wish(("a",), foreign=("title", "taskType"))),
    ],
)
def test_one_content(asked: dict[str, Any], wish: Wish) -> None:
    assert read_wish(body(asked), batch=False) == wish
    assert read_wish(body({"requests": [asked]}), batch=True) == wish


def test_a_batch_is_one_wish() -> None:
    asked = {"requests": [{"content": content("a"), "taskType": "X"}, {"content": content("b"), "title": "T"}]}
    assert read_wish(body(asked), batch=True) == Wish(("a", "b"), foreign=("taskType", "title"))


@pytest.mark.parametrize(
    ("asked", "batch", "words"),
    [
        ({}, False, "content is missing"),
        ({"content": {}}, False, "content is empty"),
        ({"content": content("")}, False, "content is empty"),
        ({"content": 5}, False, "content: Expected"),
        ({"content": {"parts": [{"inlineData": {"mimeType": "image/png", "data": "AA=="}}]}}, False, "more than text"),
        ({"content": content("a"), "outputDimensionality": 0}, False, "outputDimensionality is less than 1"),
        ({"content": content("a"), "outputDimensionality": "x"}, False, "outputDimensionality: Expected"),
        ({}, True, "requests is missing"),
        ({"requests": {"content": content("a")}}, True, "requests is missing"),
        ({"requests": []}, True, "requests is an empty list"),
        ({"requests": [{}]}, True, r"requests\[0\].content is missing"),
        ({"requests": [{"content": content("a")}, 5]}, True, r"requests\[1\]: Expected"),
        ({"requests": [{"content": content("a")}] * 101}, True, "101 contents; 100 are the most"),
        (
            {"requests": [{"content": content("a")}, {"content": content("b"), "outputDimensionality": 4}]},
            True,
            "outputDimensionality differs",
        ),
    ],
)
def test_what_cannot_be_asked_is_named(asked: dict[str, Any], batch: bool, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        read_wish(body(asked), batch=batch)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"content": "\xff"}', b"[" * 5000, b'{"content":' + b"[" * 5000])
@pytest.mark.parametrize("batch", [False, True])
def test_what_is_no_request(raw: bytes, batch: bool) -> None:
    with pytest.raises(BadRequest):
        read_wish(raw, batch=batch)


@given(raw=st.one_of(st.binary(max_size=60), st.from_regex(rb'\{"content": ?[\[\]"0-9a,{}]*\}', fullmatch=True)))
def test_garbage_gives_only_our_errors(raw: bytes) -> None:
    for batch in (False, True):
        with contextlib.suppress(BadRequest):
            assert read_wish(raw, batch=batch).inputs


def test_the_model_is_renamed_wherever_it_stands_and_nothing_else() -> None:
    asked = b'{"model":"models/lab/m","requests":[{"model":"models/lab/m","content":{ "parts":[]},"new":1.0}]}'
    assert rename(asked, "m") == asked.replace(b"lab/m", b"m")
    plain = b'{ "content" : {"parts": [ {"text": "a"} ]} }'
    assert rename(plain, "m") is plain
    named = b'{"requests": [{"model": "models/m"}]}'
    assert rename(named, "models/m") is named
    odd = b'{"requests": [5, {"model": "models/lab/m"}]}'
    assert rename(odd, "m") is odd


def test_a_wish_becomes_a_batch() -> None:
    said = json.loads(write_wish(Wish(("a", "b"), 3), "m"))
    each = {"model": "models/m", "outputDimensionality": 3}
    assert said == {"requests": [{**each, "content": content("a")}, {**each, "content": content("b")}]}
    assert read_wish(json.dumps(said).encode(), batch=True) == Wish(("a", "b"), 3)
    assert json.loads(write_wish(Wish(("a",)), "m"))["requests"] == [{"model": "models/m", "content": content("a")}]


def test_tokens_are_refused() -> None:
    with pytest.raises(BadRequest, match="texts and no tokens"):
        write_wish(Wish(("a", (1, 2))), "m")


def test_answers() -> None:
    one, two = {"values": [1.0]}, {"values": [2.0]}
    assert read_vectors(body({"embeddings": [one, two]}), 2, ORIGIN) == Vectors((Raw(b"[1.0]"), Raw(b"[2.0]")))
    said = {"embedding": one, "usageMetadata": {"promptTokenCount": 5}}
    assert read_vectors(body(said), 1, ORIGIN) == Vectors((Raw(b"[1.0]"),), 5)


@pytest.mark.parametrize("said", [{}, {"embeddings": []}, {"embedding": {}}, {"embeddings": [{"values": {}}]}])
def test_an_answer_without_a_vector_for_each_text(said: dict[str, Any]) -> None:
    with pytest.raises(Garbled, match="vector for each text"):
        read_vectors(body(said), 1, ORIGIN)


@pytest.mark.parametrize("raw", [b"", b"<html><title>Log in</title>", b"[]", b'{"embeddings": 5}'])
def test_what_is_no_answer_says_where_it_came_from(raw: bytes) -> None:
    with pytest.raises(GatewayError, match="provider:lab"):
        read_vectors(raw, 1, ORIGIN)


@pytest.mark.parametrize("raw", [json.dumps([0.5, 2.0]), json.dumps(packed([0.5, 2.0]))])
def test_the_client_gets_numbers(raw: str) -> None:
    made = Vectors((Raw(raw.encode()),))
    counts = {"promptTokenCount": 4, "totalTokenCount": 4}
    values = {"values": [0.5, 2.0]}
    assert json.loads(write_vectors(made, 4, ORIGIN, batch=False)) == {"embedding": values, "usageMetadata": counts}
    assert json.loads(write_vectors(made, 4, ORIGIN, batch=True)) == {"embeddings": [values], "usageMetadata": counts}
