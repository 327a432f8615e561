"""The pages as an application: what every page shares is put together here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from nicegui import app as pages
from nicegui import ui

from ..server.pages import Told
from .desk import Desk
from .frame import frame
from .gate import Gate
from .guard import Guard
from .live import Live
from .router import Router

STATIC = Path(__file__).with_name("static")
RECONNECT_SECONDS = 20.0
"""A tab that slept keeps its page for so long."""


def application(told: Told) -> Gate:
    """The application to serve."""
    router = Router(told.control)
    live = Live(router)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await router.close()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    pages.add_static_files("/static", STATIC, max_cache_age=0)

    async def root(request: Request) -> None:
        await frame(Desk(router, live), request)

    ui.run_with(
        app,
        root=root,
        title="landbridge",
        favicon=STATIC / "icon.svg",
        tailwind=False,
        reconnect_timeout=RECONNECT_SECONDS,
        show_welcome_message=False,
    )
    return Gate(app, told.host, told.port, Guard(router, told.host))
