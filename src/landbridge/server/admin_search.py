"""`/api/v1/search`: models to get, as `landbridge models search` finds them, and what a repository of the hub has."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from ..engines.sources import understood
from ..errors import BadRequest
from ..manage.model_search import Search, search
from ..manage.quantisations import Offer, offer
from .admin_table import Asked, Row, Table
from .described import Described, Endpoint
from .works import Works

SEARCH = "/api/v1/search"
REPOSITORY = "/api/v1/repository"
MOST = 100
"""Repositories in one answer."""

DESCRIBED: Described = {
    ("GET", "", SEARCH): Endpoint(
        summary="Search for models: here, in the catalogue, with other programs and on the hub",
        gives=(Search,),
        parameters=("words", "repositories", "hub"),
    ),
    ("GET", "", REPOSITORY): Endpoint(
        summary="List the quantisations of a repository, and whether each fits", gives=(Offer,), parameters=("source",)
    ),
}


def table(works: Works) -> Table:
    """The endpoints."""

    async def find(asked: Asked) -> Search:
        said = asked.query("words", "limit", "hub")
        words, limit = tuple(said.get("words", "").split()), said.get("limit", "20")
        if not words:
            raise BadRequest.at("words", " are missing.", remedy=f"Say {SEARCH}?words=qwen+coder.")
        if not limit.isdigit() or not 0 < int(limit) <= MOST:
            raise BadRequest.at("limit", f" is no number from 1 to {MOST}.")
        hub = said.get("hub", "true") not in ("0", "false", "no")
        return await asyncio.to_thread(search, works.library, words, int(limit), os.environ, Path.home(), hub=hub)

    async def show(asked: Asked) -> Offer:
        source = understood(asked.query("source").get("source", ""))
        if not source.startswith("hf:"):
            raise BadRequest.at("source", " names no repository.", remedy="Write it like hf:org/repo.")
        return await asyncio.to_thread(offer, source, works.library, works.gateway.config)

    return Table(works.book, [Row("GET", SEARCH, find), Row("GET", REPOSITORY, show)])
