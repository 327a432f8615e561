"""What all services' answers are read with."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.wire.search.query import MAX_TEXT, Result, Unreadable, read_list, result, word


def test_a_list_is_found_at_its_path() -> None:
    body = b'{"web":{"results":[{"url":"a"},5,null,{"url":"b"}]}}'
    assert read_list(body, "web", "results") == [{"url": "a"}, {"url": "b"}]


@pytest.mark.parametrize("body", [b"{}", b'{"web":null}', b'{"web":{}}', b'{"web":5}', b'{"web":{"results":null}}'])
def test_no_list_is_an_empty_one(body: bytes) -> None:
    assert read_list(body, "web", "results") == []


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"\xff", b"[" * 100_000, b'{"web":{"results":{"a":1}}}'])
def test_what_is_no_answer_is_said(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_list(body, "web", "results")


@given(st.binary(max_size=60))
def test_any_bytes_are_an_answer_or_unreadable(body: bytes) -> None:
    with suppress(Unreadable):
        assert isinstance(read_list(body, "results"), list)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (" a\n b\t", "a b"),
        ("<strong>Claude&#x27;s</strong> <em>5</em> &lt;tag&gt;", "Claude's 5 <tag>"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        (None, ""),
        (5, ""),
    ],
)
def test_texts_have_no_markup(value: object, text: str) -> None:
    assert word(value) == text


@pytest.mark.parametrize("url", [None, 5, "", "javascript:alert(1)", "file:///etc/passwd", "//x"])
def test_a_result_has_an_address(url: object) -> None:
    assert result(url, "t", "x", None) is None


def test_a_result_is_cut_and_has_a_title() -> None:
    found = result("https://a.example/", None, "x" * (MAX_TEXT + 9), "2 days ago")
    assert found == Result("https://a.example/", "https://a.example/", "x" * MAX_TEXT, "2 days ago")
