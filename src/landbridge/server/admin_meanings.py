"""`GET /api/v1/settings/meanings`: every setting there can be, for pages and editors that let somebody choose."""

from __future__ import annotations

import asyncio

from ..manage.meanings import Meanings, all_meanings
from .admin_change import SETTINGS
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .works import Works

MEANINGS = f"{SETTINGS}/meanings"
DESCRIBED: Described = {
    ("GET", "", MEANINGS): Endpoint(summary="Say what each setting means and takes", gives=(Meanings,)),
}


def table(works: Works) -> Table:
    """The endpoints."""

    async def tell(asked: Asked) -> Meanings:
        asked.query()
        return await asyncio.to_thread(all_meanings)

    return Table(works.book, [Row("GET", MEANINGS, tell)])
