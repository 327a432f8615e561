"""Which models there are: what providers answer when asked.

A provider whose settings name no models is asked (`GET <base>/models`), at most every five minutes, all at once and
within the three seconds Claude Code waits for a list (CLIENTS.md section 8). One that does not answer is left out and
said so. What is learnt belongs to one generation of the settings (`World`) and goes with it.
"""

from __future__ import annotations

import asyncio
import logging

import msgspec
from msgspec.structs import replace

from ..errors import Garbled, GatewayError, TimedOut
from ..providers import table
from ..providers.table import Provider
from ..upstream.client import Client, Endpoint
from ..wire.dialects import dialect
from ..wire.model_lists import read_ids
from .world import World

log = logging.getLogger("landbridge.gateway")

PATIENCE = 2.0
"""Seconds all providers together get to answer."""
FRESH = 300.0
"""Seconds an answer is taken for current."""
RETRY = 15.0
"""Seconds before a provider that failed is asked again."""
MAX_LIST = 16 * 1024 * 1024


class Listing:
    """Asks providers for their models."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = asyncio.Lock()

    async def refresh(self, world: World) -> None:
        """Ask every provider that is due. Who comes while others are waiting waits with them."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            due = [
                provider
                for provider in world.providers.values()
                if provider.models is None and world.ask_again.get(provider.name, now) <= now
            ]
            answers = await asyncio.gather(*(self._ask(world, provider) for provider in due))
            for provider, answer in zip(due, answers, strict=True):
                failed = isinstance(answer, GatewayError)
                world.ask_again[provider.name] = now + (RETRY if failed else FRESH)
                _remember(world, provider.name, answer)

    def hear(self, world: World, name: str, models: tuple[str, ...]) -> None:
        """A provider has said otherwise which models it has (it was tried)."""
        provider = world.providers.get(name)
        if provider is not None and provider.models is None:
            world.ask_again[name] = asyncio.get_running_loop().time() + FRESH
            _remember(world, name, models)

    async def _ask(self, world: World, provider: Provider) -> tuple[str, ...] | GatewayError:
        origin = f"provider:{provider.name}"
        if provider.key_problem:
            return GatewayError(provider.key_problem, remedy=provider.key_remedy, origin=origin)
        if not provider.lists:
            return ()
        endpoint = world.endpoint_of(provider, table.models_url(provider))
        endpoint = replace(endpoint, connect_timeout=2 * PATIENCE, idle_timeout=None)  # the whole is limited here
        try:
            async with asyncio.timeout(PATIENCE):
                return await ask_list(self._client, endpoint, provider)
        except TimeoutError:
            return TimedOut(f"It gave no list of models within {PATIENCE:g} s.", origin=origin)
        except GatewayError as error:
            return error


async def ask_list(client: Client, endpoint: Endpoint, provider: Provider) -> tuple[str, ...]:
    """The models that `provider` lists at `endpoint`. Raises what keeps it from telling."""
    answer = await client.get(endpoint, {})
    try:
        body = await answer.read(MAX_LIST)
    finally:
        await answer.close()
    if answer.status == 200:
        try:
            return read_ids(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LookupError):
            words = "It answered, but not with a list of models."
            remedy = "Check base_url, or name its models in the settings."
            raise Garbled(words, remedy=remedy, origin=endpoint.origin) from None
    raise dialect(provider.dialect).read_error(answer.status, body, endpoint.origin, answer.headers)


def _remember(world: World, name: str, answer: tuple[str, ...] | GatewayError) -> None:
    if isinstance(answer, GatewayError):
        if world.silent.get(name) != answer:
            log.warning("provider %s did not say which models it has: %s", name, answer.text)
        world.silent[name] = answer
        return
    world.silent.pop(name, None)
    if answer != world.listed.get(name):
        world.learn(name, answer)
