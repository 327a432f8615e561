"""A request's way through the targets that its name leads to, until one answers: before the first byte to the client.

One that fails is left for the next at once. Only where nobody is left is one asked again, after a pause; or the same at
once, where it asks for a moment (`retry-after`) that is shorter than its prompt cache is worth. A client that leaves
ends all of it, pauses too.
"""

from __future__ import annotations

import asyncio
import logging
import random
from copy import copy
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ..access.grant import forbidden, may_use
from ..errors import GatewayError, Overloaded, ProviderLimit, TooLong, UnknownModel
from ..routing.breaker import Breaker
from ..routing.chain import Course, Fork, Skip, course, said
from ..routing.faults import goes_on, is_ill, passes, rest_of, words_of
from ..wire.rename import Peek, leading_model, peek
from .again import Runner, begun, clear, follow, follower, tell
from .branches import NOT_FOR_KEY, Stand, first_of, stands, tokens_of
from .call import Call, Sink
from .conversation import conversation_of
from .journal import Record
from .stored.resume import kept_at
from .world import World

if TYPE_CHECKING:
    from .exchange import Gateway

log = logging.getLogger("landbridge.gateway")

NOBODY = 30.0
"""Seconds after which a client may come again where nobody knows better."""
UNASKED = -1
"""In place of the status of a target that was not asked after all."""


def trip_of(gateway: Gateway, world: World, call: Call, sink: Sink, record: Record) -> Trip | None:
    """The trip of a call whose model's name leads to several; None where it leads to one."""
    guess = call.named.model if call.named is not None else leading_model(call.body)
    view = world.view(call)
    try:
        if guess is not None and not isinstance(world.find(guess, view), Fork):
            return None
        asked = call.named or peek(call.body)  # the last word counts
        found = world.find(asked.model, view)
    except UnknownModel:
        return None  # said where one model is looked for
    return Trip(gateway, world, call, sink, record, asked, found) if isinstance(found, Fork) else None


class _Try:
    """One target's turn, as its attempt sees it."""

    def __init__(self, trip: Trip, label: str, breaker: Breaker, ticket: int, others: bool) -> None:
        self._trip, self._label, self.breaker, self.ticket = trip, label, breaker, ticket
        self.others = others
        self._began = trip.now()

    def holds(self, error: GatewayError, status: int) -> bool:
        """Whether another may answer, or the same later."""
        return goes_on(error, longer=self._trip.fork.longer)

    def heard(self) -> None:
        """It answers: if it was to show that, somebody else need not wait for the end of this answer."""
        now = self._trip.now()
        self._trip.gateway.speeds.note(self._label, self._trip.streams, now - self._began, now)
        self.breaker.give_up(self.ticket)


