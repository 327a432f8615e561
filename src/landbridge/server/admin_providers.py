"""`/api/v1/presets` and `/api/v1/providers`: which providers there can be and which there are, and their models.

What `landbridge providers list`, `show`, `presets` and `models` say, and what only a running router knows.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from msgspec import Struct

from ..errors import UnknownPath
from ..manage import provider_change, provider_models, provider_presets, providers
from ..manage.provider_models import ProviderModel
from ..manage.provider_presets import Offer
from ..providers.keychain import Keychain
from . import admin_provider_change
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .provider_news import News, Provided
from .works import Works

PRESETS = "/api/v1/presets"
PROVIDERS = "/api/v1/providers"
ONE = f"{PROVIDERS}/{{name}}"
MODELS = f"{ONE}/models"
TOPIC = "providers"
EVERY = 1.0
"""Seconds between two looks at how they stand."""


class Presets(Struct):
    """What a provider can be made from."""

    presets: list[Offer]
    keys_in: str
    """Where a key that is typed will be kept."""


class Providers(Struct):
    """All providers of the settings."""

    providers: list[Provided]


class OneProvider(Struct):
    """One provider, with all that is known of it."""

    standing: Provided
    quirks: list[str]
    settings: dict[str, Any]
    """Without the text of keys."""
    note: str
    keys_at: str
    leads: list[str]
    """Settings that name one of its models."""


class ProviderModels(Struct):
    """The models of a provider."""

    models: list[ProviderModel]
    listed: bool
    """Whether it has said so itself; else its settings name them."""
    problem: str = ""
    """Why there are none, or why it could not say."""
    remedy: str = ""


DESCRIBED: Described = {
    ("GET", "", PRESETS): Endpoint(summary="List what a provider can be made from", gives=(Presets,)),
    ("GET", "", PROVIDERS): Endpoint(summary="List the providers, and how they stand", gives=(Providers,)),
    ("GET", "", ONE): Endpoint(summary="Show all that is known of a provider", gives=(OneProvider,)),
    ("GET", "", MODELS): Endpoint(
        summary="List a provider's models: what they hold, can do and cost",
        gives=(ProviderModels,),
        parameters=("ask_again",),
    ),
    **admin_provider_change.DESCRIBED,
}


class Reading:
    """The handlers that change nothing."""

    def __init__(self, works: Works, news: News) -> None:
        self._works, self._news = works, news

    async def presets(self, asked: Asked) -> Presets:
        """What there can be."""
        env = self._works.env()
        place = await asyncio.to_thread(Keychain(self._works.data_dir, env).place)
        return Presets(provider_presets.offers(env), place)

    async def all(self, asked: Asked) -> Providers:
        """What there is."""
        return Providers(self._news.all())

    async def one(self, asked: Asked) -> OneProvider:
        """All that is known of one."""
        standing, config = self._of(asked.path["name"]), self._works.gateway.config
        found = providers.shown(config, standing.name, self._works.env(), {})
        leads = list(provider_change.led_to(config, standing.name))
        return OneProvider(standing, found.quirks, found.settings, found.note, found.keys_at, leads)

    async def models(self, asked: Asked) -> ProviderModels:
        """Its models; it is asked for them, if it was not before."""
        again = asked.query("fresh").get("fresh", "").lower() in ("1", "true", "yes")
        name, gateway = self._of(asked.path["name"]).name, self._works.gateway
        world = gateway.world
        if (fault := world.faults.get(name)) is not None:
            return ProviderModels([], False, fault.message, fault.remedy)
        provider = world.providers[name]
        if provider.models is None:
            if again:
                world.ask_again.pop(name, None)
            await gateway.listing.refresh(world)
        named = provider.models if provider.models is not None else world.listed.get(name, ())
        found = await asyncio.to_thread(
            provider_models.models_of, provider, named, world.probes, world.config.prices, time.time()
        )
        silent = world.silent.get(name)
        if silent is not None:
            return ProviderModels(found, False, silent.message, silent.remedy)
        return ProviderModels(found, provider.models is None)

    def _of(self, name: str) -> Provided:
        """How one stands. Raises `UnknownPath` where there is none."""
        found = self._news.all()
        for each in found:
            if each.name == name:
                return each
        known = ", ".join(each.name for each in found) or "none"
        raise UnknownPath(f"There is no provider '{name[:100]}' in the settings.", remedy=f"There are: {known}.")


def table(works: Works) -> Table:
    """The endpoints."""
    news = News(works)
    works.hub.state(TOPIC, lambda: Providers(news.all()), EVERY)
    reading = Reading(works, news)
    rows = [
        Row("GET", PRESETS, reading.presets),
        Row("GET", PROVIDERS, reading.all),
        Row("GET", MODELS, reading.models),
        Row("GET", ONE, reading.one),
        *admin_provider_change.rows(works, news),
    ]
    return Table(works.book, rows)
