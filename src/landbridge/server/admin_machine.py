"""`/api/v1/machine`: what this machine has, and how much of it is used now."""

from __future__ import annotations

import asyncio

from ..engines.gauge import Gauge, Load
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .works import Works

MACHINE = "/api/v1/machine"
EVERY = 1.0
"""Seconds between two looks, while somebody wants to know."""
DESCRIBED: Described = {
    ("GET", "", MACHINE): Endpoint(summary="Say what of this machine is used: processor, memory, cards", gives=(Load,)),
}


def table(works: Works) -> Table:
    """The endpoints."""
    gauge = Gauge(lambda: works.gateway.config.engine)
    works.hub.state("machine", gauge, EVERY)

    async def show(asked: Asked) -> Load:
        asked.query()
        return await asyncio.to_thread(gauge.look)

    return Table(works.book, [Row("GET", MACHINE, show)])
