"""The HTTP client: one request, one answer, and a connection that closes at once when nobody wants the rest.

Plain HTTP/1.1 over pooled connections, made for a gateway: no cookies, no redirects, no decompression (identity is
asked for), no total timeout. What has to go through a proxy goes through aiohttp (`proxied.py`); all else does not,
because that costs most of what a request may cost (docs/performance.md).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping

from . import faults
from .answer import Answer
from .connection import ERRORS, Broken, Connection, NotConnected, SlowToConnect
from .place import Endpoint, Place, merged, place, write_head
from .pool import Pool
from .proxied import ProxiedBody, ProxiedClient, Proxies

__all__ = ["Answer", "Client", "Endpoint"]


class Client:
    """Sends requests over pooled connections."""

    def __init__(self) -> None:
        self._pool = Pool()
        self._proxies = Proxies()
        self._proxied = ProxiedClient()
        self._tls: ssl.SSLContext | None = None

    async def start(self) -> None:
        """Make ready; no connection is opened yet."""
        self._proxies = Proxies()

    async def close(self) -> None:
        """Close every connection."""
        self._pool.close()
        await self._proxied.close()
        await asyncio.sleep(0)  # the loop closes aborted connections in its next turn

    async def post(self, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send `body`; returns when the answer's head is there. Raises `ProviderFault` kinds."""
        return await self._send("POST", endpoint, body, headers)

    async def get(self, endpoint: Endpoint, headers: Mapping[str, str]) -> Answer:
        """As `post`, without a body."""
        return await self._send("GET", endpoint, None, headers)

    async def _send(self, method: str, endpoint: Endpoint, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        where = place(endpoint.url)
        chosen = merged(endpoint, headers)
        head = write_head(method, where, chosen, None if body is None else len(body))
        try:
            if (proxy := self._proxies.proxy_for(where)) is not None:
                response = await self._proxied.send(method, where, proxy, chosen, body, endpoint)
                return Answer(response.status, list(response.raw_headers), ProxiedBody(response), endpoint)
            connection = await self._ask(where, head, body or b"", endpoint)
        except ERRORS as error:
            raise faults.fault(error, endpoint) from error
        return Answer(connection.status, connection.raw_headers, connection, endpoint)

    async def _ask(self, where: Place, head: bytes, body: bytes, endpoint: Endpoint) -> Connection:
        """A connection on which the answer has begun.

        A kept connection may have been closed by the other side just now. Then nothing of an answer has come and the
        request is sent once more on a new one; in any other case a request is never sent twice.
        """
        if (kept := self._pool.take(where.key)) is not None:
            try:
                return await _exchange(kept, head, body, endpoint)
            except (Broken, ConnectionError):
                if kept.touched:
                    raise
        return await _exchange(await self._connect(where, endpoint.connect_timeout), head, body, endpoint)

    async def _connect(self, where: Place, seconds: float) -> Connection:
        loop = asyncio.get_running_loop()
        if where.tls and self._tls is None:
            self._tls = ssl.create_default_context()
        connection = self._pool.new(where.key)
        try:
            async with asyncio.timeout(seconds):
                await loop.create_connection(
                    lambda: connection, where.host, where.port, ssl=self._tls if where.tls else None
                )
        except BaseException as error:
            connection.abort()
            self._pool.forget(connection)
            if isinstance(error, TimeoutError):
                raise SlowToConnect from error
            if isinstance(error, OSError):
                raise NotConnected from error
            raise
        return connection


async def _exchange(connection: Connection, head: bytes, body: bytes, endpoint: Endpoint) -> Connection:
    """Send the request and wait for the answer's head."""
    connection.send(head, body, endpoint.idle_timeout)
    try:
        await connection.head()
    except BaseException:
        connection.abort()
        raise
    return connection
