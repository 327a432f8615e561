"""The owner of one model's engine: the only one who starts it, stops it and hands out its leases.

Everything else sends it messages (calls to be made by the owner, in order). Waiting work is the attendant's, which
reports by message too, so that no decision is taken on a state that has changed (P95).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from ..errors import ConfigFault, GatewayError, StartFailed
from .attendant import Asked, Attendant, Dead, Gone, NotStarted, Report, Started
from .backing import Backing, Limits, being_stopped, too_often
from .desk import Desk, Ticket
from .lease import EngineInfo, Lease, Live
from .room import resident_memory
from .speed import Speed
from .states import Event, State, step
from .strikes import Strikes

log = logging.getLogger("landbridge.engines")

Message = Callable[[], None]


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
        self._desk = Desk(name)
        self._attendant = Attendant(name, backing.launch, lambda report: self._post(partial(self._on_report, report)))
        self._live: Live | None = None
        self._replies: set[asyncio.Future[bool]] = set()
        self._retiring: list[asyncio.Future[bool]] = []
        self._strikes = Strikes()
        self._fault: GatewayError | None = None
        self._speed = Speed()
        self._wish: object = None
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
        self._desk.expect(ticket)
        self._post(partial(self._on_ask, ticket))
        return await ticket.lease

    def give_back(self, ticket: Ticket) -> None:
        """The lease ends, or nobody waits for it any more."""
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
        return self.state is State.READY and not self._desk.busy and not self._desk.waiting

    @property
    def window(self) -> int | None:
        """Tokens per request, while an engine is there."""
        return self._live.found.window if self._live is not None else None

    @property
    def embeds(self) -> bool | None:
        """Whether it makes embeddings, while an engine is there."""
        return self._live.found.embeds if self._live is not None else None

    def info(self) -> EngineInfo:
        """How it stands."""
        pid = self._live.process.pid if self._live is not None else None
        return EngineInfo(
            name=self.name,
            state=self.state,
            pid=pid,
            window=self.window,
            since=self._since,
            busy=self._desk.busy,
            waiting=self._desk.waiting,
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
            case State.STOPPED if self._desk.waiting:
                self._step(Event.WANTED)
                self._start()
            case State.FAILED if self._desk.waiting:
                self._desk.refuse(too_often(self.name, self._strikes.count, self._fault, self._rested_at - self._now()))
            case State.READY if self._desk.waiting:
                if self._live is not None and self._attendant.sound(self._live):
                    self.used = time.monotonic()
                    self._desk.lend(self._live, self._speed, self.used)
            case State.DRAINING if not self._desk.busy:
                self._step(Event.EMPTY)
                assert self._live is not None, "a draining engine is alive"
                self._attendant.stop(self._live)
        self._alarm = self._next_alarm()

    def _start(self) -> None:
        self._strikes.start(self._backing.cause(self.name))
        wish = self._backing.wish(self.name)
        if wish != self._wish:
            self._speed = Speed()
        self._wish = wish
        self._attendant.start()

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
        slots = self._live.found.slots if self._live is not None else 1
        if not self._desk.take(ticket, self._limits().max_queue, slots):
            return
        if self.state is State.READY and self._wish != self._backing.wish(self.name):
            self._step(Event.UNWANTED)
        elif self.state is State.FAILED and self._strikes.changed(self._backing.cause(self.name)):
            self._strikes.forgive()
            self._step(Event.RESTED)

    def _on_leave(self, ticket: Ticket) -> None:
        self.used = time.monotonic()
        if self._desk.leave(ticket, self.used):
            self._attendant.lease_back()
            self._strikes.lease_back(self.used)

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
                self._strikes.forgive()
                self._step(Event.RESTED)
            case State.READY if self.idle:
                self._step(Event.UNWANTED)

    def _on_report(self, report: Report) -> None:
        match report:
            case Started(live):
                self._on_started(live)
            case NotStarted(fault):
                self._on_not_started(fault)
            case Dead(live):
                self._on_dead(live)
            case Gone():
                self._drop_live()
                self._step(Event.EXITED)
            case Asked():
                pass  # to be looked at again is all

    def _on_started(self, live: Live) -> None:
        self._live = live
        self.used = time.monotonic()
        self._step(Event.ANSWERED)

    def _on_not_started(self, fault: GatewayError) -> None:
        self._fault = fault
        if isinstance(fault, StartFailed):
            self._strike()
        else:
            self._step(Event.REFUSED)
        self._desk.refuse(fault)

    def _on_dead(self, live: Live) -> None:
        if live is not self._live or self.state not in (State.READY, State.DRAINING):
            return
        self._fault = live.fault()
        log.warning("%s", self._fault.message if self._fault is not None else "")
        self._drop_live()
        self._strike()

    def _on_close(self) -> None:
        self._over = True

    def _strike(self) -> None:
        """One more crash in a row: a pause, or the end of trying."""
        self._backing.released(self.name)
        event, seconds = self._strikes.strike(time.monotonic(), self._limits().max_restarts)
        self._rested_at = self._now() + seconds
        self._step(event)

    def _drop_live(self) -> None:
        self._live = None
        self._desk.drop()
        self._backing.released(self.name)
        for reply in self._retiring:
            if not reply.done():
                reply.set_result(True)
        self._retiring.clear()

    async def _shut(self) -> None:
        """Stop whatever there is, and let nobody wait for ever."""
        self._over = True
        self._step(Event.HALT)
        self._desk.close(being_stopped(self.name))
        await self._attendant.close(self._live)
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
