"""Runs the pages at a socket, until the router is gone or nobody looks any more."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys

import uvicorn
from nicegui import app as pages
from nicegui.client import Client

from ..server.pages import Told
from .application import application

log = logging.getLogger("landbridge.dashboard")

IDLE_SECONDS = 600.0
"""Without a page open for so long, the process ends; the next visit starts another."""
LOOK_EVERY = 5.0


async def serve(told: Told, listener: socket.socket) -> None:
    """Serve until the end."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s: %(message)s")
    config = uvicorn.Config(
        application(told),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws_max_size=2**26,
    )
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    loop = asyncio.get_running_loop()
    ends = [loop.create_task(end) for end in (_router_gone(), _nobody_looks())]
    serving = loop.create_task(server.serve(sockets=[listener]))
    await asyncio.wait([serving, *ends], return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    for end in ends:
        end.cancel()
    await asyncio.gather(serving, *ends, return_exceptions=True)
    serving.result()


async def _router_gone() -> None:
    """Wait for the end of standard input: the router holds the other side."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


async def _nobody_looks() -> None:
    """Wait until no page has been open for a while."""
    quiet = 0.0
    while quiet < IDLE_SECONDS:
        await asyncio.sleep(LOOK_EVERY)
        looking = any(client.has_socket_connection for client in Client.instances.values())
        quiet = 0.0 if looking or pages.is_starting else quiet + LOOK_EVERY
