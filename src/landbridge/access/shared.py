"""Requests and tokens a minute, counted in Valkey or Redis by all routers that share one (`access.limits_url`).

Nobody waits for it: where it does not answer in a moment it is left alone for a while, and each router counts in its
own memory.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .grant import Grant
from .pace import too_many

if TYPE_CHECKING:
    from limits.aio.storage.redis import RedisStorage

log = logging.getLogger("landbridge.access")

PATIENCE = 0.25
"""Seconds it has to answer."""
REST = 5.0
"""Seconds it is left alone when it did not."""
MINUTE = 60
SPACE = "landbridge"
"""In front of all keys there."""

T = TypeVar("T")


class Gone(Exception):
    """It cannot be asked now."""


class Shared:
    """One such store. `close` when it is not wanted any more."""

    def __init__(self, url: str, shown: str) -> None:
        self._url, self._shown = url, shown
        self._again = 0.0
        self._fault = ""
        self._counters: _Counters | None = None
        self._ready = asyncio.Event()
        self._stop = asyncio.Event()
        self._held = asyncio.get_running_loop().create_task(self._hold())
        self._settling: set[asyncio.Task[None]] = set()

    @property
    def fault(self) -> str:
        """Why it is not asked; empty while it works."""
        return self._fault

    async def reserve(self, grant: Grant, tokens: int) -> int:
        """Count a request; gives the minute its tokens are counted in. Raises `RateLimited`, and `Gone`."""
        minute = int(time.time()) // MINUTE
        if grant.rpm is not None:
            rpm = grant.rpm
            wait = await self._ask(lambda counters: counters.hit(grant.id, rpm))
            if wait:
                raise too_many(grant, f"{rpm} requests a minute", wait)
        if grant.tpm is not None:
            total = await self._ask(lambda counters: counters.add(grant.id, minute, tokens))
            if total > grant.tpm and total > tokens:  # more than the limit goes when nothing else does
                self.settle(grant, minute, -tokens)
                raise too_many(grant, f"{grant.tpm} tokens a minute", MINUTE - time.time() % MINUTE)
        return minute

    def settle(self, grant: Grant, minute: int, more: int) -> None:
        """Count `more` tokens in that minute, soon; fewer, if it is negative."""
        if grant.tpm is None or not more:
            return
        task = asyncio.get_running_loop().create_task(self._settle(grant.id, minute, more))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def close(self) -> None:
        """Give up its connections."""
        self._stop.set()
        tasks = [*self._settling, self._held]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _settle(self, id: str, minute: int, more: int) -> None:
        try:
            await self._ask(lambda counters: counters.add(id, minute, more))
        except Gone:
            log.debug("%s was gone when tokens were to be counted", self._shown)

    async def _ask(self, ask: Callable[[_Counters], Awaitable[T]]) -> T:
        loop = asyncio.get_running_loop()
        if loop.time() < self._again:
            raise Gone
        try:
            async with asyncio.timeout(PATIENCE):
                await self._ready.wait()
                if self._counters is None:
                    raise Gone
                answer = await ask(self._counters)
        except Gone:
            raise
        except Exception as error:  # whatever a library raises there: requests go on
            if self._ready.is_set():
                self._again = loop.time() + REST
                self._say(_words(error))
            raise Gone from error
        if self._fault:
            log.warning("%s answers again: limits are counted there", self._shown)
            self._fault = ""
        return answer

    def _say(self, words: str) -> None:
        if not self._fault:
            log.warning("%s cannot count the limits (%s): they are counted in memory meanwhile", self._shown, words)
        self._fault = words

    async def _hold(self) -> None:
        """Keep its client open: that must be entered and left by one task."""
        try:
            counters = await asyncio.to_thread(_counters, self._url)  # the libraries take a second to load
            async with counters.client:
                self._counters = counters
                self._ready.set()
                await self._stop.wait()
        except Exception as error:
            self._counters = None
            self._ready.set()
            self._say(_words(error))


_LOADING = threading.Lock()
"""`limits` stumbles over a client that another thread is loading."""


def _counters(url: str) -> _Counters:
    with _LOADING:
        return _Counters(url)


class _Counters:
    """What is counted there."""

    def __init__(self, url: str) -> None:
        from limits import RateLimitItemPerMinute
        from limits.aio.storage.redis import RedisStorage
        from limits.aio.strategies import SlidingWindowCounterRateLimiter

        # Valkey speaks the same, and `limits` would want another client for its name.
        url = "redis" + url.removeprefix("valkey").removeprefix("redis")
        self._storage: RedisStorage = RedisStorage(
            url, key_prefix=SPACE, connect_timeout=PATIENCE, stream_timeout=PATIENCE
        )
        self._limiter = SlidingWindowCounterRateLimiter(self._storage)
        self._item = RateLimitItemPerMinute
        bridge: Any = self._storage.bridge  # `limits` does not say what its bridges have
        self.client = bridge.storage

    async def hit(self, id: str, rpm: int) -> float:
        """Count a request; seconds to wait where there were too many."""
        item = self._item(rpm, namespace="rpm")
        if await self._limiter.hit(item, id):
            return 0.0
        stats = await self._limiter.get_window_stats(item, id)
        return max(1.0, stats.reset_time - time.time())

    async def add(self, id: str, minute: int, tokens: int) -> int:
        """Count tokens; gives all of that minute."""
        return await self._storage.incr(f"tpm/{id}/{minute}", 2 * MINUTE, tokens)


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {PATIENCE:g} s"
    if isinstance(error, ImportError) or "prerequisite" in str(error):
        return "its client is not installed: pip install 'landbridge[valkey]'"
    return type(error).__name__
