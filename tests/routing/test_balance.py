"""Who comes first: by weight without chance, by speed with a look at the unknown, by where the conversation is."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from landbridge.routing.balance import IDLE, MOST, STALE, Bonds, Speeds, by_weight

LABELS = ["a/x", "b/x", "c/x"]
keys = st.text(max_size=20)
weights = st.lists(st.floats(0.01, 100), min_size=3, max_size=3)


def shares(labels: list[str], weights: list[float], count: int = 4000) -> list[float]:
    first = Counter(labels[by_weight(labels, weights, f"session-{number}")[0]] for number in range(count))
    return [first[label] / count for label in labels]


def test_over_many_conversations_each_has_its_share() -> None:
    for found, wanted in zip(shares(LABELS, [1, 3, 6]), [0.1, 0.3, 0.6], strict=True):
        assert abs(found - wanted) < 0.03


@given(keys, weights)
def test_the_same_conversation_finds_the_same_order(key: str, weights: list[float]) -> None:
    order = by_weight(LABELS, weights, key)
    assert order == by_weight(LABELS, weights, key)
    assert sorted(order) == [0, 1, 2]
    assert by_weight(LABELS, [10 * weight for weight in weights], key) == order


@given(keys, weights)
def test_a_target_that_goes_moves_only_its_own_conversations(key: str, weights: list[float]) -> None:
    before = [LABELS[position] for position in by_weight(LABELS, weights, key)]
    after = [LABELS[position] for position in by_weight(LABELS[:2], weights[:2], key)]
    assert after == [label for label in before if label != "c/x"]


@given(keys)
def test_a_weight_of_nothing_comes_last(key: str) -> None:
    assert by_weight(LABELS, [0, 1, 0], key) == [1, 0, 2]


def test_speeds_are_a_running_mean_of_what_came() -> None:
    speeds = Speeds()
    assert speeds.of("a", True, 0.0) is None
    speeds.note("a", True, 1.0, 0.0)
    speeds.note("a", True, 2.0, 1.0)
    assert speeds.of("a", True, 1.0) == 1.3
    assert speeds.of("a", False, 1.0) is None, "whole answers take another time"
    assert speeds.of("a", True, 1.0 + STALE) is None


def test_the_fastest_comes_first_and_the_unknown_is_tried_once() -> None:
    speeds = Speeds()
    speeds.note("slow", True, 2.0, 0.0)
    speeds.note("fast", True, 0.1, 0.0)
    labels = ["slow", "new", "fast"]
    assert speeds.order(labels, True, 1.0) == [1, 2, 0]
    speeds.try_out("new", True, 1.0)
    assert speeds.order(labels, True, 2.0) == [2, 0, 1], "somebody finds it out"
    speeds.note("new", True, 1.0, 3.0)
    assert speeds.order(labels, True, 4.0) == [2, 1, 0]
    assert speeds.order(labels, True, 1.0 + STALE) == [0, 2, 1], "what is too old is looked at anew"


def test_a_conversation_is_where_it_was_answered_for_an_hour() -> None:
    bonds = Bonds()
    assert bonds.held("fork", "s", 0.0) == ""
    bonds.hold("fork", "s", "a", 0.0)
    bonds.hold("fork", "s", "b", 1.0)
    assert bonds.held("fork", "s", 2.0) == "b"
    assert bonds.held("other", "s", 2.0) == ""
    assert bonds.held("fork", "s", 1.0 + IDLE) == ""


def test_ever_new_conversations_do_not_fill_the_memory() -> None:
    bonds = Bonds()
    for number in range(MOST + 10):
        bonds.hold("fork", str(number), "a", 0.0)
        if number % 100 == 0:
            bonds.hold("fork", "kept", "b", 0.0)
    assert len(bonds._held) == MOST
    assert (bonds.held("fork", "0", 0.0), bonds.held("fork", "kept", 0.0)) == ("", "b")