class Trip:
    """The way of one request. Runs once."""

    def __init__(
        self, gateway: Gateway, world: World, call: Call, sink: Sink, record: Record, asked: Peek, fork: Fork
    ) -> None:
        self.gateway, self.fork = gateway, fork
        self._world, self._call, self._sink, self._record = world, call, sink, record
        self._name, self.streams = asked.model, asked.stream
        self.now = asyncio.get_running_loop().time
        self._key = conversation_of(call) if fork.sticky or fork.policy == "weight" else ""
        self._stands: list[Stand] = []
        self._course = Course((), "")
        self._failed: list[Skip] = []
        self._errors: list[tuple[int, GatewayError, int]] = []
        """Position, error and the upstream's status, of each that failed."""
        self._before: Runner | None = None
        """The last one that failed after the client had got the beginning of a stream."""

    async def run(self) -> None:
        """Find a target that answers. Raises what no client has seen yet."""
        self._record.model, self._record.attempts = self._name, 0
        first = first_of(self._world, self.fork, self._call)
        if first is not None:
            self._stands, left = [first], [0]
        else:
            left = await self._plan()
        if not left:
            raise self._nobody()
        patience = self._world.config.retries
        tries = patience.max
        while left:
            position = left.pop(0)
            if await self._ask(position, others=bool(left) or first is not None):
                return
            if first is not None:
                first, left = None, [each for each in await self._plan() if each]
            _, error, status = self._errors[-1]
            if isinstance(error, TooLong):
                left = [each for each in left if self._holds_more(each, position)]
            elif isinstance(error, ProviderLimit) and self.fork.spill in ("local", "both"):
                left.sort(key=lambda each: not self._stands[each].branch.local)
            elif isinstance(error, ProviderLimit) and tries and passes(error, status, patience.patience):
                tries -= 1
                await asyncio.sleep(error.retry_after or 0.0)
                left.insert(0, position)
        if not await self._ask_again(tries):
            await tell(self._last_word(), self._before)

    # -- where to ------------------------------------------------------------------------------------------------------

    async def _plan(self) -> list[int]:
        """Look at all targets: the positions of those that may be asked, in their order."""
        world, fork, call = self._world, self.fork, self._call
        view = world.view(call)
        leaves = world.leaves(fork, view)
        if world.unasked and any(leaf.route is None or leaf.route.by_lists for leaf in leaves):
            await self.gateway.listing.refresh(world)
            leaves = world.leaves(fork, view)
        now = self.now()
        self._stands = stands(world, self.gateway.parts.keeper, self._name, leaves, call.key, now)
        branches = [stand.branch for stand in self._stands]
        fastest = None
        if fork.policy == "least_latency":
            fastest = self.gateway.speeds.order([branch.label for branch in branches], self.streams, now)
        held = self.gateway.bonds.held(fork.name, self._key, now) if fork.sticky else ""
        if (keeper := kept_at(self.gateway.parts.stored, call)) != "":
            held = next((stand.branch.label for stand in self._stands if _is_of(stand, keeper)), held)
        tokens = tokens_of(fork, call.body)
        found = course(fork, branches, key=self._key, held=held, fastest=fastest, tokens=tokens)
        # A key is told nothing of models that are not for it; and who has failed just now was not passed over.
        failed = {skip.target for skip in self._failed}
        skips = (skip for skip in found.skipped if skip.why != NOT_FOR_KEY and skip.target not in failed)
        self._course = replace(found, skipped=tuple(skips))
        return list(found.order)

    def _holds_more(self, position: int, than: int) -> bool:
        """Whether one target may hold what another could not."""
        window, other = self._stands[position].branch.window, self._stands[than].branch.window
        return window is None or other is None or window > other

    def _nobody(self) -> GatewayError:
        """The error where there is nobody to ask."""
        key, skipped = self._call.key, self._course.skipped
        if key is not None and not any(may_use(key, self._name, stand.branch.label) for stand in self._stands):
            return forbidden(key, self._name)
        self._record.route = said("-", self.fork, self._course)
        named = ", ".join(f"{skip.target} ({skip.why})" for skip in skipped)
        if not any(stand.branch.rests for stand in self._stands):
            return UnknownModel(
                f"None of the models of '{self._name}' can be used: {named}.",
                remedy="Mend its targets in the settings.",
            )
        now = self.now()
        waits = [self._world.breaker(stand.branch.label).left(now) for stand in self._stands if stand.branch.rests]
        return Overloaded(
            f"All models of '{self._name}' have failed and are left alone for a while: {named}.",
            remedy="Try again later; /health says what is wrong with them.",
            origin="landbridge",
            retry_after=min((wait for wait in waits if wait), default=NOBODY),
        )

    # -- one target ----------------------------------------------------------------------------------------------------

    async def _ask(self, position: int, *, others: bool = False) -> bool:
        """Whether the client has its answer, be it an error that is its own. Else the error is in `_errors`."""
        stand = self._stands[position]
        label, target = stand.branch.label, stand.target
        assert target is not None, "only what exists is asked"
        breaker = self._world.breaker(label)
        ticket = breaker.take(self.now())
        if ticket is None:
            # Not asked after all: somebody else's request was its probe, or has failed meanwhile.
            resting = Overloaded(f"{label} is left alone for a while.", origin=f"provider:{label}")
            self._note(position, resting, UNASKED)
            return False
        trial = _Try(self, label, breaker, ticket, others)
        if self.fork.policy == "least_latency":
            self.gateway.speeds.try_out(label, self.streams, self.now())
        runner: Runner | None = None
        if self._errors:
            clear(self._record)
        self._record.attempts += 1
        self._record.route = said(label, self.fork, self._course, self._failed)
        try:
            asked, target = self.gateway.prepare(
                self._world, self._call, self._record, target, begun=begun(self._before)
            )
            runner, going = self.gateway.leg(self._world, self._call, self._sink, self._record, asked, target, trial)
            follow(runner, self._before)
            await going
        except GatewayError as error:
            status = runner.status if runner is not None else 0
            self._learn(trial, target.provider, error, status)
            if not goes_on(error, longer=self.fork.longer):
                await tell(error, follower(runner, self._before))
                return True
            self._before = follower(runner, self._before)
            self._note(position, error, status)
            log.info("exchange %s: %s failed: %s", self._record.id, label, error.message)
            return False
        except BaseException:
            breaker.give_up(ticket)
            raise
        self._learn(trial, target.provider, runner.failed, runner.status)
        if runner.failed is None and self.fork.sticky:
            self.gateway.bonds.hold(self.fork.name, self._key, label, self.now())
        return True

    def _learn(self, trial: _Try, provider: str, error: GatewayError | None, status: int) -> None:
        """What came of it, for the target's breaker. Who asks for a moment only is not ill."""
        moment = isinstance(error, ProviderLimit) and passes(error, status, self._world.config.retries.patience)
        if error is None:
            trial.breaker.succeed(trial.ticket)
        elif is_ill(error) and not moment:
            trial.breaker.fail(trial.ticket, self.now(), words_of(error, status), rest_of(error))
            self.gateway.lookout.failed(self._world, provider, trial.breaker, error)
        else:
            trial.breaker.give_up(trial.ticket)

    def _note(self, position: int, error: GatewayError, status: int) -> None:
        # Its frames would keep the whole attempt in memory until the garbage collector comes.
        self._errors.append((position, error.with_traceback(None), status))
        self._failed.append(Skip(self._stands[position].branch.label, words_of(error, status)))

    async def _ask_again(self, tries: int) -> bool:
        """Nobody is left: ask those again, after pauses, whose errors pass."""
        world = self._world
        for number in range(tries):
            passing = [each for each in self._errors if passes(each[1], each[2], world.backoff.longest)]
            if not passing:
                return False
            position, error, _ = min(passing, key=lambda each: each[1].retry_after or 0.0)
            pause = world.backoff.pause(number, random.random(), error.retry_after)  # noqa: S311 - no secret
            if pause is None or not world.breaker(self._stands[position].branch.label).admits(self.now() + pause):
                return False
            self._errors = [each for each in self._errors if each[0] != position]
            await asyncio.sleep(pause)
            if await self._ask(position):
                return True
        return False

    def _last_word(self) -> GatewayError:
        """The last target's error, with the others named."""
        said_so = [error for _, error, status in self._errors if status != UNASKED]
        error = said_so[-1] if said_so else self._errors[-1][1]
        self._record.route = said(self._failed[-1].target, self.fork, self._course, self._failed)
        others = self._failed[:-1]
        if not others and not self._course.skipped:
            return error
        told = copy(error)
        named = [f"{skip.target} ({skip.why})" for skip in (*others, *self._course.skipped)]
        told.remedy = f"{error.remedy} Before it: {', '.join(named)}.".strip()
        return told


def _is_of(stand: Stand, provider: str) -> bool:
    """Whether a target is a model of that provider."""
    return stand.target is not None and stand.target.provider == provider
