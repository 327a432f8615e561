"""What a request with a key must pass before it is served: the key's budget, and its requests and tokens a minute.

Tokens are reserved by a guess (a quarter of the body's bytes) and settled by what they were: those that were read anew
and those that were written, but not those that a prompt cache had. Work is counted where it is paid for.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ..config import AccessSettings, expand
from ..neutral.events import Usage
from .book import Book
from .grant import Grant
from .shared import Gone, Shared

BYTES_PER_TOKEN = 4


class Ticket(Struct, frozen=True):
    """A request that was let in."""

    grant: Grant
    tokens: int
    """Reserved."""
    minute: int | None = None
    """Of the counters that routers share; None: counted in memory."""


class Gate:
    """Lets requests in. Budgets and counters are those of `book`."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._url = ""
        self._shared: Shared | None = None

    @property
    def fault(self) -> str:
        """Why limits are not counted together with other routers although they should be; empty otherwise."""
        return "" if self._shared is None else self._shared.fault

    async def take_up(self, settings: AccessSettings, env: Mapping[str, str]) -> None:
        """Count where the settings say."""
        url = expand(settings.limits_url, env)[0].reveal()
        if url == self._url:
            return
        await self.close()
        self._url, self._shared = url, Shared(url, "access.limits_url") if url else None

    async def close(self) -> None:
        """Give up what is shared."""
        shared, self._shared, self._url = self._shared, None, ""
        if shared is not None:
            await shared.close()

    async def admit(self, grant: Grant, size: int) -> Ticket | None:
        """Let in a request with a body of so many bytes. Raises `BudgetSpent`, `RateLimited`."""
        if grant.budget is not None:
            self._book.spending.check(grant, self._book.clock.now())
        if grant.rpm is None and grant.tpm is None:
            return None
        tokens = size // BYTES_PER_TOKEN
        if self._shared is not None:
            try:
                return Ticket(grant, tokens, await self._shared.reserve(grant, tokens))
            except Gone:
                pass
        self._book.pace.reserve(grant, tokens, self._book.clock.steady())
        return Ticket(grant, tokens)

    def charge(self, grant: Grant, micro: int | None) -> None:
        """Something was answered, at that price; None: nobody knows it, and it does not count."""
        if micro:
            self._book.spending.add(grant, self._book.clock.now(), micro)

    def settle(self, ticket: Ticket, usage: Usage) -> None:
        """It is over, and has used this."""
        used = (usage.input or 0) + (usage.cache_write or 0) + (usage.output or 0)
        if ticket.minute is None:
            self._book.pace.settle(ticket.grant, ticket.tokens, used, self._book.clock.steady())
        elif self._shared is not None:
            self._shared.settle(ticket.grant, ticket.minute, used - ticket.tokens)
