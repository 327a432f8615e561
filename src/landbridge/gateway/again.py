"""One target asked again, and what goes from one try of a request to the next: its record, the stream it has begun."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING

from ..errors import GatewayError
from ..neutral.events import Usage
from ..routing.target import Target
from .attempt import Attempt
from .call import Call, Sink
from .journal import Record
from .passthrough import Passage
from .world import World

if TYPE_CHECKING:
    from .exchange import Gateway

log = logging.getLogger("landbridge.gateway")

Runner = Passage | Attempt


class Again:
    """Asks one target again, after pauses, for as long as its errors are of the kind that passes."""

    def __init__(self, gateway: Gateway, world: World, call: Call, sink: Sink, record: Record, target: Target) -> None:
        self._gateway, self._world, self._call = gateway, world, call
        self._sink, self._record, self._target = sink, record, target

    async def run(self, error: GatewayError, before: Runner | None) -> None:
        """`before` has failed with `error`, and nothing of an answer has left. Raises what no client has seen."""
        world, record, most = self._world, self._record, self._world.config.retries.max
        for number in range(most):
            pause = world.backoff.pause(number, random.random(), error.retry_after)  # noqa: S311 - no secret
            if pause is None:
                break
            log.info("exchange %s: %s is asked again in %.2f s: %s", record.id, record.target, pause, error.message)
            await asyncio.sleep(pause)
            trial = world.alone if number + 1 < most else None
            clear(record)
            asked, target = self._gateway.prepare(world, self._call, record, self._target, begun=begun(before))
            runner, going = self._gateway.leg(world, self._call, self._sink, record, asked, target, trial)
            follow(runner, before)
            record.attempts += 1
            try:
                await going
                return
            except GatewayError as fault:
                error, before = fault.with_traceback(None), follower(runner, before)
                if trial is None or not trial.holds(fault, runner.status):
                    break
        await tell(error, before)


def clear(record: Record) -> None:
    """Nothing of an earlier try stays in the record."""
    record.first, record.losses, record.usage, record.repairs = None, (), Usage(), {}
    record.outcome, record.message = "ok", ""  # a status that has left to the client stays


def begun(before: Runner | None) -> bool:
    """Whether the client has got events of a stream, so that nothing can pass through any more."""
    return isinstance(before, Attempt) and before.begun


def follow(runner: Runner, before: Runner | None) -> None:
    """Let `runner` go on with the stream that `before` has begun."""
    if isinstance(runner, Attempt) and isinstance(before, Attempt):
        runner.before = before


def follower(runner: Runner | None, before: Runner | None) -> Runner | None:
    """Who speaks to the client from now on: whoever has begun last."""
    return runner if runner is not None and runner.begun else before


async def tell(error: GatewayError, before: Runner | None) -> None:
    """Tell the client, in the stream where one has begun; else raise `error`, to be said as a status."""
    if before is None or not before.begun:
        raise error
    await before.fail(error)
