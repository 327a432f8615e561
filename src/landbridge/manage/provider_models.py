"""What is known of a provider's models: what they hold, what they can do, what they cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from ..config import PriceSettings
from ..providers import models
from ..providers.prices import PICO, Prices
from ..providers.probed import Probes
from ..providers.table import Provider, traits

Able = Literal["yes", "no", "assumed"]
"""`assumed`: nobody knows, and it is asked as if it could."""


class ModelPrice(Struct, frozen=True):
    """US dollars for a million tokens."""

    input: float
    output: float
    cache_read: float
    cache_write: float
    up_to: int | None = None
    """Most tokens of a prompt it holds for; longer ones cost more."""


class ProviderModel(Struct, frozen=True, kw_only=True):
    """One model."""

    model: str
    """As its provider calls it."""
    name: str
    """As clients do: `lab/m`."""
    window: int | None
    """Tokens of prompt and answer together."""
    output: int | None
    """Most tokens of one answer."""
    images: Able
    documents: Able
    tools: Able
    thinks: Literal["no", "can", "always", "assumed"]
    price: ModelPrice | None
    """None: nobody knows."""
    probed: bool
    """Whether it was asked what it can do."""


def models_of(
    provider: Provider, names: Iterable[str], probes: Probes, own: dict[str, PriceSettings], now: float
) -> list[ProviderModel]:
    """What is known of each; `own` are the prices of the settings. Thousands take a moment."""
    prices = Prices(own, {provider.name: provider.base_url})
    return [_model(provider, name, probes, prices, now) for name in names]


def _model(provider: Provider, name: str, probes: Probes, prices: Prices, now: float) -> ProviderModel:
    known, found = models.limits_of(models.plain_name(name)), traits(provider, name, probes)
    probe = probes.find(provider.name, provider.base_url, name)
    sure = known is not models.UNKNOWN or probe is not None

    def able(can: bool) -> Able:
        """What is known not to be is known."""
        return "no" if not can else "yes" if sure else "assumed"

    thinks = found.thinks if known.thinks or probe is not None or found.thinks != "can" else "assumed"
    return ProviderModel(
        model=name,
        name=f"{provider.name}/{name}",
        window=found.window,
        output=found.max_output,
        images=able(found.images),
        documents=able(found.documents),
        tools=able(found.tools),
        thinks="no" if thinks == "never" else thinks,
        price=_price(prices, provider.name, name, now),
        probed=probe is not None,
    )


def _price(prices: Prices, provider: str, name: str, now: float) -> ModelPrice | None:
    rate = prices.rate(provider, name, now)
    if rate is None:
        return None
    return ModelPrice(
        rate.input / PICO, rate.output / PICO, rate.cache_read / PICO, rate.cache_write / PICO, rate.up_to
    )
