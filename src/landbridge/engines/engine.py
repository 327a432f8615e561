"""The owner of one model's engine: the only one who starts it, stops it and hands out its leases.

Everything else sends it messages (calls to be made by the owner, in order). Waiting work is the attendant's, which
reports by message too, so that no decision is taken on a state that has changed (P95).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from ..errors import ConfigFault, GatewayError, StartFailed
from .attendant import Attendant, Dead, Dropped, Gone, NotStarted, Report, Started
from .backing import Backing, Limits, being_stopped, unloaded
from .desk import Desk, Ticket
from .farewells import Farewells
from .growth import LeakWatch
from .lease import Lease, Live
from .life import Life
from .speed import Speed
from .states import Event, State

log = logging.getLogger("landbridge.engines")

Message = Callable[[], None]


class Engine:
    """One model. `run` is the owner task; the public methods only send it messages."""

    def __init__(self, name: str, backing: Backing) -> None:
        self.name = name
        self.life = Life(name)
        """Advisory: only the owner may act on it."""
        self.asked = False
        """Whether it was asked to step aside, and still shall."""
        self._backing = backing
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.desk = Desk(name)
        """Who waits for it and who holds it. Advisory, too."""
        self._attendant = Attendant(name, backing.launch, lambda report: self._post(partial(self._on_report, report)))
        self.live: Live | None = None
        """The running process. Advisory."""
        self._farewells = Farewells()
        self._speed = Speed()
        self._leaks = LeakWatch(name)
        self._wish: object = None
        self._alarm: float | None = None
        self._known_limits = backing.limits(name)
        self._over = False

    # -- messages ------------------------------------------------------------------------------------------------------

    async def acquire(self, ticket: Ticket) -> Lease:
        """Wait for `ticket`'s turn. Whatever happens, `give_back` must follow."""
        if self._over:
            raise being_stopped(self.name)
        self.desk.expect(ticket)
        self._post(partial(self._on_ask, ticket))
        return await ticket.lease

    def give_back(self, ticket: Ticket) -> None:
        """The lease ends, or nobody waits for it any more."""
        self._post(partial(self._on_leave, ticket))

    async def retire(self, *, now: bool = False) -> bool:
        """Unload it once those who use it are done, or `now`. True when the process is gone, False if there is none."""
        if self._over:
            return False
        reply = self._farewells.ask()
        self._post(partial(self._on_retire, reply, now))
        return await reply

    def step_aside(self) -> None:
        """Others need its memory: it serves those who stand in its line, and stops."""
        if not self.asked:
            self.asked = True
            self._post(self._on_asked)

    def stay(self) -> None:
        """Nobody needs its memory any more."""
        if self.asked:
            self.asked = False
            self._post(self._on_asked)

    def look_again(self) -> None:
        """Settings that take effect at once have changed."""
        self._post(lambda: None)

    def close(self) -> None:
        """Stop now; `run` returns when all is gone."""
        self._over = True
        self._post(lambda: None)

    @property
    def state(self) -> State:
        """Where it stands. Advisory."""
        return self.life.state

    @property
    def idle(self) -> bool:
        """Ready, and nobody holds it or waits for it. Advisory."""
        return self.state is State.READY and not self.desk.busy and not self.desk.waiting

    def foretell(self, tokens: int, who: str) -> float:
        """Seconds to read a prompt of about so many tokens, beyond what it knows of `who`; 0 where nobody can tell."""
        known = self.live.slots.holds(who) if self.live is not None else 0
        whole, done = self._speed.predict(tokens), self._speed.predict(min(known, tokens))
        return whole - done if whole is not None and done is not None else 0.0

    # -- the owner -----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Own the engine until `close`."""
        try:
            while not self._over:
                try:
                    async with asyncio.timeout_at(self._alarm):
                        handle = await self._inbox.get()
                except TimeoutError:
                    handle = self._on_alarm
                handle()
                if not self._over:
                    self._advance()
                    self._backing.moved()
        finally:
            await self._shut()

    def _post(self, message: Message) -> None:
        self._inbox.put_nowait(message)

    def _advance(self) -> None:
        """After every message: do what the state calls for, and set the alarm."""
        if self._goes and self.desk.served:
            self.life.step(Event.UNWANTED)
        match self.state:
            case State.STOPPED if self.desk.waiting:
                self.life.step(Event.WANTED)
                self._start()
            case State.FAILED if self.desk.waiting:
                self.desk.refuse(self.life.too_often())
            case State.READY if self.desk.waiting:
                if self.live is not None and self._attendant.sound(self.live):
                    self.desk.lend(self.live, self._speed, self.life.now())
            case State.DRAINING if not self.desk.busy:
                self._stop()
        self._alarm = self.next_alarm()

    @property
    def _goes(self) -> bool:
        """Whether it stops as soon as its line is served."""
        asked = self.asked and not self._backing.pinned(self.name)
        return self.state is State.READY and (asked or self._leaks.found)

    def _start(self) -> None:
        self.life.begin(self._backing.cause(self.name))
        wish = self._backing.wish(self.name)
        if wish != self._wish:
            self._speed = Speed()
        self._wish = wish
        self._attendant.start()

    def _stop(self) -> None:
        self.life.step(Event.EMPTY)
        assert self.live is not None, "a draining engine is alive"
        self._backing.leaving(self.name)
        self._attendant.stop(self.live)

    def next_alarm(self) -> float | None:
        """When, by the loop's clock, something happens by itself: a pause ends, or an idle engine is unloaded."""
        match self.state:
            case State.RESTING | State.FAILED:
                return self.life.rested_at
            case State.READY if self.idle and (idle := self._limits().idle_seconds) is not None:
                return None if self._backing.pinned(self.name) else self.life.used + idle
            case _:
                return None

    # -- what happens --------------------------------------------------------------------------------------------------

    def _on_ask(self, ticket: Ticket) -> None:
        slots = self.live.found.slots if self.live is not None else 1
        if not self.desk.take(ticket, self._limits().max_queue, slots):
            return
        self.life.use(background=ticket.background)
        if self.state is State.READY and self._wish != self._backing.wish(self.name):
            self.life.step(Event.UNWANTED)
        elif self.state is State.FAILED and self.life.changed(self._backing.cause(self.name)):
            self.life.forgive()

    def _on_leave(self, ticket: Ticket) -> None:
        self.life.use(background=ticket.background)
        if self.desk.leave(ticket, self.life.now()):
            self._attendant.lease_back()
            self.life.lease_back()
            if self.live is not None and self._leaks.look(self.live.process.pid, self._backing.planned(self.name)):
                self.desk.close_line()

    def _on_retire(self, reply: asyncio.Future[bool], now: bool) -> None:
        if reply.done():
            return
        if self.state is State.STARTING:
            self.desk.refuse(unloaded(self.name))
            self._backing.leaving(self.name)
            self._attendant.break_off()
        if self.state is State.READY:
            self.life.step(Event.UNWANTED)
        if self.state is State.DRAINING and now:
            self._stop()
        if self.state in (State.STARTING, State.DRAINING, State.STOPPING):
            self._farewells.expect(reply)
        else:
            reply.set_result(False)

    def _on_asked(self) -> None:
        """It shall step aside, or no longer."""
        if self.state is State.READY and (self.asked or self._leaks.found):
            self.desk.close_line()
        else:
            self.desk.open_line()

    def _on_alarm(self) -> None:
        if self.next_alarm() != self._alarm:
            return  # the settings have changed, and with them the time
        match self.state:
            case State.RESTING:
                self.life.step(Event.RESTED)
            case State.FAILED:
                self.life.forgive()
            case State.READY:
                self.life.step(Event.UNWANTED)

    def _on_report(self, report: Report) -> None:
        """What its attendant tells; `Asked` only has it looked at again."""
        match report:
            case Started(live):
                self._on_started(live)
            case NotStarted(fault):
                self._on_not_started(fault)
            case Dropped():
                self.life.step(Event.REFUSED)
                self._drop_live()
            case Dead(live):
                self._on_dead(live)
            case Gone():
                self._drop_live()
                self.life.step(Event.EXITED)

    def _on_started(self, live: Live) -> None:
        self.live = live
        self._leaks = LeakWatch(self.name)
        self.life.use(background=True)
        self.life.step(Event.ANSWERED)
        if self._farewells.expected:
            self.life.step(Event.UNWANTED)

    def _on_not_started(self, fault: GatewayError) -> None:
        self.life.fail(fault)
        if isinstance(fault, StartFailed):
            self.life.strike(self._limits().max_restarts)
        else:
            self.life.step(Event.REFUSED)
        self.desk.refuse(fault)
        self._drop_live()

    def _on_dead(self, live: Live) -> None:
        if live is not self.live or self.state not in (State.READY, State.DRAINING):
            return
        self.life.fail(live.fault())
        log.warning("%s", self.life.fault.message if self.life.fault is not None else "")
        self._drop_live()
        self.life.strike(self._limits().max_restarts)

    def _drop_live(self) -> None:
        """Nothing of it is left."""
        self.live, self.asked = None, False
        self.desk.drop()
        self._backing.released(self.name)
        self._farewells.say()

    async def _shut(self) -> None:
        """Stop whatever there is, and let nobody wait for ever."""
        self._over = True
        self.life.step(Event.HALT)
        self.desk.close(being_stopped(self.name))
        await self._attendant.close(self.live)
        self.live = None
        self._backing.released(self.name)
        if self.state is State.STOPPING:
            self.life.step(Event.EXITED)
        self._farewells.say_all()

    def _limits(self) -> Limits:
        """The limits now; the last good ones while the settings cannot be understood."""
        with suppress(ConfigFault):
            self._known_limits = self._backing.limits(self.name)
        return self._known_limits
