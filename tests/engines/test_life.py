"""Where an engine stands: steps, uses, failures and pauses."""

from __future__ import annotations

import asyncio
import time

import pytest

from landbridge.engines.life import Life
from landbridge.engines.states import Event, ImpossibleStep, State
from landbridge.errors import StartFailed

pytestmark = pytest.mark.anyio


async def test_a_step_changes_the_state_and_the_time_since_when() -> None:
    life = Life("m")
    life.since = 0.0
    life.step(Event.WANTED)
    assert life.state is State.STARTING
    assert abs(life.since - time.time()) < 5
    with pytest.raises(ImpossibleStep):
        life.step(Event.EMPTY)
    assert life.state is State.STARTING


async def test_a_step_on_the_spot_is_none() -> None:
    life = Life("m")
    life.since = 0.0
    life.step(Event.HALT)
    assert (life.state, life.since) == (State.STOPPED, 0.0)


async def test_uses_in_the_background_are_told_apart() -> None:
    life = Life("m")
    life.used = 0.0
    life.use(background=True)
    assert life.used > 0
    assert life.served is None
    life.use(background=False)
    assert life.served == life.used


async def test_failures_cost_a_pause_and_too_many_a_long_one() -> None:
    life, now = Life("m"), asyncio.get_running_loop().time()
    for expected in (State.RESTING, State.FAILED):
        life.step(Event.WANTED)
        life.begin("cause")
        life.strike(2)
        assert life.state is expected
        assert life.rested_at > now
        if expected is State.RESTING:
            life.step(Event.RESTED)
    life.fail(StartFailed("It did not."))
    assert life.failing
    told = life.too_often()
    assert "failed 2 times in a row" in told.message
    assert "It did not." in told.message
    assert told.retry_after is not None
    assert told.retry_after > 100
    assert not life.changed("cause")
    assert life.changed("another")
    life.forgive()
    assert life.state is State.STOPPED
    assert fails_after(life, Event.WANTED) is True
    assert fails_after(life, Event.ANSWERED) is False
    assert life.fault is not None, "it is remembered all the same"


def fails_after(life: Life, event: Event) -> bool:
    life.step(event)
    return life.failing
