"""The router's side of the ledger: records go in by an append, questions come back with answers.

All else happens in a thread with a loop of its own, which begins, and loads SQLAlchemy, with the first record or the
first question. A router that nobody asks has neither.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..config import StoreSettings
from ..errors import StoreFault
from .location import Location
from .queue import Queue
from .record import Record
from .spool import Spool
from .tally import Tally

if TYPE_CHECKING:
    from .database import Database
    from .writer import Writer

log = logging.getLogger("landbridge.store")

T = TypeVar("T")

FOLDER = "ledger"
"""In the data folder: the tallies."""
BEHIND = 0.6
"""Seconds after which records that the database has not taken are saved in a file: longer than the writer lets them
gather, and within the second that a kill may cost, of which the journal takes a quarter."""
FAREWELL = 5.0
"""Seconds that what is left gets to be written when the router stops."""


class Ledger:
    """Takes the records of one run. `settings` are asked anew each time."""

    def __init__(self, data_dir: Path, settings: Callable[[], StoreSettings]) -> None:
        self._data_dir, self._settings = data_dir, settings
        self.location: Location | None = None
        self.queue = Queue()
        self.tally = Tally("")
        self._spool = Spool()
        self._timer: asyncio.TimerHandle | None = None
        self._thread: threading.Thread | None = None
        self._ready: Future[asyncio.AbstractEventLoop] = Future()
        self._writer: Writer | None = None
        self._stop: Callable[[], None] = lambda: None
        self._ended: Future[None] = Future()
        self._closed = False
        self._hurried = asyncio.Event()

    def start(self, location: Location) -> None:
        """The database is there, and from now on records are counted where a kill does not reach them.

        The data folder is ours alone from here on.
        """
        self.location, self.tally = location, Tally(location.shown)
        try:
            self.tally.keep(self._data_dir / FOLDER)
        except OSError as error:
            log.warning("%s cannot be written (%s); a kill's losses will not be known", self._data_dir, error.strerror)
        self._spool = Spool(self.tally.spool(self.tally.run))

    def take(self, batch: Sequence[Record]) -> None:
        """Records that have ended. Called in the router's loop."""
        if self._closed or self.location is None or not self._settings().enabled:
            self.tally.counts[1] += len(batch)
            for record in batch:
                record.bodies = None
            return
        self.queue.put(batch)
        self._spool.put(batch, asyncio.get_running_loop().time())
        self._begin()
        self._look()
        if self._ready.done() and self._writer is not None:
            with suppress(RuntimeError):  # the thread has ended; it said why
                self._ready.result().call_soon_threadsafe(self._writer.wake)

    async def ask(self, question: Callable[[Database], Awaitable[T]]) -> T:
        """The answer to a question, found in the ledger's thread. Raises `StoreFault`."""
        if self._closed or self.location is None:
            raise _closed()
        self._begin()
        loop = await asyncio.shield(asyncio.wrap_future(self._ready))
        try:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._answer(question), loop))
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise _closed() from None  # it was the other side that ended

    async def close(self) -> None:
        """Have everything written, in bounded time."""
        self._closed = True
        self._spool.save()  # should the rest not be written in time
        if self._thread is not None:
            ended = asyncio.ensure_future(self._end())
            hurried = asyncio.ensure_future(self._hurried.wait())
            await asyncio.wait((ended, hurried), timeout=FAREWELL + 2.0, return_when=asyncio.FIRST_COMPLETED)
            for task in (ended, hurried):
                task.cancel()
            await asyncio.gather(ended, hurried, return_exceptions=True)
        if self._timer is not None:
            self._timer.cancel()
        self._spool.close()
        records, unwanted = self.tally.counts
        if records == unwanted:
            self.tally.forget(self.tally.run)

    def hurry(self) -> None:
        """Do not wait any longer for what is left to be written: the next run finds it in a file."""
        self._hurried.set()

    async def _end(self) -> None:
        """The thread's end, which is asked for."""
        with suppress(StoreFault, RuntimeError):
            loop = await asyncio.shield(asyncio.wrap_future(self._ready))
            loop.call_soon_threadsafe(self._stop)
            await asyncio.shield(asyncio.wrap_future(self._ended))

    # -- how it is -----------------------------------------------------------------------------------------------------

    @property
    def fault(self) -> StoreFault | None:
        """Why nothing can be written now."""
        return None if self._writer is None else self._writer.fault

    @property
    def waiting(self) -> int:
        """Records that are not rows yet."""
        return len(self.queue) + (0 if self._writer is None else self._writer.holds)

    @property
    def written(self) -> int:
        """Rows written in this run."""
        return 0 if self._writer is None else self._writer.written

    @property
    def lost(self) -> int:
        """Records of this run that will never be rows."""
        return self.queue.dropped + (0 if self._writer is None else self._writer.refused)

    def _look(self) -> None:
        """Save what waits where the database is behind, and look again while something does."""
        loop, spool = asyncio.get_running_loop(), self._spool
        spool.settle(self.written + self.lost)
        left = BEHIND - spool.age(loop.time())
        if spool and (self.written == 0 or self.fault is not None or left <= 0):
            spool.save()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(left if left > 0 else BEHIND, self._look) if spool else None

    # -- the thread ----------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._own, name="ledger", daemon=True)
            self._thread.start()

    def _own(self) -> None:
        try:
            asyncio.run(self._work())
        except BaseException as error:
            log.exception("the ledger has come to an end")
            if not self._ready.done():
                self._ready.set_exception(StoreFault(f"The ledger cannot be used ({type(error).__name__})."))
        finally:
            self._ended.set_result(None)

    async def _work(self) -> None:
        from .retention import Retention
        from .writer import Writer

        assert self.location is not None, "it was started"
        writer = self._writer = Writer(self.location, self.queue, self.tally)
        retention = Retention(writer.database, self._settings)
        writer.after_bodies = retention.came
        self._stop = lambda: writer.close(FAREWELL)
        loop = asyncio.get_running_loop()
        purging = loop.create_task(retention.run())
        self._ready.set_result(loop)
        try:
            await writer.run()
        finally:
            purging.cancel()
            await asyncio.gather(purging, return_exceptions=True)

    async def _answer(self, question: Callable[[Database], Awaitable[T]]) -> T:
        assert self._writer is not None, "it is ready"
        return await question(await self._writer.database())


def _closed() -> StoreFault:
    return StoreFault("The ledger is closed.", remedy="The router is starting or stopping; try again.")
