"""One small question and its whole answer within a set time: what engines are asked beside their work."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from ..errors import TimedOut
from .client import Client
from .place import Endpoint, place

MAX_ANSWER = 64 * 1024 * 1024
"""Bytes; the tokens of a very long prompt are a few."""


async def ask(
    client: Client, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float
) -> tuple[int, bytes]:
    """Status and body. A POST where there is a `body`, else a GET. Raises `ProviderFault` kinds."""
    endpoint = Endpoint(url=url, headers=headers, connect_timeout=seconds)
    try:
        async with asyncio.timeout(seconds):
            answer = await (client.get(endpoint, {}) if body is None else client.post(endpoint, body, {}))
            try:
                return answer.status, await answer.read(MAX_ANSWER)
            finally:
                await answer.close()
    except TimeoutError:
        raise TimedOut(f"{place(url).label} did not answer within {seconds:g} s.") from None
