"""Which exchanges are shown: said in the page's address, asked of the router, and looked at as they come."""

from __future__ import annotations

import time
from typing import Any

import pytest

from landbridge.dashboard.pages.requests_filter import Wanted, is_time, names_of, pattern, read_query
from landbridge.store.report import Exchange


def exchange(**fields: Any) -> Exchange:
    known: dict[str, Any] = {
        "id": "req_1", "at": time.time(), "seconds": 1.0, "client": "claude-cli", "model": "fast", "target": "lab/m",
        "provider": "lab", "session": "s-1", "status": 200, "outcome": "ok",
    }  # fmt: skip
    return Exchange(**{**known, **fields})


def test_the_address_says_it_and_is_read_again() -> None:
    wanted = Wanted(model="lab/m & more", errors=True, since="7d", status="429")
    assert read_query(f"/requests?{wanted.query()}") == wanted
    assert Wanted().query() == "" and not Wanted().narrow and wanted.narrow
    assert read_query("/requests") == Wanted()


def test_what_an_address_may_not_say_is_nothing() -> None:
    assert read_query("/requests?status=soon&since=soon&errors=maybe&colour=red&query=x") == Wanted()
    assert len(read_query(f"/requests?model={'x' * 1000}").model) == 200
    assert read_query("/requests?model=%ED%81%B4#there") == Wanted(model="클")


def test_a_part_of_a_name_is_enough_and_a_name_is_meant_exactly() -> None:
    assert pattern("gpt", ()) == "*gpt*"
    assert pattern("gpt", {"gpt"}) == "gpt"
    assert pattern("gpt-?", {"gpt"}) == "gpt-?"
    asked = Wanted(model="m", key="k-1", errors=True, since="1h", status="200", agent="a").asked({"k-1"})
    assert asked == {"model": "*m*", "key": "k-1", "errors": "true", "since": "1h", "status": "200", "agent": "a"}


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (Wanted(), True),
        (Wanted(model="LAB"), True),
        (Wanted(model="fas"), True),
        (Wanted(model="other"), False),
        (Wanted(model="l?b/*"), True),
        (Wanted(client="claude", provider="lab", session="s-"), True),
        (Wanted(provider="lab."), False),
        (Wanted(key="k"), False),
        (Wanted(errors=True), False),
        (Wanted(status="200"), True),
        (Wanted(status="404"), False),
        (Wanted(agent="a-1"), False),
        (Wanted(since="1h"), True),
        (Wanted(until="2020-01-01T00:00"), False),
        (Wanted(since="2020-01-01T00:00", until="2021-01-01T00:00"), False),
    ],
)
def test_what_comes_live_is_looked_at_as_the_ledger_does(wanted: Wanted, fits: bool) -> None:
    assert wanted.fits(exchange()) is fits


def test_names_that_are_known_must_be_the_same() -> None:
    assert not Wanted(model="lab").fits(exchange(), {"lab"})
    assert Wanted(model="lab/m").fits(exchange(), {"lab/m"})
    assert Wanted(errors=True).fits(exchange(outcome="overloaded"))
    assert not Wanted(errors=True).fits(exchange(outcome="cancelled"))


def test_names_to_choose_from() -> None:
    groups = [{"model": "b", "client": "x", "key": ""}, {"model": "a", "client": "x", "key": "k"}]
    assert names_of([*groups]) == {"model": ["a", "b"], "client": ["x"], "key": ["k"]}


def test_times() -> None:
    assert is_time("") and is_time("7d") and is_time("2026-11-01T14:30")
    assert not is_time("soon")
