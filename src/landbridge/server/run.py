"""`landbridge serve`: puts the parts together, keeps them in step with the settings file, and takes them down.

Order matters on the way down: listeners stop accepting and let exchanges finish, then engines stop, then connections
close.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from ..config import Config, warnings
from ..config.compare import words
from ..engines.keeper import Keeper
from ..engines.library import Library
from ..engines.plan import plan
from ..errors import ConfigFault
from ..gateway.attempt import Parts
from ..gateway.count import Calibration
from ..gateway.exchange import Gateway
from ..gateway.journal import Journal
from ..gateway.originals import Originals
from ..gateway.stored.shelf import Stored
from ..gateway.world import World
from ..manage.downloads import Downloads
from ..providers import probed
from ..upstream.ask import ask
from ..upstream.client import Client
from . import onlookers
from .admission import FACES, Admission
from .allocator import keep_freed_memory
from .app import App
from .books import Books
from .changes import Changes
from .collector import leave_alone_what_stays
from .control import Control
from .greeting import greeting
from .health import Health
from .hub import Hub
from .keys import Keys
from .limber import limber
from .listeners import Listeners
from .logs import Logs
from .names import Names
from .openings import Openings
from .settings import Reading, Settings
from .signin import SignIn
from .telemetry import Traces
from .topics import offer
from .works import Works

log = logging.getLogger("landbridge")

COULD_NOT_START = 3


class ServeOptions(Struct, frozen=True):
    """What the command line says."""

    config_path: Path
    data_dir: Path
    config_explicit: bool = False
    """Whether the user named the file; then it must exist."""
    overrides: dict[str, Any] = field(default_factory=dict)
    """Settings from flags, by dotted key."""


class Service:
    """The running program."""

    def __init__(self, options: ServeOptions) -> None:
        self._options = options
        self._stop = asyncio.Event()
        self._keys = Keys(options.data_dir, os.environ)
        self._changes = Changes(options.config_path, options.data_dir / probed.FILE, self._keys.stamp)
        self.settings = Settings(
            options.config_path, options.data_dir, os.environ, options.overrides, explicit=options.config_explicit
        )
        self.config = self.settings.config
        self._probes = probed.load(options.data_dir)
        self.logs: Logs | None = None
        """Where lines go, if that is ours to say."""
        self.library = Library(options.data_dir / "models")
        self._names = Names(self.library, lambda: self.config)
        self.downloads = Downloads(self.library, lambda: self.config, options.data_dir / "downloads.json")
        self.client = Client()
        self.keeper = Keeper(
            self.library, lambda: self.config, options.data_dir / "run", plan, partial(ask, self.client)
        )
        self.journal = Journal()
        self.stored = Stored(options.data_dir / "responses.sqlite3", lambda: self.config.responses)
        parts = Parts(self.client, self.keeper, Originals(), Calibration(), stored=self.stored)
        self.gateway = Gateway(parts, self._world(self.config), self.journal)
        self._traces = Traces(self.gateway, lambda: self._keys.env)
        self.health = Health(self.gateway, self.keeper)
        self.books = Books(options.data_dir, self.gateway)
        self.health.ledger, self.health.store = self.books.health, self.books.ledger
        self.health.settings = self.settings
        self.listeners = Listeners()
        self.health.figures += [self.listeners.figures, self.books.figures]
        self.admission = Admission(options.data_dir, self.gateway)
        self.health.keys = self.admission.health
        self.hub = Hub()
        offer(self.hub, self.health)
        onlookers.offer(self.hub, self.gateway)
        self.signin = SignIn()
        works = self._works()
        faces = {face: App(self.gateway, self.health, face, self.admission.door(face), works) for face in FACES}
        control = Control(options.data_dir, App(self.gateway, self.health, "control", None, works))
        self.doors = Openings(self.listeners, faces, control, lambda: self.config)
        self.health.listeners = self.doors.health
        self.signin.address = lambda: self.doors.addresses().get("dashboard")

    def _works(self) -> Works:
        """What the router's own API works with."""
        return Works(
            config_path=self._options.config_path,
            data_dir=self._options.data_dir,
            gateway=self.gateway,
            health=self.health,
            settings=self.settings,
            library=self.library,
            downloads=self.downloads,
            book=self.admission.book,
            ledger=self.books.ledger,
            listeners=self.listeners,
            hub=self.hub,
            signin=self.signin,
            env=lambda: self._keys.env,
            reload=self.reload,
        )

    async def run(self) -> int:
        """Serve until told to stop. Returns the exit code."""
        options = self._options
        async with AsyncExitStack() as stack:
            self._catch_signals(stack)
            if await self._keys.read(self.config):
                self.gateway.world = self._world(self.config)
            self._tell_logs()
            try:
                self.books.open(self._keys.env)
            except ConfigFault as fault:
                return self._not_started(fault)
            stack.push_async_callback(self.books.close)
            await self.admission.open(self._keys.env)
            stack.push_async_callback(self.admission.close)
            await self.client.start()
            stack.push_async_callback(self.client.close)
            stack.push_async_callback(self.gateway.lookout.close)
            stack.push_async_callback(asyncio.to_thread, self.downloads.close)
            await asyncio.to_thread(self.downloads.start)
            await self.keeper.start()
            stack.push_async_callback(self.keeper.close)
            stack.push_async_callback(self._traces.close)
            stack.push_async_callback(self.stored.close)
            stack.callback(self.journal.flush)
            stack.push_async_callback(self.doors.close)
            stack.callback(self.hub.close)
            try:
                await self._traces.take_up(self.config.telemetry)
                await self.doors.open()
            except ConfigFault as fault:
                return self._not_started(fault)
            pages = self.signin.link()
            print(greeting(self.doors.addresses(), self._names(), self.config, options.config_path, pages), flush=True)
            for warning in (*warnings(self.config), *self.admission.warnings()):
                log.warning("%s", warning)
            loop = asyncio.get_running_loop()
            beside = (
                loop.create_task(self._watch()),
                loop.create_task(asyncio.to_thread(limber, self.library, self._stop.is_set)),
            )
            await self._stop.wait()
            self._say_stopping()
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
        return 0

    def _not_started(self, fault: ConfigFault) -> int:
        print(f"landbridge could not start: {fault.text}", file=sys.stderr)
        return COULD_NOT_START

    def stop(self) -> None:
        """Ask for the end. Asked twice, end at once: exchanges are cancelled, engines are killed."""
        if self._stop.is_set():
            self.listeners.hurry()
            self.keeper.hurry()
            self.books.ledger.hurry()
        self._stop.set()

    def _say_stopping(self) -> None:
        words = "stopping: no new requests; those under way may finish"
        if self.config.server.log_format == "json":
            log.info("%s", words)
        else:
            print(f"\n{words}", file=sys.stderr, flush=True)

    def _catch_signals(self, stack: AsyncExitStack) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows: the default handler raises KeyboardInterrupt
                loop.add_signal_handler(number, self.stop)
                stack.callback(loop.remove_signal_handler, number)

    # -- settings ------------------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        await self.settings.keep()
        await self._changes.run(self.reload)

    def _world(self, config: Config) -> World:
        return World(config, self._keys.env, self._names, self._probes)

    def _tell_logs(self) -> None:
        if self.logs is not None:
            self.logs.take_up(self.config, self._keys.env, self.gateway.world.providers.values())

    async def reload(self) -> None:
        """Read the settings again. Broken ones are reported, and those from before stay in force."""
        try:
            reading, probes = self.settings.read(), probed.load(self._options.data_dir)
            rekeyed = await self._keys.read(reading.config)
            if reading.config != self.config or probes != self._probes or rekeyed:
                self._probes = probes
                self._take_up(reading)
            else:
                self.settings.take(reading)
            await self._traces.take_up(self.config.telemetry)
            await self.admission.take_up(self._keys.env)
            await self.doors.apply()
        except ConfigFault as fault:
            self._report(fault.text)
        except Exception as error:
            log.exception("settings could not be taken up")
            self._report(f"The settings could not be taken up ({type(error).__name__}).")
        else:
            if self.settings.fault:
                log.info("settings file is good again")
            self.settings.fault = ""
            await self.settings.keep()

    def _take_up(self, reading: Reading) -> None:
        config = reading.config
        self.gateway.world = self._world(config)
        self.config = config
        self.keeper.look_again()
        self.books.take_up()
        self._tell_logs()
        for warning in (*warnings(config), *self.admission.warnings()):
            log.warning("%s", warning)
        changes = self.settings.take(reading)
        self.hub.tell("settings", changes)
        log.info("settings taken up from %s: %s", self._options.config_path, words(changes))
        if restart := self.settings.restart():
            log.warning("after a restart of the router only: %s", ", ".join(restart))

    def _report(self, fault: str) -> None:
        self.settings.fault = fault
        log.error("settings not taken up: %s What was in force before stays so.", fault)


def run(options: ServeOptions) -> int:
    """Run `serve` until it is stopped. Returns the exit code; raises `ConfigFault` for settings that cannot be read."""
    logs = Logs()
    keep_freed_memory()
    leave_alone_what_stays()
    try:
        import uvloop
    except ImportError:
        factory = None
    else:
        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(_run(options, logs))


async def _run(options: ServeOptions, logs: Logs) -> int:
    service = Service(options)
    service.logs = logs
    return await service.run()
