"""`landbridge logs`: the exchanges in the ledger: listed, followed, shown, sent again and made into test cases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import App, Parameter
from msgspec.structs import replace

from ..store.report import Exchange, Exchanges, Filter
from . import show
from .context import AsJson, ConfigFile, DataDir
from .ledger import Wanted, read_ledger

if TYPE_CHECKING:
    from ..store.bodies import Bodies
    from ..store.database import Database

logs = App(name="logs", help="Look through the exchanges in the ledger.", result_action="return_value")
EVERY = 0.5
"""Seconds between two looks for new rows."""
LATE = 30.0
"""Seconds that a row may be behind later ones: they are written in batches, and clocks are set."""
MOST = 500
"""Rows of one look."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Chosen(Wanted):
    """Which exchanges are listed."""

    since: str = ""
    """Only what ended since then: 30m, 24h, 7d, all; today, yesterday; a date (2026-11-01), or one with a time."""
    status: int | None = None
    """Only answers with this HTTP status."""
    errors: Annotated[bool, Parameter(negative=())] = False
    """Only what went wrong."""


LATEST = Chosen()
Id = Annotated[str, Parameter(help="The exchange's id, or enough of its beginning.")]


@logs.default
def latest(
    *,
    follow: Annotated[bool, Parameter(name=("--follow", "-f"), negative=())] = False,
    chosen: Chosen = LATEST,
    limit: int = 30,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """List the latest exchanges, the newest last. No router need run.

    Parameters
    ----------
    follow
        Go on with those that come, until Ctrl-C.
    limit
        How many; 30 where it is left out.
    """
    asked = chosen.filter(chosen.since, status=chosen.status, errors=chosen.errors)
    many = max(1, limit)
    if follow:
        return _follow(asked, many, config, data_dir, as_json)

    async def read(database: Database) -> Exchanges:
        from ..store.exchanges import list_exchanges

        return await list_exchanges(database, asked, many)

    found = read_ledger(config, data_dir, read)
    if as_json:
        show.print_json(found)
    else:
        from .exchange_list import print_list

        print_list(found.exchanges)
    return 0


def _follow(asked: Filter, limit: int, config: Path | None, data_dir: Path | None, as_json: bool) -> int:
    from .exchange_list import line

    def say(exchange: Exchange) -> None:
        print(msgspec.json.encode(exchange).decode() if as_json else line(exchange), flush=True)

    async def read(database: Database) -> int:
        await follow(database, asked, limit, say)
        return 0

    try:
        return read_ledger(config, data_dir, read)
    except KeyboardInterrupt:
        return 0


async def follow(database: Database, asked: Filter, limit: int, say: Callable[[Exchange], None]) -> None:
    """Say the latest `limit`, then each that comes, once. Ends only with its task."""
    from ..store.exchanges import list_exchanges

    seen: dict[str, float] = {}
    page = await list_exchanges(database, asked, limit)
    first = min((each.at for each in page.exchanges), default=asked.since or 0.0)
    newest = first
    while True:
        for exchange in reversed(page.exchanges):
            if exchange.id not in seen:
                say(exchange)
            seen[exchange.id] = exchange.at
            newest = max(newest, exchange.at)
        seen = {id: at for id, at in seen.items() if at >= newest - LATE}
        await asyncio.sleep(EVERY)
        page = await list_exchanges(database, replace(asked, since=max(first, newest - LATE)), MOST)


# -- one exchange ------------------------------------------------------------------------------------------------------


def look_up(config: Path | None, data_dir: Path | None, id: str) -> tuple[Exchange, Bodies | None]:
    """An exchange, and what was said in it where that is kept. Raises `BadRequest`, `StoreFault`."""

    async def read(database: Database) -> tuple[Exchange, Bodies | None]:
        from ..store.exchanges import find_all

        return await find_all(database, id)

    return read_ledger(config, data_dir, read)


@logs.command(name="show")
def show_one(
    id: Id,
    /,
    *,
    full: Annotated[bool, Parameter(help="Show texts in full, however long.", negative=())] = False,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Show one exchange: its times, tokens, cost and route, and what was said in both dialects, where that is kept."""
    exchange, bodies = look_up(config, data_dir, id)
    if as_json:
        from ..store.told import tell

        show.print_json(tell(exchange, bodies))
    else:
        from .exchange_page import print_page

        print_page(exchange, bodies, full=full)
    return 0


@logs.command
def replay(
    id: Id,
    /,
    *,
    model: Annotated[str, Parameter(help="Ask this model instead.")] = "",
    base_url: Annotated[str, Parameter(help="The router's URL, if it is not where the settings say.")] = "",
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Send a kept request again through the running router, and show both answers beside each other."""
    from .replay import replay as send_again

    exchange, bodies = look_up(config, data_dir, id)
    return send_again(exchange, bodies, model, (config, data_dir, base_url), as_json=as_json)


@logs.command
def export(
    id: Id,
    /,
    *,
    to: Annotated[Path | None, Parameter(help="File to write; without it, standard output.", negative=())] = None,
    config: ConfigFile = None,
    data_dir: DataDir = None,
) -> int:
    """Write an exchange as a test case: JSON, without keys, tokens, e-mail addresses and names of home folders."""
    from ..manage.case_file import case, write
    from .context import load_context

    exchange, bodies = look_up(config, data_dir, id)
    context = load_context(config, data_dir)
    text = case(exchange, bodies, context.config, context.data_dir)
    if to is None:
        print(text)
        return 0
    write(to, text)
    show.say(
        f"{to} is written. Read it before you give it away: what is secret to you is not always known by its form."
    )
    return 0
