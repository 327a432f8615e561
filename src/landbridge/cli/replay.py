"""`landbridge logs replay`: a kept request goes through the running router once more; both answers beside each other.

It goes as it came, but under no conversation's name and as the client `landbridge-replay`: usage tells it apart.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import GatewayError
from ..manage.replay import ID_HEADERS, Answered, Outcome, Replayed, headers_of, kept, laid_beside, question
from ..manage.router import asked, key_for
from ..store.bodies import Bodies
from ..store.report import Exchange
from . import show
from .exchange_list import LOCAL, plain
from .exchange_page import tokens_text
from .ledger import read_ledger
from .money import cost_text, seconds_text
from .router import router_url

if TYPE_CHECKING:
    from ..store.database import Database

PATIENCE = 900.0
"""Seconds of silence from the router."""
ROW_SECONDS = 3.0
"""How long the ledger may take to have the row of the new exchange."""
Where = tuple[Path | None, Path | None, str]
"""Settings file, data folder and the router's URL, as far as they were given."""


def replay(exchange: Exchange, bodies: Bodies | None, model: str, where: Where, *, as_json: bool) -> int:
    """Send it again and show both. Exit code 1 where the new answer is an error."""
    bodies = kept(exchange, bodies)
    path, body = question(bodies, model)
    config, data_dir, base_url = where
    url = router_url(config, data_dir, base_url)
    show.say(f"asking {model or exchange.model} at {url}")
    outcome = send(url, path, body, headers_of(bodies, key_for(url)))
    both = laid_beside(exchange, bodies, outcome, _row(config, data_dir, outcome), model)
    if as_json:
        show.print_json(both)
    else:
        _print(both)
    return show.FAILURE if both.again.error else 0


def send(url: str, path: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """Ask the router. Raises `Unreachable`, `TimedOut`."""
    began = time.monotonic()
    with asked(url, "POST", path, body, headers, PATIENCE) as answer:
        pieces, first = [], None
        while piece := answer.read1(1 << 16):
            first = first if first is not None else time.monotonic() - began
            pieces.append(piece)
        id = next((found for name in ID_HEADERS if (found := answer.getheader(name))), "")
        return Outcome(id, answer.status, b"".join(pieces), time.monotonic() - began, first)


# -- the new row -------------------------------------------------------------------------------------------------------


def _row(config: Path | None, data_dir: Path | None, outcome: Outcome) -> Exchange | None:
    """The new exchange as the ledger has it, once it is written; None where it does not come."""

    async def read(database: Database) -> Exchange:
        from ..store.exchanges import find_exchange

        return await find_exchange(database, outcome.id)

    until = time.monotonic() + ROW_SECONDS
    while outcome.id and time.monotonic() < until:
        try:
            return read_ledger(config, data_dir, read)
        except GatewayError:
            time.sleep(0.1)
    return None


# -- beside each other -------------------------------------------------------------------------------------------------


def _print(both: Replayed) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("")
    table.add_column("THEN", ratio=1, overflow="fold")
    table.add_column("NOW", ratio=1, overflow="fold")
    for name, *cells in _facts(both.before.exchange, both.again.exchange):
        table.add_row(name, *(Text(plain(cell)) for cell in cells))
    table.add_row("", "", "")
    table.add_row("said", *(Text(_shown(said)) for said in (both.before, both.again)))
    Console().print(table)
    if not (both.before.error or both.again.error):
        print("Both say the same." if both.same else "They say different things.")


def _facts(then: Exchange, now: Exchange) -> list[tuple[str, str, str]]:
    both = (then, now)
    rows = {
        "exchange": [each.id for each in both],
        "model": [each.target or each.model for each in both],
        "status": [f"{each.status or '-'}, {each.outcome}" for each in both],
        "took": [seconds_text(each.seconds) for each in both],
        "first content": [seconds_text(each.first) for each in both],
        "tokens": [tokens_text(each) for each in both],
        "cost": [cost_text(each.cost, local=each.provider == LOCAL) for each in both],
    }
    return [(name, left, right) for name, (left, right) in rows.items()]


def _shown(said: Answered) -> str:
    lines = [*said.text.splitlines(), *([said.error] if said.error else [])]
    return "\n".join(map(plain, lines)) or "(nothing)"
