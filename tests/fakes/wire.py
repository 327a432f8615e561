"""A client's connection in memory: what is said comes to the server's protocol, what is answered is remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import uvicorn
from uvicorn.server import ServerState

from landbridge.server.asgi import Message, Receive, Scope, Send
from landbridge.server.http1 import Http1

Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Wire(asyncio.Transport):
    """`say` bytes, look at `writes`; `hang_up`."""

    def __init__(self, application: Application, keep_alive: int = 75) -> None:
        super().__init__()
        config = uvicorn.Config(
            cast(Any, application), lifespan="off", log_config=None, proxy_headers=False, timeout_keep_alive=keep_alive
        )
        config.load()
        self.state = ServerState()
        self.line = Http1(config, self.state, {})
        self.writes: list[bytes] = []
        self.closed = self.broken = False
        self.paused = 0
        """How often it was read from no more."""
        self.held = False
        self.line.connection_made(self)

    @property
    def heard(self) -> bytes:
        """All that was answered."""
        return b"".join(self.writes)

    async def say(self, data: bytes, *, turns: int = 12) -> bytes:
        """Bytes of the client, and what is answered within some turns of the loop."""
        before = len(self.writes)
        self.line.data_received(data)
        await settle(turns)
        return b"".join(self.writes[before:])

    async def hang_up(self) -> None:
        """The client leaves."""
        self.closed = True
        self.line.connection_lost(None)
        await settle()

    # -- for the protocol ----------------------------------------------------------------------------------------------

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 5) if name == "peername" else default

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().call_soon(self.line.connection_lost, None)

    def abort(self) -> None:
        self.broken = True
        self.close()

    def write(self, data: Any) -> None:
        assert not self.closed
        self.writes.append(bytes(data))

    def pause_reading(self) -> None:
        self.paused += 1
        self.held = True

    def resume_reading(self) -> None:
        self.held = False


async def settle(turns: int = 12) -> None:
    """Some turns of the loop."""
    for _ in range(turns):
        await asyncio.sleep(0)


async def read_all(receive: Receive) -> bytes:
    """A request's body, by ASGI."""
    body, message = b"", cast(Message, {"more_body": True})
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return body
