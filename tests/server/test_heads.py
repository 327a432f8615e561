"""Heads without an end are refused, and nothing else is."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from landbridge.server.heads import MAX_HEAD
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

START = b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n"
PIECE = 16 * 1024
"""Bytes that are sent at once; what the server reads at once may be more."""


async def answered(running: Running, data: bytes) -> bytes:
    """What comes back, until the server closes the connection or has answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(running.url.rpartition(":")[2]))
    try:
        for at in range(0, len(data), PIECE):
            writer.write(data[at : at + PIECE])
            await writer.drain()
            await asyncio.sleep(0)
        return await asyncio.wait_for(reader.read(PIECE), 20)
    except ConnectionError:  # it was closed while we went on
        return b"HTTP/1.1 431"
    finally:
        writer.close()


@pytest.mark.parametrize(
    "flood",
    [b"".join(b"x-%d: a\r\n" % each for each in range(200_000)), b"x: " + b"a" * 2**22, b"x" * 2**22],
    ids=["many", "long", "name"],
)
async def test_a_head_without_an_end_is_refused(tmp_path: Path, flood: bytes) -> None:
    async with Running(tmp_path) as running:
        assert (await answered(running, START + flood)).startswith(b"HTTP/1.1 431")
        assert (await running.get("/health")).status == 200


async def test_an_address_without_an_end_is_refused(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        said = await answered(running, b"GET /" + b"a" * 2**22)
        assert said.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))


async def test_large_heads_that_end_and_large_bodies_are_taken(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        head = START + b"x: " + b"a" * (MAX_HEAD // 2) + b"\r\n\r\n"
        assert (await answered(running, head)).startswith(b"HTTP/1.1 200")
        answer = await running.post("/v1/messages", {"model": "x/y", "messages": [], "metadata": "a" * MAX_HEAD * 4})
        assert answer.status == 404, "the body is no head"


async def test_each_request_of_a_connection_is_counted_for_itself(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(running.url.rpartition(":")[2]))
        for _ in range(5):
            writer.write(START + b"x: " + b"a" * (MAX_HEAD // 3))
            await writer.drain()
            writer.write(b"\r\n\r\n")
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
            await reader.readuntil(b"\r\n\r\n")
            await reader.readuntil(b"}}}")
        writer.close()
