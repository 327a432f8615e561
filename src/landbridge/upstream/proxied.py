"""Requests that must go through a proxy of the environment (HTTPS_PROXY and its like): by aiohttp, which knows how.

Only such requests load aiohttp. Loopback never goes through a proxy. Its errors become those of `connection.py` here.
Nothing is sent twice: aiohttp does not say whether a byte of an answer came. A proxy sees to dropped connections
itself, so nothing is drained through one either (P87).
"""

from __future__ import annotations

import asyncio
import io
import ipaddress
import ssl
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import ConfigFault
from .connection import READ_BUFFER, Broken, NotConnected, SlowToConnect
from .faults import reason
from .incoming import MAX_HEAD, Malformed
from .place import Endpoint, Place

if TYPE_CHECKING:
    import aiohttp

LARGE = 1024 * 1024
"""Larger bodies are sent piece by piece."""


class Proxies:
    """Which proxy leads where, as the environment says when the program starts."""

    def __init__(self) -> None:
        self._by_scheme = urllib.request.getproxies()

    def proxy_for(self, where: Place) -> str | None:
        """The proxy's URL; None: straight. Raises `ConfigFault` for a kind of proxy we do not speak to."""
        if not self._by_scheme:
            return None
        proxy = self._by_scheme.get("https" if where.tls else "http") or self._by_scheme.get("all")
        if not proxy or is_loopback(where.host) or urllib.request.proxy_bypass(f"{where.host}:{where.port}"):
            return None
        scheme, found, _ = proxy.partition("://")
        if found and scheme.lower() not in ("http", "https"):
            raise ConfigFault(
                f"The environment names a proxy for {where.label} that is not spoken to by HTTP ({scheme}://).",
                remedy="Set HTTPS_PROXY to the http:// address of a proxy, or name the host in NO_PROXY.",
            )
        return proxy if found else f"http://{proxy}"


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
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
    def status(self) -> int:
        """The answer's status."""
        return self._response.status

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """The answer's headers as they came."""
        return list(self._response.raw_headers)

    @property
    def encoding(self) -> bytes:
        """The body's content encoding; empty for none."""
        named = ", ".join(self._response.headers.getall("content-encoding", ())).strip().lower()
        return b"" if named == "identity" else named.encode("latin-1")

    @property
    def complete(self) -> bool:
        """Whether all of it has arrived and was read."""
        return self._response.content.at_eof()

    async def piece(self) -> bytes:
        """All that has arrived; empty at the end."""
        with _ours():
            return await self._response.content.readany()

    def release(self) -> None:
        """Keep the connection."""
        self._response.release()

    def linger(self, seconds: float, limit: int) -> None:
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
            self._session = None

    async def send(
        self,
        method: str,
        where: Place,
        proxy: str,
        tls: ssl.SSLContext | None,
        headers: Mapping[str, str],
        body: bytes | None,
        endpoint: Endpoint,
    ) -> ProxiedBody:
        """Returns when the answer's head is there. Raises `connection.ERRORS`."""
        import aiohttp
        from yarl import URL

        if self._session is None:
            self._session = _new_session()
        timeout = aiohttp.ClientTimeout(total=None, connect=endpoint.connect_timeout, sock_read=endpoint.idle_timeout)
        with _ours(urlsplit(proxy).hostname):
            response = await self._session.request(
                method,
                URL(where.url),
                proxy=URL(proxy),
                data=io.BytesIO(body) if body is not None and len(body) > LARGE else body,
                headers=headers,
                allow_redirects=False,
                timeout=timeout,
                ssl=tls if tls is not None else True,
            )
        if response.status == 407:
            response.close()
            raise NotConnected from Broken("the proxy wants a name and a password (status 407)")
        return ProxiedBody(response)


@contextmanager
def _ours(proxy: str | None = None) -> Iterator[None]:
    """aiohttp's errors as those of `connection.py`."""
    import aiohttp

    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise SlowToConnect from error
    except TimeoutError as error:
        raise TimeoutError from error
    except aiohttp.ClientConnectorCertificateError as error:
        raise NotConnected from error.certificate_error
    except aiohttp.ClientConnectorError as error:
        if error.host == proxy:
            raise NotConnected from Broken(f"the proxy {error.host}:{error.port} fails: {reason(error.os_error)}")
        raise NotConnected from error.os_error
    except aiohttp.ClientHttpProxyError as error:
        raise NotConnected from Broken(f"the proxy says {error.status} {error.message}")
    except aiohttp.ClientResponseError as error:
        raise Malformed(f"it is not HTTP ({reason(error)})") from error
    except (aiohttp.ClientError, asyncio.IncompleteReadError) as error:
        raise Broken(reason(error)) from error


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
