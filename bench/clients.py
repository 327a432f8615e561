"""CPU per request of our HTTP client beside aiohttp's, in one process each in turn: `python -m bench.clients`.

Both send a 140-byte request and read the answer whole, or read a stream of 200 events, 16 at a time.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

import aiohttp
import uvloop

from landbridge.upstream.client import Client, Endpoint

from . import table, works
from .subjects import Provider
from .works import Work

AT_ONCE = 16
KINDS = (
    Work("whole, 140 B", "openai_chat", works.SMALL, False, 4_000, None),
    Work(f"stream of {works.EVENTS}", "openai_chat", works.SMALL, True, 400, None),
)

Ask = Callable[[bytes], Awaitable[int]]
"""Sends one request; gives the size of the answer."""


async def spend(ask: Ask, work: Work) -> float:
    """Seconds of CPU a request."""
    left = work.requests
    body = work.body

    async def client() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            assert await ask(body) > 100

    began = time.process_time()
    await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    return (time.process_time() - began) / work.requests


async def measure(url: str, rounds: int) -> dict[str, dict[str, list[float]]]:
    """By work and client, a figure a round."""
    ours = Client()
    await ours.start()
    endpoint = Endpoint(url=url, headers={})
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def ask_ours(body: bytes) -> int:
            answer = await ours.post(endpoint, body, {})
            size = 0
            async for piece in answer.chunks():
                size += len(piece)
            await answer.close()
            return size

        async def ask_aiohttp(body: bytes) -> int:
            async with session.post(url, data=body, headers={"content-type": "application/json"}) as answer:
                size = 0
                async for piece in answer.content.iter_any():
                    size += len(piece)
                return size

        ways: dict[str, Ask] = {"landbridge": ask_ours, "aiohttp": ask_aiohttp}
        figures: dict[str, dict[str, list[float]]] = {work.name: {name: [] for name in ways} for work in KINDS}
        for number in range(rounds + 1):
            for work in KINDS:
                for name, ask in ways.items():
                    seconds = await spend(ask, work)
                    if number:
                        figures[work.name][name].append(seconds)
    await ours.close()
    return figures


def main() -> None:
    """Measure, print, and save where asked."""
    asked = table.options(__doc__).parse_args()
    provider = Provider()
    try:
        figures = uvloop.run(measure(f"http://127.0.0.1:{provider.port}/v1/chat/completions", asked.rounds))
    finally:
        provider.stop()
    rows = [
        {
            "work": work,
            "landbridge, ms CPU": f"{statistics.median(of['landbridge']) * 1e3:.3f}",
            "aiohttp, ms CPU": f"{statistics.median(of['aiohttp']) * 1e3:.3f}",
            "ratio (least-most)": table.spread(
                [theirs / ours for ours, theirs in zip(of["landbridge"], of["aiohttp"], strict=True)]
            ),
        }
        for work, of in figures.items()
    ]
    table.show("clients", "python -m bench.clients", rows, asked)


if __name__ == "__main__":
    main()
