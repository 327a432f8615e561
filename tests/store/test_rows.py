"""Whatever a client or a provider has said becomes a row that both databases take."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.neutral.events import Usage
from landbridge.store.record import Record
from landbridge.store.rows import COLUMNS, LONGEST, LONGEST_TEXT, insert_of, row_of
from landbridge.store.tables import requests


def row(**fields: Any) -> dict[str, object]:
    record = Record(id="req_1", dialect="anthropic", **{"model": "m", **fields})
    return dict(zip(COLUMNS, row_of(record, "run_1"), strict=True))


def test_the_columns_are_those_of_the_table() -> None:
    assert set(COLUMNS) == set(requests.c.keys())


def test_what_is_known_stands_in_its_column() -> None:
    found = row(
        usage=Usage(input=1, output=2, cache_read=3, cache_write=4, cache_write_1h=5, reasoning=6, estimated=True),
        losses=("a: b", "c: d"),
        repairs={"json": 2},
        first=0.5,
        status=200,
        cost=12,
    )
    tokens = [found[name] for name in ("input", "output", "cache_read", "cache_write", "cache_write_1h", "reasoning")]
    assert tokens == [1, 2, 3, 4, 5, 6]
    assert (found["searches"], found["fetches"], found["estimated"]) == (None, None, True)
    assert (found["losses"], found["repairs"]) == ('["a: b","c: d"]', '{"json":2}')
    assert (found["run"], found["first"], found["status"], found["cost"]) == ("run_1", 0.5, 200, 12)


def test_a_record_of_nothing_is_a_row() -> None:
    found = row()
    assert (found["losses"], found["repairs"], found["first"], found["input"]) == ("[]", "{}", None, None)


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_can_be_written(text: str) -> None:
    found = row(model=text, message=text, route=text, losses=(text,))
    for name, longest in (("model", LONGEST), ("message", LONGEST_TEXT), ("route", LONGEST_TEXT)):
        value = found[name]
        assert isinstance(value, str)
        assert len(value) <= longest
        assert "\x00" not in value
        value.encode()  # no half of a surrogate pair


def test_what_is_well_stays_as_it_is() -> None:
    assert row(model="모델 😀", session="a-b")["model"] == "모델 😀"


@pytest.mark.parametrize("number", [10**30, -(10**30), 2**63])
def test_counts_fit_into_their_columns(number: int) -> None:
    found = row(usage=Usage(input=number))["input"]
    assert isinstance(found, int)
    assert -(2**63) < found < 2**63


def test_each_database_has_its_own_places() -> None:
    assert insert_of("t", ("a", "b"), "sqlite") == 'INSERT INTO t ("a", "b") VALUES (?, ?) ON CONFLICT (id) DO NOTHING'
    assert "VALUES ($1, $2)" in insert_of("t", ("a", "b"), "postgresql")
