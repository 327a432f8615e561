"""`GET /api/v1/about`: versions, the engine's build, and what the data folder holds."""

from __future__ import annotations

import asyncio

from ..manage.about import About, about
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .works import Works

ABOUT = "/api/v1/about"
DESCRIBED: Described = {
    ("GET", "", ABOUT): Endpoint(summary="Tell versions, the engine's build and the size of the data", gives=(About,)),
}


def table(works: Works) -> Table:
    """The endpoints."""

    async def tell(asked: Asked) -> About:
        asked.query()
        return await asyncio.to_thread(about, works.settings.config, works.config_path, works.data_dir)

    return Table(works.book, [Row("GET", ABOUT, tell)])
