"""The ledger as commands read it: opened beside a running router or without one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cyclopts import Parameter

from ..store.moments import moment
from ..store.report import Filter
from .context import load_context

if TYPE_CHECKING:
    from ..store.database import Database

T = TypeVar("T")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which exchanges a command is about."""

    model: str = ""
    """Only this model, asked for or answering; * stands for anything."""
    provider: str = ""
    """Only this provider; local: models of this machine."""
    client: str = ""
    """Only this client: claude-cli, codex, ..."""
    key: str = ""
    """Only the access key of this id."""
    session: str = ""
    """Only this conversation."""
    agent: str = ""
    """Only this subagent."""
    until: str = ""
    """Only what ended before then, written as for --since."""

    def filter(self, since: str, *, status: int | None = None, errors: bool = False) -> Filter:
        """The same as the ledger takes it. Raises `ConfigFault`."""
        now = datetime.now().astimezone()
        return Filter(
            since=moment(since, now),
            until=moment(self.until, now),
            model=self.model,
            provider=self.provider,
            client=self.client,
            key=self.key,
            session=self.session,
            agent=self.agent,
            status=status,
            errors=errors,
        )


ALL = Wanted()


def read_ledger(config: Path | None, data_dir: Path | None, read: Callable[[Database], Awaitable[T]]) -> T:
    """What `read` finds. Raises `ConfigFault`, `StoreFault`."""
    context = load_context(config, data_dir)

    async def work() -> T:
        from ..store.database import Database
        from ..store.location import locate

        location = locate(context.config.store.url, context.data_dir, os.environ)
        database = await Database.open(location, create=False)
        try:
            return await read(database)
        finally:
            await database.close()

    return asyncio.run(work())
