"""What `/metrics` tells of exchanges, counted in plain dictionaries from batches of records.

A label is never a client's to choose. Providers come from the settings; a model has figures of its own once it has
answered, up to `max_models` of them, and all others are added up as `other`. So no client can fill the memory, or
Prometheus, with names that it makes up.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

from ..gateway.journal import Record
from .genai import LOCAL, NONE, operation, place

OTHER = "other"
LONGEST = 120
"""Characters of a model's name; a longer one is `other`."""
MAX_PROVIDERS = 1000

SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 1280.0, 2560.0)
"""A small answer takes parts of a second, an agent's turn minutes, a cold prompt on a laptop half an hour."""
FIRST = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0)
PER_TOKEN = (0.002, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)
TOKENS = (1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0)
"""As the conventions have them, up to what windows hold."""

Where = tuple[str, str]
"""Provider and model."""
Key = TypeVar("Key", bound=tuple[str, ...])


class Spread:
    """A histogram: how many values are at most each bound."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def copy(self) -> Spread:
        """The same, as it is now."""
        other = Spread(self.bounds)
        other.counts, other.total = [*self.counts], self.total
        return other


class Tallies:
    """The counts since the start. `add` takes batches; `copy` is for a reader in another thread."""

    def __init__(self) -> None:
        self.requests: dict[tuple[str, str, str, str], int] = defaultdict(int)
        """By dialect, provider, model and outcome."""
        self.tokens: dict[tuple[str, str, str], int] = defaultdict(int)
        """By provider, model and type."""
        self.cost: dict[Where, int] = defaultdict(int)
        """Millionths of a dollar."""
        self.unpriced: dict[Where, int] = defaultdict(int)
        """Exchanges whose price is not known."""
        self.losses: dict[Where, int] = defaultdict(int)
        self.repairs: dict[tuple[str, str, str], int] = defaultdict(int)
        """By provider, model and repair."""
        self.retries: dict[Where, int] = defaultdict(int)
        self.fallbacks: dict[Where, int] = defaultdict(int)
        """Targets that failed before the one that answered."""
        self.web: dict[tuple[str, str, str], int] = defaultdict(int)
        """By provider, model and kind."""
        self.seconds: dict[tuple[str, str, str, str], Spread] = {}
        """By operation, provider, model and error."""
        self.first: dict[tuple[str, str, str], Spread] = {}
        """By operation, provider and model, as the two below."""
        self.per_token: dict[tuple[str, str, str], Spread] = {}
        self.sizes: dict[tuple[str, str, str, str], Spread] = {}
        """And by type."""
        self._models: set[Where] = set()
        self._named: dict[tuple[str, str], Where] = {}
        """The same, by what records call them."""
        self._providers: set[str] = set()

    def add(self, batch: Sequence[Record], max_models: int) -> None:
        """Count a batch of records."""
        for record in batch:
            self._add(record, max_models)

    def copy(self) -> Tallies:
        """The counts as they are now."""
        other = Tallies()
        for name, found in vars(self).items():
            setattr(other, name, found.copy())
        other.seconds, other.first = _copies(self.seconds), _copies(self.first)
        other.per_token, other.sizes = _copies(self.per_token), _copies(self.sizes)
        return other

    def _add(self, record: Record, max_models: int) -> None:
        where = self._named.get((record.provider, record.target)) or self._where(record, max_models)
        provider, model = where
        ok = record.outcome == "ok"
        self.requests[record.dialect, provider, model, record.outcome] += 1
        doing = operation(record.dialect)
        key = (doing, provider, model)
        _spread(self.seconds, (*key, "" if ok else record.outcome), SECONDS).add(record.seconds)
        if record.first is not None and record.first >= 0:
            _spread(self.first, key, FIRST).add(record.first)
        self._add_usage(record, where, doing)
        if record.losses:
            self.losses[where] += len(record.losses)
        for repair, times in record.repairs.items():
            self.repairs[provider, model, repair] += times
        if record.retries:
            self.retries[where] += record.retries
        if record.attempts > 1:
            self.fallbacks[where] += record.attempts - 1

    def _add_usage(self, record: Record, where: Where, doing: str) -> None:
        usage, (provider, model) = record.usage, where
        if usage.input is None and usage.output is None:
            return
        tokens, output = self.tokens, usage.output or 0
        if usage.input:
            tokens[provider, model, "input"] += usage.input
        if usage.cache_read:
            tokens[provider, model, "cache_read"] += usage.cache_read
        if usage.cache_write:
            tokens[provider, model, "cache_write"] += usage.cache_write
        _spread(self.sizes, (doing, provider, model, "input"), TOKENS).add(usage.prompt)
        if output:
            tokens[provider, model, "output"] += output
            _spread(self.sizes, (doing, provider, model, "output"), TOKENS).add(output)
        if record.stream and record.first is not None and output > 1 and record.seconds > record.first:
            each = (record.seconds - record.first) / (output - 1)
            _spread(self.per_token, (doing, provider, model), PER_TOKEN).add(each)
        if usage.searches:
            self.web[provider, model, "search"] += usage.searches
        if usage.fetches:
            self.web[provider, model, "fetch"] += usage.fetches
        if record.cost is None:
            self.unpriced[where] += 1
        else:
            self.cost[where] += record.cost

    def _where(self, record: Record, max_models: int) -> Where:
        """Provider and model as labels."""
        provider, model = where = place(record)
        if where in self._models:
            return where
        if provider not in self._providers:
            if len(self._providers) >= MAX_PROVIDERS:
                return OTHER, OTHER
            self._providers.add(provider)
        if model == NONE:
            return where
        answered = record.outcome == "ok" or provider == LOCAL  # local names are those of files
        if not answered or len(self._models) >= max_models or len(model) > LONGEST:
            return provider, OTHER
        self._models.add(where)
        self._named[record.provider, record.target] = where
        return where


def _spread(found: dict[Key, Spread], key: Key, bounds: tuple[float, ...]) -> Spread:
    spread = found.get(key)
    if spread is None:
        spread = found[key] = Spread(bounds)
    return spread


def _copies(found: dict[Key, Spread]) -> dict[Key, Spread]:
    return {key: spread.copy() for key, spread in found.items()}
