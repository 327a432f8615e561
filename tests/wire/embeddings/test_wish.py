"""The neutral form of embeddings: groups, both forms of a vector, and what is none."""

from __future__ import annotations

import itertools
import json
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import Garbled
from landbridge.wire.embeddings.wish import as_base64, as_numbers, estimated, groups, is_vector, length_of
from tests.fakes.embedding import packed, unpacked

ORIGIN = "provider:lab"
inputs = st.lists(st.one_of(st.text(min_size=1, max_size=9), st.lists(st.integers(0, 9), min_size=1).map(tuple)))
floats = st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=30)


@given(given_inputs=inputs, most=st.integers(1, 5), size=st.integers(1, 20))
def test_groups_hold_every_input_once_in_order_and_none_is_too_large(
    given_inputs: list[str | tuple[int, ...]], most: int, size: int
) -> None:
    made = [*groups(given_inputs, most, size)]
    assert [each for group in made for each in group] == given_inputs
    for group in made:
        assert 1 <= len(group) <= most
        assert len(group) == 1 or sum(map(len, group)) <= size
    for one, following in itertools.pairwise(made):
        whole = sum(map(len, one)) + len(following[0])
        assert len(one) == most or whole > size, "no group is smaller than it must be"


@given(numbers=floats)
def test_both_forms_say_the_same(numbers: list[float]) -> None:
    array, text = Raw(json.dumps(numbers).encode()), Raw(json.dumps(packed(numbers)).encode())
    assert unpacked(json.loads(bytes(as_base64(array, ORIGIN)))) == numbers
    assert json.loads(bytes(as_numbers(text, ORIGIN))) == numbers
    assert length_of(array, ORIGIN) == length_of(text, ORIGIN) == len(numbers)


def test_what_has_the_form_already_is_left_as_it_came() -> None:
    array, text = Raw(b"[1.0, 2e-3,0.30000000000000004]"), Raw(b'"AACAPw=="')
    assert as_numbers(array, ORIGIN) is array
    assert as_base64(text, ORIGIN) is text


@pytest.mark.parametrize("raw", [b'"A"', b'"AAA="', b'"@@@@"', b'"\xff"', b'"\\ud800"'])
def test_text_that_is_no_vector(raw: bytes) -> None:
    for read in (as_numbers, length_of):
        with pytest.raises(Garbled, match=r"provider:lab did not answer with a vector for each text"):
            read(Raw(raw), ORIGIN)


@pytest.mark.parametrize("raw", [b'["a"]', b"[1,", b"[[1]]", b"[null]", b"[1e300]"])
def test_arrays_that_are_no_vector(raw: bytes) -> None:
    with pytest.raises(Garbled):
        as_base64(Raw(raw), ORIGIN)
    with pytest.raises(Garbled):
        length_of(Raw(b"[1,"), ORIGIN)


def test_numbers_that_no_json_can_say_are_null() -> None:
    text = packed([math.nan, 1.0])
    assert json.loads(bytes(as_numbers(Raw(json.dumps(text).encode()), ORIGIN))) == [None, 1.0]
    assert struct.calcsize("<f") == 4


@pytest.mark.parametrize(
    ("raw", "may_be"), [(b"[]", True), (b'""', True), (b"", False), (b"null", False), (b"{}", False), (b"1", False)]
)
def test_what_may_be_a_vector(raw: bytes, may_be: bool) -> None:
    assert is_vector(Raw(raw)) is may_be


def test_tokens_count_as_tokens_and_texts_by_their_bytes() -> None:
    assert estimated(["a" * 36]) == 10
    assert estimated(["한" * 12]) == 10
    assert estimated([(1, 2, 3), (4,)]) == 4
    assert estimated(["a" * 36, (1, 2)]) == 12
