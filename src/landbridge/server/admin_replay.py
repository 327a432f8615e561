"""`POST /api/v1/requests/ID/replay`: what was asked is asked again, of the same model or another, and both answers are
laid beside each other.
"""

from __future__ import annotations

import asyncio

from msgspec import Struct

from ..errors import GatewayError
from ..manage.replay import Replayed
from ..store.report import Exchange
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .works import Works

REPLAY = "/api/v1/requests/{id}/replay"
ROW_SECONDS = 3.0
"""How long the ledger may take to have the row of the new exchange."""
EVERY = 0.05


class Again(Struct, forbid_unknown_fields=True):
    """What is wanted."""

    model: str = ""
    """The model to ask; empty: the one that was asked."""


DESCRIBED: Described = {
    ("POST", "", "/requests/{id}/replay"): Endpoint(
        summary="Ask the same again, and compare the answers", takes=Again, gives=(Replayed,)
    ),
}


def table(works: Works) -> Table:
    """The endpoints."""

    async def replay(asked: Asked) -> Replayed:
        from ..manage.replay import ask_again, kept, laid_beside
        from ..store.exchanges import find_all

        model, id = asked.body(Again).model.strip(), asked.path["id"]
        exchange, bodies = await works.ledger.ask(lambda database: find_all(database, id))
        bodies = kept(exchange, bodies)
        outcome = await ask_again(works.gateway, bodies, model)
        return laid_beside(exchange, bodies, outcome, await _row(works, outcome.id), model)

    return Table(works.book, [Row("POST", REPLAY, replay)])


async def _row(works: Works, id: str) -> Exchange | None:
    """The new exchange as the ledger has it, once it is written; None where it does not come."""
    from ..store.exchanges import find_exchange

    loop = asyncio.get_running_loop()
    until = loop.time() + ROW_SECONDS
    while id and loop.time() < until:
        try:
            return await works.ledger.ask(lambda database: find_exchange(database, id))
        except GatewayError:
            await asyncio.sleep(EVERY)
    return None
