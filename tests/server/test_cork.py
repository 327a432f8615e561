"""A response's head and the first of its body are one write; nothing is held back longer than a turn of the loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl

from landbridge.server.cork import BODY_AHEAD, CorkedProtocol

pytestmark = [pytest.mark.anyio, pytest.mark.io]

REQUEST = b"GET %s HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"


class Counting(CorkedProtocol):
    """Counts what leaves for the socket."""

    writes: list[bytes]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        under = self.transport._transport  # type: ignore[attr-defined]

        class Spy:
            def write(self, data: bytes) -> None:
                Counting.writes.append(data)
                under.write(data)

            def __getattr__(self, name: str) -> Any:
                return getattr(under, name)

        self.transport._transport = Spy()  # type: ignore[attr-defined]


async def application(scope: Any, receive: Any, send: Any) -> None:
    path = scope["path"]
    headers = [] if path != "/whole" else [(b"content-length", b"4")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if path == "/late":
        await asyncio.sleep(0.05)
    if path == "/broken":
        raise RuntimeError
    for piece in (b"one ", b"two") if path != "/whole" else ():
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"all." if path == "/whole" else b""})


@asynccontextmanager
async def served(free_port: int) -> AsyncIterator[int]:
    Counting.writes = []
    config = uvicorn.Config(application, port=free_port, http=Counting, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[method-assign, assignment]  # signals are the tests' own
    task = asyncio.get_running_loop().create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield free_port
    finally:
        server.should_exit = True
        await task


async def ask(port: int, path: bytes, method: bytes = b"GET") -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST.replace(b"GET", method) % path)
    got = await reader.read()
    writer.close()
    await writer.wait_closed()
    return got


@pytest.mark.parametrize(("path", "writes", "end"), [(b"/whole", 1, b"\r\n\r\nall."), (b"/stream", 3, b"0\r\n\r\n")])
async def test_the_head_leaves_with_the_first_of_the_body(free_port: Any, path: bytes, writes: int, end: bytes) -> None:
    async with served(free_port()) as port:
        assert (await ask(port, path)).endswith(end)
    assert len(Counting.writes) == writes


async def test_a_head_without_a_body_yet_leaves_at_once(free_port: Any) -> None:
    async with served(free_port()) as port:
        assert (await ask(port, b"/late")).endswith(b"0\r\n\r\n")
    assert Counting.writes[0].endswith(b"\r\n\r\n")
    assert Counting.writes[1].endswith(b"one \r\n")


async def test_heads_alone_and_broken_answers_arrive(free_port: Any) -> None:
    async with served(free_port()) as port:
        assert (await ask(port, b"/whole", b"HEAD")).endswith(b"\r\n\r\n")
        assert (await ask(port, b"/broken")).startswith(b"HTTP/1.1 200")


async def test_an_agent_s_request_is_not_held_back(free_port: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """uvicorn's own limit is less than such a request; it has no setting, so this says whether ours still counts."""
    paused: list[int] = []
    monkeypatch.setattr(FlowControl, "pause_reading", lambda flow: paused.append(1))
    for size, times in ((200_000, 0), (BODY_AHEAD + 200_000, 1)):
        async with served(free_port()) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /late HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % size)
            writer.write(b"x" * size)
            assert (await reader.read()).endswith(b"0\r\n\r\n")
            writer.close()
            await writer.wait_closed()
        assert (len(paused) > 0) == (times > 0), size
