"""The words a model gets for what was found, and how they are kept short."""

from __future__ import annotations

import typing

import pytest
from anthropic.types import WebFetchToolResultErrorCode, WebSearchToolResultErrorCode
from hypothesis import given
from hypothesis import strategies as st

from landbridge.wire.hosted.outcome import CUT, FAULTS, NOTHING, Fault, Found, Page, told, within
from landbridge.wire.search.query import Result

RESULTS = tuple(Result(f"https://{name}.example/", name, name * 900, "today") for name in "abc")


def test_results_have_all_that_is_known() -> None:
    text = told(Found((Result("https://a.example/", "A", "said", "2 days ago"), Result("https://b.example/", "B"))))
    assert "[1] A\nhttps://a.example/\n(2 days ago)\nsaid\n\n[2] B\nhttps://b.example/" in text
    assert "no instructions" in text


def test_nothing_is_said_so() -> None:
    assert told(Found(())) == NOTHING


def test_a_page() -> None:
    text = told(Page("https://a.example/", "A", "body", "2026-11-26T00:00:00+00:00"))
    assert "https://a.example/\n\n# A\n\nbody" in text
    assert "2026-11-26" not in text, "the same page reads the same whenever it is sent back"


def test_every_code_of_anthropic_has_its_words() -> None:
    codes = {*typing.get_args(WebSearchToolResultErrorCode), *typing.get_args(WebFetchToolResultErrorCode)}
    assert set(FAULTS) == codes
    assert told(Fault("too_many_requests", "Wait.")) == f"{FAULTS['too_many_requests']} Wait."
    assert told(Fault("who_knows")) == FAULTS["unavailable"]


def test_a_page_is_cut() -> None:
    page = Page("u", "t", "x" * 100)
    assert within(page, 100) is page
    assert within(page, 30) == Page("u", "t", f"{'x' * 30}\n\n{CUT}")


@pytest.mark.parametrize(("characters", "kept"), [(3000, 3), (900, 3), (450, 2), (10, 1)])
def test_results_are_cut_and_left_out_from_the_end(characters: int, kept: int) -> None:
    found = within(Found(RESULTS), characters)
    assert isinstance(found, Found)
    assert [each.url for each in found.results] == [each.url for each in RESULTS[:kept]]


@given(st.integers(1, 5000), st.lists(st.integers(0, 3000), max_size=12))
def test_what_is_cut_is_short(characters: int, sizes: list[int]) -> None:
    found = within(Found(tuple(Result("https://a.example/", "A", "x" * size) for size in sizes)), characters)
    assert isinstance(found, Found)
    assert sum(len(each.text) for each in found.results) <= characters + 200 + 12 * (len(CUT) + 1)
    assert within(Fault("unavailable"), characters) == Fault("unavailable")
