"""Batches of records become counts, and no client can make up labels."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from landbridge.gateway.journal import Record
from landbridge.neutral.events import Usage
from landbridge.server.tallies import LONGEST, OTHER, SECONDS, Spread, Tallies

WORK = ("work", "gpt")
USAGE = Usage(input=100, output=21, cache_read=900, cache_write=10, searches=2)


def record(**known: Any) -> Record:
    usual = {"target": "work/gpt", "provider": "work", "usage": USAGE, "seconds": 3.0, "first": 1.0, "stream": True}
    return Record("req_1", "anthropic", "asked", **{**usual, **known})


def tallied(*records: Record, most: int = 100) -> Tallies:
    tallies = Tallies()
    tallies.add(records, most)
    return tallies


def test_what_is_counted() -> None:
    found = tallied(record(losses=("a", "b"), repairs={"json": 2}, retries=1, attempts=3, cost=1500), record())
    assert found.requests == {("anthropic", *WORK, "ok"): 2}
    assert found.tokens == {
        (*WORK, "input"): 200,
        (*WORK, "output"): 42,
        (*WORK, "cache_read"): 1800,
        (*WORK, "cache_write"): 20,
    }
    assert (found.cost, found.unpriced) == ({WORK: 1500}, {WORK: 1})
    assert (found.losses, found.retries, found.fallbacks) == ({WORK: 2}, {WORK: 1}, {WORK: 2})
    assert found.repairs == {(*WORK, "json"): 2}
    assert found.web == {(*WORK, "search"): 4}
    assert found.seconds["chat", *WORK, ""].total == 6.0
    assert found.first["chat", *WORK].total == 2.0
    assert found.per_token["chat", *WORK].total == 0.2, "two seconds for the twenty tokens after the first"
    assert found.sizes["chat", *WORK, "input"].total == 2 * 1010
    assert found.sizes["chat", *WORK, "output"].total == 42


def test_errors_are_told_apart_and_have_no_tokens() -> None:
    found = tallied(record(), record(outcome="cut", usage=Usage(), first=None))
    assert found.requests["anthropic", *WORK, "cut"] == 1
    assert found.seconds["chat", *WORK, "cut"].total == 3.0
    assert sum(found.unpriced.values()) == 1
    assert sum(found.first["chat", *WORK].counts) == 1


def test_what_never_found_a_model_is_counted_without_its_name() -> None:
    found = tallied(*(record(target="", provider="", outcome="unknown_model", usage=Usage()) for _ in range(3)))
    assert found.requests == {("anthropic", "none", "none", "unknown_model"): 3}


def test_hostile_names_are_added_up() -> None:
    """Whether they are refused or answered (some servers answer to any name)."""
    refused = [record(target=f"work/{number}", outcome="provider_refused") for number in range(5000)]
    answered = [record(target=f"work/{number}\n\"'{{}}" + "x" * (number % 300)) for number in range(5000)]
    found = tallied(*refused, *answered, most=20)
    models = {model for _, _, model, _ in found.requests}
    assert len(models) == 21 and OTHER in models
    assert sum(found.requests.values()) == 10_000
    assert found.requests["anthropic", "work", OTHER, "provider_refused"] == 5000
    assert sum(len(each) for each in vars(found).values()) < 300
    assert max(map(len, models)) <= LONGEST


def test_a_model_that_has_answered_keeps_its_name_in_failure_and_local_ones_have_theirs_at_once() -> None:
    found = tallied(record(outcome="timed_out"))
    found.add([record()], 100)
    found.add([record(outcome="timed_out"), record(target="smollm2", provider="local", outcome="no_memory")], 100)
    assert found.requests == {
        ("anthropic", "work", OTHER, "timed_out"): 1,
        ("anthropic", *WORK, "ok"): 1,
        ("anthropic", *WORK, "timed_out"): 1,
        ("anthropic", "local", "smollm2", "no_memory"): 1,
    }


def test_without_room_everything_is_other() -> None:
    assert tallied(record(), most=0).requests == {("anthropic", "work", OTHER, "ok"): 1}


def test_a_copy_does_not_change_any_more() -> None:
    tallies = tallied(record())
    copy = tallies.copy()
    tallies.add([record(), record(target="work/other")], 10)
    assert copy.requests == {("anthropic", *WORK, "ok"): 1}
    assert sum(copy.seconds["chat", *WORK, ""].counts) == 1
    assert sum(tallies.seconds["chat", *WORK, ""].counts) == 2


@given(st.lists(st.floats(0, 1e5)))
def test_a_spread_counts_each_value_once_below_its_bound(values: list[float]) -> None:
    spread = Spread(SECONDS)
    for value in values:
        spread.add([value])
    for at, bound in enumerate(SECONDS):
        assert sum(spread.counts[: at + 1]) == sum(value <= bound for value in values)
    assert sum(spread.counts) == len(values)
    assert abs(spread.total - sum(values)) < 1e-3
