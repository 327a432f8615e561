"""Fills the costs into a batch of records, before anybody else reads them (ledger, budgets, metrics)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..providers.prices import LOCAL, Prices
from .journal import Record
from .world import World


class Pricing:
    """One of the journal's readers. The prices are those of the settings at the time it reads."""

    def __init__(self, world: Callable[[], World]) -> None:
        self._now = world
        self._world: World | None = None
        self._prices = Prices({}, {})

    def __call__(self, records: Sequence[Record]) -> None:
        """Fill in what they cost."""
        if (world := self._now()) is not self._world:
            addresses = {name: provider.base_url for name, provider in world.providers.items()}
            self._world, self._prices = world, Prices(world.config.prices, addresses)
        for record in records:
            if record.cost is None:  # a key's budget is charged before the ledger hears of it
                record.cost = row_cost(record, self._prices)


def row_cost(record: Record, prices: Prices) -> int | None:
    """Micro-dollars of an exchange; None where nobody knows them."""
    if not record.target:
        return 0  # refused before anybody was asked
    usage = record.usage
    provider, model = _asked(record)
    said = (usage.input, usage.output, usage.cache_read, usage.cache_write)
    if said != (None, None, None, None) or provider == LOCAL:
        return prices.cost(provider, model, usage, record.at)
    if record.first is None and record.outcome not in ("ok", "cancelled"):
        return 0  # an error instead of an answer; nobody charges for that
    return None


def _asked(record: Record) -> tuple[str, str]:
    """Provider and model. A target is written `provider/model`, but for those of this machine."""
    provider = record.provider or (record.target.partition("/")[0] if "/" in record.target else LOCAL)
    return provider, record.target.removeprefix(f"{provider}/")
