"""Requests that must go through a proxy of the environment (HTTPS_PROXY and its like): by aiohttp, which knows how.

Only such requests load aiohttp. Loopback never goes through a proxy. Its errors become those of `connection.py` here.
"""

from __future__ import annotations

import asyncio
import ipaddress
import urllib.request
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .connection import MAX_HEAD, READ_BUFFER, Broken, Malformed, NotConnected, SlowToConnect
from .place import Endpoint, Place

if TYPE_CHECKING:
    import aiohttp


class Proxies:
    """Which proxy leads where, as the environment says when the program starts."""

    def __init__(self) -> None:
        self._by_scheme = urllib.request.getproxies()

    def proxy_for(self, where: Place) -> str | None:
        """The proxy's URL; None: straight."""
        if not self._by_scheme:
            return None
        proxy = self._by_scheme.get("https" if where.tls else "http") or self._by_scheme.get("all")
        if not proxy or is_loopback(where.host) or urllib.request.proxy_bypass(where.label):
            return None
        return proxy if "://" in proxy else f"http://{proxy}"


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class ProxiedBody:
    """A body that comes through a proxy."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    @property
    def complete(self) -> bool:
        """Whether all of it has arrived and was read."""
        return self._response.content.at_eof()

    async def piece(self) -> bytes:
        """All that has arrived; empty at the end."""
        import aiohttp

        try:
            return await self._response.content.readany()
        except aiohttp.ClientError as error:
            raise Broken(str(error)) from error

    def release(self) -> None:
        """Keep the connection."""
        self._response.release()

    def linger(self, seconds: float) -> None:
        """Not worth waiting for here."""
        self._response.close()

    def abort(self) -> None:
        """Close the connection at once."""
        self._response.close()


class ProxiedClient:
    """Sends requests through a proxy."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def send(
        self, method: str, where: Place, proxy: str, headers: Mapping[str, str], body: bytes | None, endpoint: Endpoint
    ) -> aiohttp.ClientResponse:
        """Returns when the answer's head is there. Raises `connection.ERRORS`."""
        import aiohttp
        from yarl import URL

        if self._session is None:
            self._session = _new_session()
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=endpoint.connect_timeout, sock_read=endpoint.idle_timeout
        )
        try:
            return await self._session.request(
                method,
                URL(where.url),
                proxy=URL(proxy),
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=timeout,
            )
        except aiohttp.ConnectionTimeoutError as error:
            raise SlowToConnect from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise NotConnected from error.certificate_error
        except aiohttp.ClientConnectorError as error:
            raise NotConnected from error.os_error
        except aiohttp.ClientHttpProxyError as error:
            raise NotConnected from Broken(f"the proxy says {error.status} {error.message}")
        except aiohttp.ClientResponseError as error:
            raise Malformed(error.message) from error
        except (aiohttp.ServerDisconnectedError, asyncio.IncompleteReadError) as error:
            raise Broken(str(error)) from error


def _new_session() -> aiohttp.ClientSession:
    import aiohttp

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        read_bufsize=READ_BUFFER,
        max_line_size=MAX_HEAD,
        max_field_size=MAX_HEAD,
    )
