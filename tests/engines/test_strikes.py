"""Failures in a row: pauses that grow, an end of trying, and what is forgiven."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines.states import Event
from landbridge.engines.strikes import FIRST_REST, FORGIVEN_AFTER, LONGEST_REST, PROOF, Strikes, rest


def test_rests_grow_and_are_bounded() -> None:
    rests = [rest(strikes) for strikes in range(20)]
    assert rests == sorted(rests)
    assert (rests[0], rests[1], rests[2], rests[-1]) == (0.0, 0.25, 0.5, LONGEST_REST)


def test_failures_in_a_row_end_in_giving_up() -> None:
    strikes = Strikes()
    verdicts = []
    for now in range(3):
        strikes.start("same")
        verdicts.append(strikes.strike(float(now), 3))
    expected = [(Event.DIED, FIRST_REST), (Event.DIED, 2 * FIRST_REST), (Event.GAVE_UP, FORGIVEN_AFTER)]
    assert verdicts == expected


@pytest.mark.parametrize("most", [0, 1])
def test_the_first_failure_may_be_one_too_many(most: int) -> None:
    assert Strikes().strike(0.0, most) == (Event.GAVE_UP, FORGIVEN_AFTER)


def test_what_failure_can_depend_on_has_changed() -> None:
    strikes = Strikes()
    strikes.start("a")
    strikes.strike(0.0, 5)
    assert not strikes.changed("a")
    strikes.start("a")
    assert strikes.count == 1
    assert strikes.changed("b")
    strikes.start("b")
    assert strikes.count == 0


@pytest.mark.parametrize(("lived", "count"), [(PROOF + 0.1, 1), (PROOF - 0.1, 2)])
def test_an_engine_that_outlives_its_first_lease_has_proved_itself(lived: float, count: int) -> None:
    strikes = Strikes()
    strikes.strike(0.0, 5)
    strikes.start(None)
    strikes.lease_back(0.0)
    strikes.lease_back(lived - 0.01)
    strikes.strike(lived, 5)
    assert strikes.count == count


def test_an_engine_that_never_had_a_lease_has_proved_nothing() -> None:
    strikes = Strikes()
    strikes.strike(0.0, 5)
    strikes.start(None)
    strikes.strike(1e6, 5)
    assert strikes.count == 2


def test_the_proof_of_one_start_does_not_serve_the_next() -> None:
    strikes = Strikes()
    strikes.lease_back(0.0)
    strikes.strike(100.0, 5)
    strikes.start(None)
    strikes.strike(200.0, 5)
    assert strikes.count == 2


def test_forgiven_it_begins_anew() -> None:
    strikes = Strikes()
    strikes.strike(0.0, 1)
    strikes.forgive()
    assert strikes.strike(0.0, 2) == (Event.DIED, FIRST_REST)


@given(st.integers(1, 10), st.integers(0, 10))
def test_it_is_tried_exactly_as_often_as_allowed(most: int, more: int) -> None:
    strikes = Strikes()
    events = [strikes.strike(0.0, most)[0] for _ in range(most + more)]
    assert events == [Event.DIED] * (most - 1) + [Event.GAVE_UP] * (more + 1)
