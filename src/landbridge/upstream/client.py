"""The HTTP client: one request, one answer, and a connection that closes at once when nobody wants the rest.

Plain HTTP/1.1 over pooled connections, made for a gateway: no cookies, no redirects, no total timeout. Bodies are asked
for as they are; one that comes compressed all the same is unpacked (`encoded.py`). What has to go through a proxy goes
through aiohttp (`proxied.py`), which costs three times as much (docs/performance.md).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping

from . import faults
from .answer import Answer, Body, leave
from .connection import ERRORS, Broken, Connection, NotConnected, SlowToConnect
from .dial import dial, tls_context
from .echoes import signed
from .encoded import decoded
from .place import Endpoint, Heads, Outgoing, Place, merged, place, write_head
from .pool import Pool
from .proxied import ProxiedClient, Proxies

__all__ = ["Answer", "Client", "Endpoint"]

Dialer = Callable[[str, int], Awaitable[socket.socket]]
"""`(host, port)`: a connected socket."""


class Client:
    """Sends requests over pooled connections, which `dialer` makes. `straight`: never through a proxy."""

    def __init__(self, dialer: Dialer = dial, *, straight: bool = False) -> None:
        self._dialer, self._straight = dialer, straight
        self._pool = Pool()
        self._heads = Heads()
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
        """Send `body`; returns when the answer's head is there. Raises `ProviderFault` kinds, `ConfigFault`."""
        return await self._send("POST", endpoint, body, headers)

    async def get(self, endpoint: Endpoint, headers: Mapping[str, str], *, redirects: bool = False) -> Answer:
        """As `post`, without a body. `redirects`: they are answers like others, and no errors."""
        return await self._send("GET", endpoint, None, headers, redirects=redirects)

    async def delete(self, endpoint: Endpoint, headers: Mapping[str, str]) -> Answer:
        """As `get`, with that method."""
        return await self._send("DELETE", endpoint, None, headers)

    async def _send(
        self,
        method: str,
        endpoint: Endpoint,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        redirects: bool = False,
    ) -> Answer:
        where = place(endpoint.url)
        proxy = None if self._straight else self._proxies.proxy_for(where)
        chosen: Mapping[str, str] = {}
        if headers or body is None or method != "POST" or endpoint.sign is not None or proxy is not None:
            chosen = merged(endpoint, headers)
            if endpoint.sign is not None:
                sent = await endpoint.sign(self, Outgoing(method, where, chosen, body))
                chosen, body = sent.headers, sent.body
                endpoint = signed(endpoint, chosen)
            head = write_head(method, where, chosen, None if body is None else len(body))
        else:
            head = self._heads.post(endpoint, where, len(body))
        arrived: Body
        try:
            if proxy is not None:
                arrived = await self._send_proxied(method, where, proxy, chosen, body, endpoint)
            else:
                arrived = await self._ask(where, head, body or b"", endpoint)
            answer = Answer(decoded(arrived), endpoint)
        except ERRORS as error:
            raise faults.fault(error, endpoint) from error
        if 300 <= answer.status < 400 and not redirects:
            await answer.close()
            raise faults.redirect(answer.status, answer.headers.get("location", ""), endpoint)
        return answer

    async def _send_proxied(
        self,
        method: str,
        where: Place,
        proxy: str,
        headers: Mapping[str, str],
        body: bytes | None,
        endpoint: Endpoint,
    ) -> Body:
        """The beginning of an answer that comes through a proxy."""
        tls = await self._trust() if where.tls else None
        limit = asyncio.timeout(endpoint.first_byte_timeout)
        try:
            async with limit:
                return await self._proxied.send(method, where, proxy, tls, headers, body, endpoint)
        except TimeoutError as error:
            if limit.expired():
                raise faults.SlowToAnswer from error
            raise

    async def _ask(self, where: Place, head: bytes, body: bytes, endpoint: Endpoint) -> Connection:
        """A connection on which the answer has begun.

        A kept connection may have been closed by the other side just now, and then the request is sent once more on a
        new one (RFC 9112, 9.3.1; browsers do so). In any other case it may have been begun to work on, and a request
        is never sent twice.
        """
        if (kept := self._pool.take(where.key)) is not None:
            try:
                return await _exchange(kept, head, body, endpoint)
            except (Broken, OSError):
                if not kept.stale:
                    raise
        return await _exchange(await self._connect(where, endpoint.connect_timeout), head, body, endpoint)

    async def _connect(self, where: Place, seconds: float) -> Connection:
        loop = asyncio.get_running_loop()
        connection = self._pool.new(where.key)
        try:
            async with asyncio.timeout(seconds):
                tls = await self._trust() if where.tls else None
                found = await self._dialer(where.host, where.port)
                name = where.host if where.tls else None
                await loop.create_connection(lambda: connection, sock=found, ssl=tls, server_hostname=name)
        except BaseException as error:
            connection.abort()
            self._pool.forget(connection)
            if isinstance(error, TimeoutError) and error.errno is None:
                raise SlowToConnect from error
            if isinstance(error, OSError):
                raise NotConnected from error
            raise
        return connection

    async def _trust(self) -> ssl.SSLContext:
        """What certificates are checked by: read once, and not in the loop's time."""
        if self._tls is None:
            self._tls = await asyncio.to_thread(tls_context)
        return self._tls


async def _exchange(connection: Connection, head: bytes, body: bytes, endpoint: Endpoint) -> Connection:
    """Send the request and wait for the answer's head."""
    first = endpoint.first_byte_timeout
    connection.send(head, body, endpoint.idle_timeout if first is None else first)
    try:
        await connection.head()
        if first is not None:
            connection.bear(endpoint.idle_timeout)
    except TimeoutError as error:
        connection.abort()
        if first is not None and error.errno is None:
            raise faults.SlowToAnswer from error
        raise
    except asyncio.CancelledError:
        leave(connection, endpoint)
        raise
    except BaseException:
        connection.abort()
        raise
    return connection
