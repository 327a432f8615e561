"""`GET /api/v1/requests/ID/export`: an exchange as a test case that may be given away, as `landbridge logs export`
writes it.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .works import Works

EXPORT = "/api/v1/requests/{id}/export"
DESCRIBED: Described = {
    ("GET", "", "/requests/{id}/export"): Endpoint(
        summary="Give an exchange as a test case, without secrets and names of people", gives=(dict[str, Any],)
    ),
}
_STRANGE = re.compile(r"[^A-Za-z0-9_-]")


def table(works: Works) -> Table:
    """The endpoints."""

    async def export(asked: Asked) -> None:
        from ..manage.case_file import case
        from ..store.exchanges import find_all

        id = asked.path["id"]
        exchange, bodies = await works.ledger.ask(lambda database: find_all(database, id))
        config, data_dir, env = works.gateway.config, works.data_dir, works.env()
        text = await asyncio.to_thread(case, exchange, bodies, config, data_dir, env)
        name = _STRANGE.sub("", exchange.id)
        headers = {
            "content-type": "application/json",
            "content-disposition": f'attachment; filename="landbridge-{name}.json"',
        }
        await asked.sink.whole(200, headers, text.encode())

    return Table(works.book, [Row("GET", EXPORT, export)])
