"""The arguments of a call."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.wire.hosted.use import use_of


def test_what_is_wanted() -> None:
    text = '{ "query": " cats ", "more": [1] }'
    use = use_of("srvtoolu_lb1", "search", "web_search", text)
    assert (use.wanted, bytes(use.args)) == ("cats", text.encode())
    assert use_of("i", "fetch", "f", '{"url": "https://a.example"}').wanted == "https://a.example"


@pytest.mark.parametrize("text", ["", "{", '{"query": "ca', "[]", '"cats"', "5", "null", "[" * 100_000])
def test_what_is_no_object_wants_nothing(text: str) -> None:
    use = use_of("i", "search", "web_search", text)
    assert (use.wanted, bytes(use.args)) == ("", b"{}")


@pytest.mark.parametrize("text", ["{}", '{"query": null}', '{"query": 5}', '{"query": "  "}', '{"url": "x"}'])
def test_an_object_without_a_query_wants_nothing(text: str) -> None:
    assert use_of("i", "search", "web_search", text).wanted == ""


@given(st.text(max_size=40))
def test_any_text_is_bearable(text: str) -> None:
    use_of("i", "search", "web_search", text)
