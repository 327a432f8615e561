"""What the ledger is asked and answers, as values: filters, sums of usage, exchanges. Needs no database library."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

By = Literal["model", "provider", "key", "client", "session", "agent", "day"]
"""What usage is added up by."""
MARK = "req_"
"""What the ids of exchanges begin with."""


class Filter(Struct, frozen=True, kw_only=True):
    """Which exchanges are meant; what is left out holds for all. Texts may have `*` and `?`, and then upper and lower
    case are alike."""

    since: float | None = None
    """Unix seconds, as `until`: those that ended at or after it."""
    until: float | None = None
    """Those that ended before it."""
    model: str = ""
    """The name that was asked for, or the target that answered."""
    provider: str = ""
    client: str = ""
    key: str = ""
    """Public id of an access key."""
    session: str = ""
    agent: str = ""
    status: int | None = None
    errors: bool = False
    """Only those that went wrong; who cancels does not."""


class Amounts(Struct, kw_only=True):
    """Sums of one group of exchanges. Tokens that were not said count as none."""

    requests: int = 0
    errors: int = 0
    cancelled: int = 0
    input: int = 0
    """Tokens of prompts that came from no cache and were written to none."""
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0
    """The part of `output` that was thinking."""
    estimated: int = 0
    """Exchanges whose tokens landbridge had to estimate."""
    cost: int = 0
    """Millionths of a dollar, of those whose price is known."""
    unknown: int = 0
    """Exchanges whose cost nobody knows."""
    local: int = 0
    """Exchanges with models of this machine."""
    seconds_p50: float | None = None
    """How long good answers took."""
    seconds_p95: float | None = None
    first_p50: float | None = None
    """How long their first byte of content took."""
    first_at: float | None = None
    """When the earliest of them ended, and the latest."""
    last_at: float | None = None

    @property
    def tokens(self) -> int:
        """All tokens, cached or not."""
        return self.input + self.cache_read + self.cache_write + self.output


class Row(Amounts, kw_only=True):
    """One group."""

    group: dict[str, str]
    """What it was grouped by, with its value; empty where an exchange does not say."""


class Usage(Struct, kw_only=True):
    """What was used."""

    since: float | None
    until: float | None
    by: list[By]
    rows: list[Row]
    """Days in their order; else what cost most first."""
    total: Amounts
    lost: int = 0
    """Exchanges that never became rows, in the runs of the router that touch this time."""


class Exchange(Struct, kw_only=True):
    """One row of the ledger."""

    id: str
    at: float
    """When it ended, in Unix seconds."""
    seconds: float
    first: float | None = None
    """Seconds to the first byte of content."""
    client: str = ""
    key: str = ""
    session: str = ""
    agent: str = ""
    dialect: str = ""
    model: str = ""
    """The name that was asked for."""
    target: str = ""
    """Who answered."""
    provider: str = ""
    path: str = ""
    route: str = ""
    stream: bool = False
    status: int = 0
    outcome: str = ""
    """`ok`, `cancelled` or the kind of the error."""
    message: str = ""
    attempts: int = 1
    retries: int = 0
    losses: list[str] = []
    repairs: dict[str, int] = {}
    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    cache_write_1h: int | None = None
    reasoning: int | None = None
    searches: int | None = None
    fetches: int | None = None
    estimated: bool = False
    cost: int | None = None
    """Millionths of a dollar; null where nobody knows."""
    bodies: bool = False
    """Whether its request and answer are kept."""

    @property
    def failed(self) -> bool:
        """Whether it went wrong; who cancels does not."""
        return self.outcome not in GOOD


GOOD = ("ok", "cancelled")
"""Outcomes that are no errors."""


class Exchanges(Struct, kw_only=True):
    """Exchanges, newest first."""

    exchanges: list[Exchange]
    more: str = ""
    """What to ask `before` for the next ones; empty where there are none."""
