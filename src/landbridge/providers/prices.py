"""What an exchange costs, from dated prices: the makers' in `models.toml`, the user's own in the settings.

Pure. Dollars for a million tokens, times a million, are whole pico-dollars a token; everything is counted in those, so
that sums have no error, and an exchange is rounded once, to whole micro-dollars. What nobody knows is None, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from functools import cache

from msgspec import Struct

from ..config import PriceSettings
from ..neutral.events import Usage
from ..routing.names import best_pattern
from .models import ListRate, first_fitting, plain_name, tables

LOCAL = "local"
"""The provider of this machine's own models, which cost nothing unless the settings say so."""
PICO = 1_000_000
"""Pico-dollars in a micro-dollar; also micro-dollars in a dollar."""
_EVER = date(1970, 1, 1)
REMEMBERED = 1000
"""Models whose prices are remembered; a client that asks for ever new ones cannot fill the memory."""


class Rate(Struct, frozen=True, kw_only=True):
    """Prices in pico-dollars a token."""

    since: float = 0.0
    """When its first day begins (UTC), in Unix seconds."""
    up_to: int | None = None
    """Most tokens of a prompt it holds for."""
    input: int
    output: int
    cache_read: int
    cache_write: int
    cache_write_1h: int

    def picos(self, usage: Usage) -> int:
        """What these tokens cost. What is not said of them counts as none."""
        found = (usage.input or 0) * self.input + (usage.output or 0) * self.output
        if usage.cache_read:
            found += usage.cache_read * self.cache_read
        if written := usage.cache_write:
            hour = min(usage.cache_write_1h or 0, written)
            found += (written - hour) * self.cache_write + hour * self.cache_write_1h
        return found


class Price(Struct, frozen=True):
    """The prices of one kind of model where its maker's list price is charged."""

    match: tuple[str, ...]
    places: tuple[str, ...]
    """Addresses without their scheme; what is below one belongs to it."""
    rates: tuple[Rate, ...]


NOTHING = Rate(input=0, output=0, cache_read=0, cache_write=0, cache_write_1h=0)
"""What a local model costs."""


@cache
def makers() -> tuple[Price, ...]:
    """The makers' prices, in order of precedence."""
    known = tables()
    return tuple(
        Price(
            match=row.match,
            places=known.sellers[row.at],
            rates=tuple(sorted(map(_rate, row.rates), key=_precedence)),
        )
        for row in known.price
    )


class Prices:
    """Everybody's prices under one generation of the settings."""

    def __init__(self, own: Mapping[str, PriceSettings], addresses: Mapping[str, str]) -> None:
        self._own = own
        """Patterns of `provider/model` -> what the user says."""
        self._addresses = addresses
        """Provider -> its base URL."""
        self._found: dict[tuple[str, str], tuple[Rate, ...]] = {}

    def cost(self, provider: str, model: str, usage: Usage, at: float) -> int | None:
        """Micro-dollars of an exchange that ended at `at` (Unix seconds); None where the price is not known."""
        rates = self._rates(provider, model)
        if not rates or (picos := cost_at(rates, usage, at)) is None:
            return None
        return (picos + PICO // 2) // PICO

    def rate(self, provider: str, model: str, at: float, prompt: int = 0) -> Rate | None:
        """What a token costs at `at` with a prompt of so many; None where nobody knows."""
        return rate_at(self._rates(provider, model), prompt, at)

    def _rates(self, provider: str, model: str) -> tuple[Rate, ...]:
        if (found := self._found.get((provider, model))) is None:
            if len(self._found) >= REMEMBERED:
                self._found.clear()
            found = self._found[provider, model] = self._find(provider, model)
        return found

    def _find(self, provider: str, model: str) -> tuple[Rate, ...]:
        label = model if provider == LOCAL else f"{provider}/{model}"
        if (pattern := best_pattern(label, dict.fromkeys(self._own, ""))) is not None:
            return (_own_rate(self._own[pattern]),)
        if provider == LOCAL:
            return (NOTHING,)
        return list_price(self._addresses.get(provider, ""), model)


def list_price(address: str, model: str) -> tuple[Rate, ...]:
    """The maker's rates for `model` at a base URL; none where nobody knows them."""
    name, place = plain_name(model), address.partition("://")[2]
    if (row := _rows()(name)) is None:
        return ()
    price = makers()[row]
    return price.rates if any(_is_below(place, each) for each in price.places) else ()


@cache
def _rows() -> Callable[[str], int | None]:
    return first_fitting([price.match for price in makers()])


def cost_at(rates: tuple[Rate, ...], usage: Usage, at: float) -> int | None:
    """Pico-dollars; None where no rate holds."""
    rate = rate_at(rates, usage.prompt, at)
    return None if rate is None else rate.picos(usage)


def rate_at(rates: tuple[Rate, ...], prompt: int, at: float) -> Rate | None:
    """The rate that holds at that time for that prompt: the latest, then the narrowest."""
    for rate in rates:
        if rate.since <= at and (rate.up_to is None or prompt <= rate.up_to):
            return rate
    return None


def _precedence(rate: Rate) -> tuple[float, float]:
    return -rate.since, math.inf if rate.up_to is None else rate.up_to


def _is_below(place: str, root: str) -> bool:
    return place == root or place.startswith(f"{root}/")


def _own_rate(own: PriceSettings) -> Rate:
    assert own.input is not None and own.output is not None, "the settings were checked"
    row = ListRate(_EVER, own.input, own.output, own.cache_read, own.cache_write, own.cache_write_1h)
    return _rate(row)


def _rate(row: ListRate) -> Rate:
    """The rate of a row; prices of the cache that are left out are as input, that of an hour as of five minutes."""
    write = row.input if row.cache_write is None else row.cache_write
    return Rate(
        since=datetime.combine(row.since, time.min, UTC).timestamp(),
        up_to=row.up_to,
        input=_pico(row.input),
        output=_pico(row.output),
        cache_read=_pico(row.input if row.cache_read is None else row.cache_read),
        cache_write=_pico(write),
        cache_write_1h=_pico(write if row.cache_write_1h is None else row.cache_write_1h),
    )


def _pico(dollars: float) -> int:
    return round(dollars * PICO)
