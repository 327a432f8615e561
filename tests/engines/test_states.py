"""The table of an engine's life: every (state, event) pair, and what follows from the table as a whole."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines.states import Event, ImpossibleStep, State, step

STOPPED, STARTING, READY, DRAINING, STOPPING, RESTING, FAILED = State
WANTED, ANSWERED, REFUSED, DIED, GAVE_UP, UNWANTED, EMPTY, EXITED, RESTED, HALT = Event
____ = None

TABLE: dict[State, tuple[State | None, ...]] = {
    #          WANTED    ANSWERED  REFUSED  DIED     GAVE_UP  UNWANTED  EMPTY     EXITED   RESTED   HALT
    STOPPED: (STARTING, ____, ____, ____, ____, ____, ____, ____, ____, STOPPED),
    STARTING: (____, READY, STOPPED, RESTING, FAILED, ____, ____, ____, ____, STOPPING),
    READY: (____, ____, ____, RESTING, FAILED, DRAINING, ____, ____, ____, STOPPING),
    DRAINING: (____, ____, ____, RESTING, FAILED, ____, STOPPING, ____, ____, STOPPING),
    STOPPING: (____, ____, ____, ____, ____, ____, ____, STOPPED, ____, STOPPING),
    RESTING: (____, ____, ____, ____, ____, ____, ____, ____, STOPPED, STOPPED),
    FAILED: (____, ____, ____, ____, ____, ____, ____, ____, STOPPED, STOPPED),
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, Event)), ids=str)
def test_every_pair_is_as_listed(state: State, event: Event) -> None:
    expected = TABLE[state][list(Event).index(event)]
    if expected is None:
        with pytest.raises(ImpossibleStep, match=str(state)):
            step(state, event)
    else:
        assert step(state, event) is expected


@given(st.lists(st.sampled_from(Event), max_size=30))
def test_whatever_happened_an_engine_can_be_stopped_for_good(events: list[Event]) -> None:
    state = STOPPED
    for event in events:
        try:
            state = step(state, event)
        except ImpossibleStep:
            continue
    state = step(state, HALT)
    assert state is STOPPED or step(state, EXITED) is STOPPED


def test_a_loading_engine_is_never_unwanted() -> None:
    with pytest.raises(ImpossibleStep):
        step(STARTING, UNWANTED)
