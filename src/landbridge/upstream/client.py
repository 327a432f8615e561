"""The HTTP client: one request, one answer, and a connection that closes at once when nobody wants the rest.

Tuned for a gateway (`bench/`): URLs are parsed once, no cookies, no redirects, no decompression (identity is asked
for), no total timeout. Reading a stream gives whatever has arrived in one piece.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from functools import lru_cache

import aiohttp
from msgspec import Struct
from yarl import URL

from ..errors import Garbled, GatewayError
from . import faults

ERRORS = (aiohttp.ClientError, OSError, TimeoutError, asyncio.IncompleteReadError)
_BASE = {"accept": "*/*", "accept-encoding": "identity", "content-type": "application/json", "user-agent": "landbridge"}
KEEPALIVE = 30.0
"""Seconds an unused connection is kept."""
READ_BUFFER = 256 * 1024
MAX_HEADER = 64 * 1024


class Endpoint(Struct, frozen=True):
    """Where a request goes."""

    url: str
    headers: Mapping[str, str]
    """Credentials and what the provider always wants; they win over a client's."""
    defaults: Mapping[str, str] = {}
    """Headers where the client sent none of that name."""
    connect_timeout: float = 10.0
    """Seconds to wait for a connection."""
    idle_timeout: float | None = None
    """Seconds of silence after which the answer is given up; None: never (local engines, P82)."""
    origin: str = ""
    """Who speaks there, for errors (`provider:lab`)."""


class Answer:
    """An upstream's answer: its head is there, its body is to be read. `close` in any case."""

    __slots__ = ("_endpoint", "_response", "headers", "status")

    def __init__(self, response: aiohttp.ClientResponse, endpoint: Endpoint) -> None:
        self._response, self._endpoint = response, endpoint
        self.status = response.status
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
        """Lower-case names; of repeated ones the last."""

    async def read(self, limit: int) -> bytes:
        """The whole body. Raises `Garbled` if it is longer than `limit` bytes, `Cut`, `TimedOut`."""
        pieces: list[bytes] = []
        size = 0
        async for piece in self.chunks():
            size += len(piece)
            if size > limit:
                raise Garbled(f"The answer is larger than {limit >> 20} MiB.", origin=self._endpoint.origin)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body in pieces, each all that has arrived. Raises `Cut` where it breaks off, `TimedOut`."""
        content = self._response.content
        try:
            while piece := await content.readany():
                yield piece
        except ERRORS as error:
            raise self._fault(error) from error

    async def close(self) -> None:
        """Done with it: a finished connection is kept for the next request, any other is closed at once (P85)."""
        content = self._response.content
        if content.at_eof():
            self._response.release()
        else:
            self._response.close()

    def _fault(self, error: BaseException) -> GatewayError:
        return faults.answer_fault(error, self._response.url, self._endpoint.origin, self._endpoint.idle_timeout)


class Client:
    """Sends requests over pooled connections."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._timeouts: dict[tuple[float, float | None], aiohttp.ClientTimeout] = {}

    async def start(self) -> None:
        """Make ready; no connection is opened yet."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE, ttl_dns_cache=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Accept", "User-Agent"),
            auto_decompress=False,
            trust_env=True,
            read_bufsize=READ_BUFFER,
            max_line_size=MAX_HEADER,
            max_field_size=MAX_HEADER,
        )

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def post(self, endpoint: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send `body`; returns when the answer's head is there. Raises `ProviderFault` kinds."""
        return await self._send("POST", endpoint, body, headers)

    async def get(self, endpoint: Endpoint, headers: Mapping[str, str]) -> Answer:
        """As `post`, without a body."""
        return await self._send("GET", endpoint, None, headers)

    async def _send(self, method: str, endpoint: Endpoint, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        assert self._session is not None, "the client was started"
        url = parsed(endpoint.url)
        try:
            response = await self._session.request(
                method,
                url,
                data=body,
                headers={**_BASE, **endpoint.defaults, **headers, **endpoint.headers},
                allow_redirects=False,
                timeout=self._timeout(endpoint),
            )
        except ERRORS as error:
            raise faults.connect_fault(
                error, url, endpoint.origin, endpoint.connect_timeout, endpoint.idle_timeout
            ) from error
        return Answer(response, endpoint)

    def _timeout(self, endpoint: Endpoint) -> aiohttp.ClientTimeout:
        key = (endpoint.connect_timeout, endpoint.idle_timeout)
        if key not in self._timeouts:
            self._timeouts[key] = aiohttp.ClientTimeout(
                total=None, sock_connect=endpoint.connect_timeout, sock_read=endpoint.idle_timeout
            )
        return self._timeouts[key]


@lru_cache(maxsize=256)
def parsed(url: str) -> URL:
    """The URL as the library wants it."""
    return URL(url)
