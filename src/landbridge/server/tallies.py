"""What `/metrics` tells of exchanges, counted in plain dictionaries from batches of records.

A label is never a client's to choose. Providers come from the settings; a model has figures of its own once it has
answered, up to `max_models` of them, and all others are added up as `other`. So no client can fill the memory, or
Prometheus, with names that it makes up.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from itertools import repeat
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
Kind = tuple[str, str, str, str]
"""What records call it: dialect, provider, target and outcome."""
Key = TypeVar("Key", bound=tuple[str, ...])


class Spread:
    """A histogram: how many values are at most each bound."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, values: Sequence[float]) -> None:
        """Count values."""
        counts = self.counts
        for at in map(bisect_left, repeat(self.bounds), values):
            counts[at] += 1
        self.total += sum(values)

    def copy(self) -> Spread:
        """The same, as it is now."""
        other = Spread(self.bounds)
        other.counts, other.total = [*self.counts], self.total
        return other


class _Cell:
    """Where records of one kind are counted: what their figures are called, and the histograms that there are."""

    def __init__(self, request: Kind, where: Where, kind: tuple[str, str, str], seconds: Spread) -> None:
        self.request, self.where, self.kind, self.seconds = request, where, kind, seconds
        self._spreads: dict[str, Spread] = {}

    def spread(self, name: str, found: dict[Key, Spread], key: Key, bounds: tuple[float, ...]) -> Spread:
        """A histogram, which other cells may share; it is there from its first value on."""
        if (spread := self._spreads.get(name)) is None:
            spread = self._spreads[name] = _spread(found, key, bounds)
        return spread


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
        self._cells: dict[Kind, _Cell] = {}
        self._providers: set[str] = set()

    def add(self, batch: Sequence[Record], max_models: int) -> None:
        """Count a batch of records."""
        kinds: dict[Kind, list[Record]] = {}
        for record in batch:
            kinds.setdefault((record.dialect, record.provider, record.target, record.outcome), []).append(record)
        for kind, records in kinds.items():
            self._add(self._cells.get(kind) or self._cell(kind, records[0], max_models), records)

    def copy(self) -> Tallies:
        """The counts as they are now."""
        other = Tallies()
        for name, found in vars(self).items():
            if name != "_cells":  # they count into these
                setattr(other, name, found.copy())
        other.seconds, other.first = _copies(self.seconds), _copies(self.first)
        other.per_token, other.sizes = _copies(self.per_token), _copies(self.sizes)
        return other

    def _add(self, cell: _Cell, records: Sequence[Record]) -> None:
        """Count records of one kind, figure by figure."""
        self.requests[cell.request] += len(records)
        cell.seconds.add([record.seconds for record in records])
        firsts = [record.first for record in records if record.first is not None and record.first >= 0]
        if firsts:
            cell.spread("first", self.first, cell.kind, FIRST).add(firsts)
        used = [record for record in records if record.usage.input is not None or record.usage.output is not None]
        if used:
            self._add_usage(cell, used)
        for record in records:
            if record.losses or record.repairs or record.retries or record.attempts > 1:
                self._add_faults(cell, record)

    def _add_usage(self, cell: _Cell, records: Sequence[Record]) -> None:
        usages = [record.usage for record in records]
        cell.spread("prompt", self.sizes, (*cell.kind, "input"), TOKENS).add([usage.prompt for usage in usages])
        outputs = [usage.output for usage in usages if usage.output]
        if outputs:
            cell.spread("answer", self.sizes, (*cell.kind, "output"), TOKENS).add(outputs)
        self._add_tokens(cell, "input", sum(usage.input or 0 for usage in usages))
        self._add_tokens(cell, "output", sum(outputs))
        self._add_tokens(cell, "cache_read", sum(usage.cache_read or 0 for usage in usages))
        self._add_tokens(cell, "cache_write", sum(usage.cache_write or 0 for usage in usages))
        each = [pace for record in records if record.stream and (pace := _per_token(record)) is not None]
        if each:
            cell.spread("per_token", self.per_token, cell.kind, PER_TOKEN).add(each)
        for usage in usages:
            if usage.searches:
                self.web[*cell.where, "search"] += usage.searches
            if usage.fetches:
                self.web[*cell.where, "fetch"] += usage.fetches
        costs = [record.cost for record in records if record.cost is not None]
        if costs:
            self.cost[cell.where] += sum(costs)
        if len(costs) < len(records):
            self.unpriced[cell.where] += len(records) - len(costs)

    def _add_tokens(self, cell: _Cell, kind: str, number: int) -> None:
        if number:
            self.tokens[*cell.where, kind] += number

    def _add_faults(self, cell: _Cell, record: Record) -> None:
        if record.losses:
            self.losses[cell.where] += len(record.losses)
        for repair, times in record.repairs.items():
            self.repairs[*cell.where, repair] += times
        if record.retries:
            self.retries[cell.where] += record.retries
        if record.attempts > 1:
            self.fallbacks[cell.where] += record.attempts - 1

    def _cell(self, called: Kind, record: Record, max_models: int) -> _Cell:
        """The one of such records; kept where the model has figures of its own, of which there is an end."""
        where = self._where(record, max_models)
        kind = (operation(record.dialect), *where)
        seconds = _spread(self.seconds, (*kind, "" if record.outcome == "ok" else record.outcome), SECONDS)
        cell = _Cell((record.dialect, *where, record.outcome), where, kind, seconds)
        if where in self._models:
            self._cells[called] = cell
        return cell

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
        return where


def _per_token(record: Record) -> float | None:
    """Seconds a token after the first; None where it cannot be told."""
    output, first = record.usage.output or 0, record.first
    if first is None or output < 2 or record.seconds <= first:
        return None
    return (record.seconds - first) / (output - 1)


def _spread(found: dict[Key, Spread], key: Key, bounds: tuple[float, ...]) -> Spread:
    spread = found.get(key)
    if spread is None:
        spread = found[key] = Spread(bounds)
    return spread


def _copies(found: dict[Key, Spread]) -> dict[Key, Spread]:
    return {key: spread.copy() for key, spread in found.items()}
