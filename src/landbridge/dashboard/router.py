"""The router, as the pages ask it: `/api/v1` and the models' own APIs, at its control socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import aiohttp
import msgspec
from msgspec import Struct, field

T = TypeVar("T")

SECONDS = 60.0
"""An answer may take; loading a model and trying a provider say more."""
HOST = "http://localhost"


class RouterFault(Exception):
    """The router said no, or nothing. `message` says what is wrong, and what to do about it."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.message, self.status = message, status


class _Wrong(Struct):
    message: str = ""


class _Body(Struct):
    error: _Wrong = field(default_factory=_Wrong)


def at(*parts: str) -> str:
    """A path below `/api/v1` of these parts, each escaped: `at("engines", "a/b", "load")`."""
    return "/api/v1/" + "/".join(quote(part, safe="") for part in parts)


class Router:
    """Asks at the socket. One for the process; `close` in the end."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._kept: aiohttp.ClientSession | None = None

    async def get(self, path: str, type: type[T], seconds: float = SECONDS, **query: str | None) -> T:
        """What is at `path`, with the parts of `query` that are no None and not empty. Raises `RouterFault`."""
        return await self.ask("GET", path, type, query=query, seconds=seconds)

    async def ask(
        self,
        method: str,
        path: str,
        type: type[T],
        body: object = None,
        *,
        query: Mapping[str, str | None] | None = None,
        seconds: float = SECONDS,
    ) -> T:
        """The answer to one request, `body` as its JSON. Raises `RouterFault`."""
        said = {name: value for name, value in (query or {}).items() if value}
        url = f"{path}?{urlencode(said)}" if said else path
        async with self.open(method, url, body, seconds=seconds) as answer:
            read = await answer.read()
        try:
            return msgspec.json.decode(read, type=type)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RouterFault(f"{path} answered what nobody understands: {error}.") from None

    @asynccontextmanager
    async def open(
        self,
        method: str,
        url: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """A good answer, to be read as it comes. Raises `RouterFault`."""
        sent = {"content-type": "application/json", **(headers or {})}
        data = body if isinstance(body, bytes) else None if body is None else msgspec.json.encode(body)
        limit = aiohttp.ClientTimeout(total=seconds)
        try:
            async with self._session.request(method, HOST + url, data=data, headers=sent, timeout=limit) as answer:
                if answer.status >= 400:
                    raise RouterFault(_words(await answer.read(), answer.status), answer.status)
                yield answer
        except TimeoutError:
            limit_said = f" within {seconds:.0f} s" if seconds is not None else ""
            raise RouterFault(f"The router did not answer{limit_said}.") from None
        except (aiohttp.ClientError, OSError) as error:
            raise RouterFault(f"The router cannot be asked: {error}.") from None

    async def close(self) -> None:
        """Let its connections go."""
        if self._kept is not None:
            await self._kept.close()

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._kept is None:
            self._kept = aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(self._socket, limit=0), read_bufsize=2**20, auto_decompress=False
            )
        return self._kept


def _words(body: bytes, status: int) -> str:
    """The message of an error answer, in whatever form it came."""
    try:
        message = msgspec.json.decode(body, type=_Body).error.message
    except (msgspec.DecodeError, UnicodeDecodeError):
        message = ""
    return message or f"The router answered with status {status}."


Json = dict[str, Any]
