"""`landbridge logs replay`: a kept request goes through the running router once more; both answers beside each other.

It goes as it came, but under no conversation's name and as the client `landbridge-replay`: usage tells it apart.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from .. import __version__
from ..errors import BadRequest, GatewayError
from ..manage.router import asked, key_for
from ..store.answers import Said, read_answer
from ..store.bodies import Bodies
from ..store.report import Exchange
from ..wire.dialects import in_path
from ..wire.rename import rename
from . import show
from .exchange_list import LOCAL, plain
from .exchange_page import tokens_text
from .ledger import read_ledger
from .money import cost_text, seconds_text
from .router import router_url

if TYPE_CHECKING:
    from ..store.database import Database

PATHS = {
    "anthropic": "/anthropic/v1/messages",
    "openai_chat": "/v1/chat/completions",
    "openai_legacy": "/v1/completions",
    "openai_responses": "/v1/responses",
}
GEMINI = (
    "/gemini/v1beta/models/{model}:generateContent",
    "/gemini/v1beta/models/{model}:streamGenerateContent?alt=sse",
)
UNNAMED = ("user-agent", "x-claude-code-session-id", "x-claude-code-agent-id")
"""Headers that would make it a part of the conversation it was."""
PATIENCE = 900.0
"""Seconds of silence from the router."""
ROW_SECONDS = 3.0
"""How long the ledger may take to have the row of the new exchange."""
Where = tuple[Path | None, Path | None, str]
"""Settings file, data folder and the router's URL, as far as they were given."""


class Outcome(Struct, frozen=True):
    """What came back."""

    id: str
    status: int
    body: bytes
    seconds: float
    first: float | None


def replay(exchange: Exchange, bodies: Bodies | None, model: str, where: Where, *, as_json: bool) -> int:
    """Send it again and show both. Exit code 1 where the new answer is an error."""
    if bodies is None:
        raise BadRequest(
            f"What was said in {exchange.id} is not kept, so it cannot be said again.",
            remedy="`store.bodies = true` in the settings keeps it from then on.",
        )
    path, body = question(bodies, model)
    config, data_dir, base_url = where
    url = router_url(config, data_dir, base_url)
    show.say(f"asking {model or exchange.model} at {url}")
    outcome = send(url, path, body, headers_of(bodies, key_for(url)))
    again = read_answer(bodies.dialect, outcome.status, outcome.body)
    row = _row(config, data_dir, outcome) or _unwritten(exchange, outcome, again, model)
    before = read_answer(bodies.dialect, bodies.status, bodies.answer)
    if as_json:
        show.print_json({"before": _values(exchange, before), "again": _values(row, again)})
    else:
        _print(exchange, before, row, again)
    return show.FAILURE if again.error else 0


def question(bodies: Bodies, model: str) -> tuple[str, bytes]:
    """Path and body of the request, for another model where one is named. Raises `BadRequest`."""
    if bodies.cut and bodies.request.rstrip()[-1:] != b"}":
        raise BadRequest("Only a part of that request is kept.", remedy="Raise `store.body_max_bytes`.")
    if bodies.dialect == "gemini":
        return in_path(GEMINI[bodies.stream], model or bodies.model), bodies.request
    if bodies.dialect not in PATHS:
        raise BadRequest(f"A request of the form '{bodies.dialect}' cannot be sent again.")
    return PATHS[bodies.dialect], rename(bodies.request, model) if model else bodies.request


def headers_of(bodies: Bodies, key: str) -> dict[str, str]:
    """Headers of the new request."""
    kept = {name: value for name, value in bodies.headers.items() if name not in UNNAMED}
    proof = {"authorization": f"Bearer {key}"}
    return {"content-type": "application/json", **kept, **proof, "user-agent": f"landbridge-replay/{__version__}"}


def send(url: str, path: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """Ask the router. Raises `Unreachable`, `TimedOut`."""
    began = time.monotonic()
    with asked(url, "POST", path, body, headers, PATIENCE) as answer:
        pieces, first = [], None
        while piece := answer.read1(1 << 16):
            first = first if first is not None else time.monotonic() - began
            pieces.append(piece)
        names = ("x-landbridge-id", "request-id", "x-request-id")
        id = next((found for name in names if (found := answer.getheader(name))), "")
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


def _unwritten(exchange: Exchange, outcome: Outcome, said: Said, model: str) -> Exchange:
    """The same from what was seen here."""
    usage = said.usage
    return Exchange(
        id=outcome.id,
        at=time.time(),
        seconds=outcome.seconds,
        first=outcome.first,
        model=model or exchange.model,
        status=outcome.status,
        outcome="error" if said.error else "ok",
        input=usage.input,
        output=usage.output,
        cache_read=usage.cache_read,
        cache_write=usage.cache_write,
    )


# -- beside each other -------------------------------------------------------------------------------------------------


def _values(exchange: Exchange, said: Said) -> dict[str, object]:
    return {"exchange": exchange, "text": said.text, "error": said.error}


def _print(exchange: Exchange, before: Said, row: Exchange, again: Said) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("")
    table.add_column("THEN", ratio=1, overflow="fold")
    table.add_column("NOW", ratio=1, overflow="fold")
    for name, *cells in _facts(exchange, row):
        table.add_row(name, *(Text(plain(cell)) for cell in cells))
    table.add_row("", "", "")
    table.add_row("said", *(Text(_shown(said)) for said in (before, again)))
    Console().print(table)
    if not (before.error or again.error):
        print("Both say the same." if before.text == again.text else "They say different things.")


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


def _shown(said: Said) -> str:
    lines = [*said.text.splitlines(), *([said.error] if said.error else [])]
    return "\n".join(map(plain, lines)) or "(nothing)"
