"""The owner of one model's engine: the only one who starts it, stops it and hands out its leases.

Everything else sends it messages (calls to be made by the owner, in order). Waiting work (starting, stopping,
watching) runs beside it and reports by message too, so that no decision is taken on a state that has changed (P95).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import TypeVar

from ..errors import ConfigFault, GatewayError, StartFailed
from .backing import Backing, Limits, Ticket, being_stopped, defect, too_many, too_often
from .lease import EngineInfo, Lease, Live
from .line import Line
from .room import resident_memory
from .speed import Speed
from .states import FORGIVEN_AFTER, Event, State, rest, step

log = logging.getLogger("landbridge.engines")

Message = Callable[[], None]
Outcome = TypeVar("Outcome")
DOUBT = 2.0
"""Seconds after a lease came back in which the engine is asked before the next: by then a crash would be known."""
HANGING = 15.0
"""Seconds without an answer to that question after which the engine is killed."""
PROOF = 2.0
"""Seconds an engine must outlive its first lease for its earlier crashes to be forgotten: a lease that a crash ends can
come back before the crash is known."""


class Engine:
    """One model. `run` is the owner task; the public methods only send it messages."""

    def __init__(self, name: str, backing: Backing) -> None:
        self.name = name
        self.state = State.STOPPED
        """Advisory: only the owner may act on it."""
        self.used = time.monotonic()
        """When a lease was last taken or given back."""
        self._backing = backing
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._line: Line[Ticket] = Line()
        self._live: Live | None = None
        self._work: asyncio.Task[Live | None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._probe: asyncio.Task[None] | None = None
        self._doubted, self._cleared = 0.0, 0.0
        """When a lease last came back, and when the question was put to which the engine last said that it is well."""
        self._tickets: set[Ticket] = set()
        self._replies: set[asyncio.Future[bool]] = set()
        self._retiring: list[asyncio.Future[bool]] = []
        self._strikes = 0
        self._fault: GatewayError | None = None
        self._speed = Speed()
        self._wish: object = None
        self._cause: object = None
        self._proved: float | None = None
        """When the first lease since the start came back."""
        self._alarm: float | None = None
        self._rested_at = 0.0
        self._known_limits = backing.limits(name)
        self._since = time.time()
        self._over = False

    # -- messages ------------------------------------------------------------------------------------------------------

    async def acquire(self, ticket: Ticket) -> Lease:
        """Wait for `ticket`'s turn. Whatever happens, `give_back` must follow."""
        if self._over:
            raise being_stopped(self.name)
        self._tickets.add(ticket)
        self._post(partial(self._on_ask, ticket))
        return await ticket.lease

    def give_back(self, ticket: Ticket) -> None:
        """The lease ends, or nobody waits for it any more."""
        self._tickets.discard(ticket)
        self._post(partial(self._on_leave, ticket))

    async def retire(self, *, drain: bool = False) -> bool:
        """Unload it if it is idle, or with `drain` once it is. True when the process is gone, False if it stays."""
        if self._over:
            return False
        reply: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._replies.add(reply)
        reply.add_done_callback(self._replies.discard)
        self._post(partial(self._on_retire, reply, drain))
        return await reply

    def close(self) -> None:
        """Stop now; `run` returns when all is gone."""
        self._post(self._on_close)

    @property
    def idle(self) -> bool:
        """Ready, and nobody holds it or waits for it. Advisory."""
        return self.state is State.READY and not self._line.busy and not self._line.waiting

    @property
    def window(self) -> int | None:
        """Tokens per request, while an engine is there."""
        return self._live.found.window if self._live is not None else None

    def info(self) -> EngineInfo:
        """How it stands."""
        pid = self._live.process.pid if self._live is not None else None
        return EngineInfo(
            name=self.name,
            state=self.state,
            pid=pid,
            window=self.window,
            since=self._since,
            busy=self._line.busy,
            waiting=self._line.waiting,
            memory=resident_memory(pid) if pid is not None else 0,
            last_fault=self._fault.message if self._fault is not None else "",
        )

    # -- the owner -----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Own the engine until `close`."""
        try:
            while not self._over:
                handle: Message
                try:
                    async with asyncio.timeout_at(self._alarm):
                        handle = await self._inbox.get()
                except TimeoutError:
                    handle = self._on_alarm
                handle()
                if not self._over:
                    self._advance()
        finally:
            await self._shut()

    def _post(self, message: Message) -> None:
        self._inbox.put_nowait(message)

    def _step(self, event: Event) -> None:
        before, self.state = self.state, step(self.state, event)
        if before is not self.state:
            self._since = time.time()
            log.info("engine %s: %s, now %s", self.name, event, self.state)

    def _advance(self) -> None:
        """After every message: do what the state calls for, and set the alarm."""
        match self.state:
            case State.STOPPED if self._line.waiting:
                self._step(Event.WANTED)
                self._start()
            case State.FAILED if self._line.waiting:
                self._refuse_all(too_often(self.name, self._strikes, self._fault, self._rested_at - self._now()))
            case State.READY if self._live is not None and self._live.process.ended is None:
                self._serve(self._live)
            case State.DRAINING if not self._line.busy:
                self._step(Event.EMPTY)
                assert self._live is not None, "a draining engine is alive"
                self._work = _task(self._stop(self._live), f"stop {self.name}")
        self._alarm = self._next_alarm()

    def _start(self) -> None:
        cause = self._backing.cause(self.name)
        if cause != self._cause:
            self._strikes = 0
        wish = self._backing.wish(self.name)
        if wish != self._wish:
            self._speed = Speed()
        self._wish, self._cause, self._proved = wish, cause, None
        self._work = _task(self._launch(), f"start {self.name}")

    def _serve(self, live: Live) -> None:
        """Give out leases; first ask whether it is well, if one has just come back: perhaps because it is dying."""
        if not self._line.waiting:
            return
        if self._doubted > self._cleared and time.monotonic() - self._doubted < DOUBT:
            if self._probe is None:
                self._probe = _task(self._ask_health(live), f"probe {self.name}")
            return
        for ticket in self._line.admit(live.found.slots, time.monotonic()):
            self.used = time.monotonic()
            if ticket.lease.done():
                self._line.leave(ticket, self.used)
            else:
                ticket.lease.set_result(Lease(live, self._speed))

    def _next_alarm(self) -> float | None:
        now = self._now()
        match self.state:
            case State.RESTING | State.FAILED:
                return self._rested_at
            case State.READY if self.idle and (idle := self._limits().idle_seconds) is not None:
                return now + max(0.0, self.used + idle - time.monotonic())
            case _:
                return None

    # -- what happens --------------------------------------------------------------------------------------------------

    def _on_ask(self, ticket: Ticket) -> None:
        if ticket.lease.done():
            return
        if self._line.waiting >= self._limits().max_queue:
            slots = self._live.found.slots if self._live is not None else 1
            ticket.refuse(too_many(self.name, self._line.waiting, self._line.patience(slots)))
            return
        self._line.join(ticket, light=ticket.light)
        if self.state is State.READY and self._wish != self._backing.wish(self.name):
            self._step(Event.UNWANTED)
        elif self.state is State.FAILED and self._cause != self._backing.cause(self.name):
            self._strikes = 0
            self._step(Event.RESTED)

    def _on_leave(self, ticket: Ticket) -> None:
        self.used = time.monotonic()
        if self._line.leave(ticket, self.used):
            self._doubted = self.used
            self._proved = self._proved or self.used

    def _on_retire(self, reply: asyncio.Future[bool], drain: bool) -> None:
        if reply.done():
            return
        match self.state:
            case State.READY if drain or self.idle:
                self._step(Event.UNWANTED)
                self._retiring.append(reply)
            case State.DRAINING | State.STOPPING:
                self._retiring.append(reply)
            case _:
                reply.set_result(False)

    def _on_alarm(self) -> None:
        match self.state:
            case State.RESTING:
                self._step(Event.RESTED)
            case State.FAILED:
                self._strikes = 0
                self._step(Event.RESTED)
            case State.READY if self.idle:
                self._step(Event.UNWANTED)

    def _on_started(self, live: Live) -> None:
        self._live = live
        self.used = time.monotonic()
        self._watch = _task(self._tell_when_dead(live), f"watch {self.name}")
        self._step(Event.ANSWERED)

    def _on_not_started(self, fault: GatewayError) -> None:
        self._fault = fault
        if isinstance(fault, StartFailed):
            self._strike()
        else:
            self._step(Event.REFUSED)
        self._refuse_all(fault)

    def _on_probed(self, live: Live, asked: float | None) -> None:
        self._probe = None
        if asked is not None:
            self._cleared = asked
        elif live is self._live:
            live.process.kill()

    def _on_dead(self, live: Live) -> None:
        if live is not self._live or self.state not in (State.READY, State.DRAINING):
            return
        self._fault = live.fault()
        log.warning("%s", self._fault.message if self._fault is not None else "")
        self._drop_live()
        if self._proved is not None and time.monotonic() - self._proved > PROOF:
            self._strikes = 0
        self._strike()

    def _on_gone(self) -> None:
        self._drop_live()
        self._step(Event.EXITED)

    def _on_close(self) -> None:
        self._over = True

    def _strike(self) -> None:
        """One more crash in a row: a pause, or the end of trying."""
        self._strikes += 1
        self._backing.released(self.name)
        now = self._now()
        if self._strikes >= self._limits().max_restarts:
            self._rested_at = now + FORGIVEN_AFTER
            self._step(Event.GAVE_UP)
        else:
            self._rested_at = now + rest(self._strikes)
            self._step(Event.DIED)

    def _drop_live(self) -> None:
        self._live = None
        self._line.drop()
        self._backing.released(self.name)
        for reply in self._retiring:
            if not reply.done():
                reply.set_result(True)
        self._retiring.clear()

    def _refuse_all(self, fault: GatewayError) -> None:
        for ticket in self._line.disband():
            ticket.refuse(fault)

    # -- work beside the owner -----------------------------------------------------------------------------------------

    async def _launch(self) -> Live | None:
        try:
            live = await self._backing.launch(self.name)
        except GatewayError as fault:
            self._post(partial(self._on_not_started, fault))
        except Exception as error:
            log.exception("engine %s could not be started", self.name)
            self._post(partial(self._on_not_started, defect(self.name, error)))
        else:
            self._post(partial(self._on_started, live))
            return live
        return None

    async def _stop(self, live: Live) -> Live | None:
        await live.close()
        self._post(self._on_gone)
        return None

    async def _ask_health(self, live: Live) -> None:
        asked, deadline = time.monotonic(), self._now() + HANGING
        while live.process.ended is None and self._now() < deadline:
            if await live.control.healthy():
                self._post(partial(self._on_probed, live, asked))
                return
            await asyncio.sleep(0.02)
        self._post(partial(self._on_probed, live, None))

    async def _tell_when_dead(self, live: Live) -> None:
        await live.process.wait()
        self._post(partial(self._on_dead, live))

    async def _shut(self) -> None:
        """Stop whatever there is, and let nobody wait for ever."""
        self._over = True
        self._step(Event.HALT)
        for ticket in self._tickets:
            ticket.refuse(being_stopped(self.name))
        lives = {self._live} if self._live is not None else set()
        if self._work is not None:
            self._work.cancel()
            (outcome,) = await asyncio.gather(self._work, return_exceptions=True)
            if isinstance(outcome, Live):  # became ready, and its message was not read any more
                lives.add(outcome)
        for live in lives:
            await live.close()
        others = [task for task in (self._watch, self._probe) if task is not None]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self._live = None
        self._backing.released(self.name)
        if self.state is State.STOPPING:
            self._step(Event.EXITED)
        for reply in [*self._replies]:
            if not reply.done():
                reply.set_result(True)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _limits(self) -> Limits:
        """The limits now; the last good ones while the settings cannot be understood."""
        with suppress(ConfigFault):
            self._known_limits = self._backing.limits(self.name)
        return self._known_limits


def _task(work: Coroutine[object, object, Outcome], name: str) -> asyncio.Task[Outcome]:
    """A task for its owner to keep."""
    return asyncio.get_running_loop().create_task(work, name=name)
