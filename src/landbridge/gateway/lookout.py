"""Looks for providers that could not be reached, beside the requests: these never wait for one that is not there.

A breaker that opened because nobody answered is held (`routing/breaker.py`), and the provider is asked for its list of
models when its rest is over, which costs no tokens. Any answer lets the next request try it; silence makes the rest
longer. There is a task only while somebody is looked for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from msgspec.structs import replace

from ..errors import GatewayError
from ..providers import table
from ..providers.table import Provider
from ..routing.breaker import Breaker
from ..routing.faults import is_away
from ..upstream.client import Client
from .listing import ask_list
from .world import World

log = logging.getLogger("landbridge.gateway")

PATIENCE = 5.0
"""Seconds a provider has to answer."""


class Lookout:
    """Of one gateway. `current` gives the settings' generation now: what belongs to an older one is let go."""

    def __init__(self, client: Client, current: Callable[[], World]) -> None:
        self._client, self._current = client, current
        self._tasks: dict[Breaker, asyncio.Task[None]] = {}

    def failed(self, world: World, name: str, breaker: Breaker, error: GatewayError) -> None:
        """A request to a provider has failed. Looks for it, if it may be away and its breaker has opened."""
        provider = world.providers.get(name)
        if provider is None or breaker.closed or not is_away(error) or not world.rules.check or not provider.lists:
            return
        if breaker not in self._tasks:
            breaker.hold()
            work = self._look_for(world, provider, breaker)
            self._tasks[breaker] = asyncio.get_running_loop().create_task(work, name=f"looking for {provider.name}")

    async def close(self) -> None:
        """Look for nobody any more."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look_for(self, world: World, provider: Provider, breaker: Breaker) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._current() is world:
                await asyncio.sleep(breaker.left(loop.time()))
                fault = await self._ask(world, provider)
                if fault is None:
                    log.info("provider %s is there again", provider.name)
                    break
                breaker.miss(loop.time(), fault.message)
        finally:
            breaker.release()
            del self._tasks[breaker]

    async def _ask(self, world: World, provider: Provider) -> GatewayError | None:
        """Why it cannot be reached; None where it has said anything."""
        endpoint = replace(world.endpoint_of(provider, table.models_url(provider)), connect_timeout=PATIENCE)
        try:
            async with asyncio.timeout(PATIENCE):
                await ask_list(self._client, endpoint, provider)
        except TimeoutError:
            return GatewayError(f"no answer within {PATIENCE:g} s")
        except GatewayError as error:
            return error if is_away(error) else None
        return None
