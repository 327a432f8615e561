"""Which models there are: what providers answer when asked, and the lists clients see.

A provider whose settings name no models is asked (`GET <base>/models`), at most every five minutes, all at once and
within the three seconds Claude Code waits for a list (CLIENTS.md section 8). One that does not answer is left out and
said so.
"""

from __future__ import annotations

import asyncio
import logging

import msgspec
from msgspec import Struct

from ..errors import Garbled, GatewayError
from ..providers import auth, table
from ..providers.table import Provider
from ..upstream.client import Client, Endpoint
from .world import World

log = logging.getLogger("landbridge.gateway")

PATIENCE = 2.5
"""Seconds all providers together get to answer."""
FRESH = 300.0
"""Seconds an answer is taken for current."""
RETRY = 15.0
"""Seconds before a provider that failed is asked again."""
MAX_LIST = 16 * 1024 * 1024


class _Model(Struct):
    id: str = ""


class _List(Struct):
    data: list[_Model] = []


_read = msgspec.json.Decoder(_List).decode


class Listing:
    """Asks providers for their models and remembers what went wrong."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._next: dict[tuple[int, str], float] = {}
        self._lock = asyncio.Lock()
        self.faults: dict[str, GatewayError] = {}
        """Providers that could not say what models they have."""

    async def refresh(self, world: World) -> bool:
        """Ask every provider that is due. Whether anything new was learnt."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            due = [
                provider
                for provider in world.providers.values()
                if provider.models is None and self._next.get((id(world), provider.name), 0.0) <= now
            ]
            if not due:
                return False
            answers = await asyncio.gather(*(self._ask(provider) for provider in due))
            learnt = False
            for provider, models in zip(due, answers, strict=True):
                self._next[id(world), provider.name] = now + (FRESH if models is not None else RETRY)
                if models is not None and models != world.listed.get(provider.name):
                    world.learn(provider.name, models)
                    learnt = True
            return learnt

    async def _ask(self, provider: Provider) -> tuple[str, ...] | None:
        if provider.key_problem:
            return None
        endpoint = Endpoint(
            url=table.models_url(provider),
            headers=auth.headers(provider),
            defaults=auth.defaults(provider),
            origin=f"provider:{provider.name}",
            connect_timeout=PATIENCE,
            idle_timeout=PATIENCE,
        )
        try:
            async with asyncio.timeout(PATIENCE):
                models = await self._get(endpoint, provider)
        except (GatewayError, TimeoutError) as error:
            fault = error if isinstance(error, GatewayError) else GatewayError("no answer within 2.5 s")
            self.faults[provider.name] = fault
            log.warning("provider %s did not say which models it has: %s", provider.name, fault.text)
            return None
        self.faults.pop(provider.name, None)
        return models

    async def _get(self, endpoint: Endpoint, provider: Provider) -> tuple[str, ...]:
        answer = await self._client.get(endpoint, {})
        try:
            body = await answer.read(MAX_LIST)
        finally:
            await answer.close()
        origin = f"provider:{provider.name}"
        if answer.status != 200:
            raise Garbled(f"its model list answered with status {answer.status}", origin=origin)
        try:
            return tuple(model.id for model in _read(body).data if model.id)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Garbled("its model list is not a list of models", origin=origin) from error
