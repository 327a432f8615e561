"""What is known of one exchange when it has ended: the record that logs, figures, limits and the ledger are made of."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from ..neutral.events import Usage
from .bodies import Said

_PRODUCT = re.compile(rb"\s*([A-Za-z0-9][A-Za-z0-9_.-]{0,39})")


class Record(Struct):
    """What is known of one exchange when it has ended."""

    id: str
    dialect: str
    model: str
    """The name the client asked for."""
    target: str = ""
    path: str = ""
    """`passthrough`, `converted`, or empty if it never got that far."""
    stream: bool = False
    status: int = 0
    outcome: str = "ok"
    """`ok`, `cancelled`, or the kind of the error."""
    message: str = ""
    seconds: float = 0.0
    first: float | None = None
    """Seconds to the first byte of content."""
    usage: Usage = Usage()
    losses: tuple[str, ...] = ()
    repairs: Mapping[str, int] = {}
    """What was put right in tool calls, by name."""
    retries: int = 0
    """How often it was asked for again, because an engine ended before it answered."""
    session: str = ""
    agent: str = ""
    at: float = 0.0
    """When it ended, in Unix seconds."""
    user_agent: bytes = b""
    """What the client says it is, as it came."""
    client: str = ""
    """A short name for that (`claude-cli`, `codex`); filled when the record leaves the journal."""
    key: str = ""
    """Public id of the access key that it came with."""
    provider: str = ""
    """Who answered: a provider's name, or `local`."""
    route: str = ""
    """Why that target was chosen, and what was skipped (`x-landbridge-route`)."""
    attempts: int = 1
    """How many targets were asked."""
    cost: int | None = None
    """Millionths of a dollar; None where the price is not known."""
    bodies: Said | None = None
    """What was said in it, where that is kept, until the ledger takes it."""
    trace: str = ""
    """The client's `traceparent`, where traces are made."""

    def line(self) -> str:
        """The log line."""
        usage = self.usage
        key = f" | key {self.key}" if self.key else ""
        line = (
            f"{_clock(int(self.at))} {self.id}{key} | {self.dialect} {self.model or '-'} -> {self.target or '-'}"
            f" | {self.path or '-'} | {self.status or '-'} | {self.outcome} | {self.seconds:.3f}s"
        )
        if self.first is not None:
            line += f" | first {self.first:.3f}s"
        if usage.output is not None:
            about = "~" if usage.estimated else ""
            line += f" | tokens {about}{usage.prompt}+{about}{usage.output} (cached {usage.cache_read or 0})"
        if usage.searches or usage.fetches:
            line += f" | web {usage.searches or 0} searched {usage.fetches or 0} fetched"
        if self.losses:
            line += f" | losses {len(self.losses)}: {'; '.join(self.losses[:3])}"
        if self.repairs:
            line += " | repairs " + ", ".join(f"{name} {times}" for name, times in self.repairs.items())
        if self.retries:
            line += f" | retries {self.retries}"
        return f"{line} | {self.message}" if self.message else line


@lru_cache(maxsize=1)
def _clock(second: int) -> str:
    """Local time; the lines of a batch mostly share it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))


@lru_cache(maxsize=256)
def client_name(user_agent: bytes) -> str:
    """The program's name in a user-agent: its first product, in lower case; empty where it says nothing readable."""
    found = _PRODUCT.match(user_agent)
    name = "" if found is None else found[1].decode("ascii").lower()
    return "codex" if name.startswith("codex") else name
