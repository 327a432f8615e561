"""The one border where the HTTP library's errors become ours.

Messages name host and port, never a path, a query or a key.
"""

from __future__ import annotations

import ssl

import aiohttp
from yarl import URL

from ..errors import Cut, Garbled, GatewayError, TimedOut, Unreachable


def connect_fault(error: BaseException, url: URL, origin: str, seconds: float, idle: float | None) -> GatewayError:
    """Why no answer's head came."""
    where = place(url)
    match error:
        case aiohttp.ClientConnectorDNSError():
            return Unreachable(f"There is no host '{url.host}'.", remedy="Check base_url.", origin=origin)
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError() | ssl.SSLError():
            return Unreachable(
                f"No secure connection to {where}: {reason(error)}.",
                remedy="Check that base_url begins with the right http:// or https://, and the certificate.",
                origin=origin,
            )
        case aiohttp.ConnectionTimeoutError():
            return TimedOut(
                f"{where} did not accept a connection within {seconds:g} s.",
                remedy="Check base_url, the network and any proxy.",
                origin=origin,
            )
        case aiohttp.ClientConnectorError():
            return Unreachable(
                f"Cannot connect to {where}: {reason(error)}.",
                remedy="Check that it runs there and that base_url is right.",
                origin=origin,
            )
        case _:
            return answer_fault(error, url, origin, idle)


def answer_fault(error: BaseException, url: URL, origin: str, idle: float | None) -> GatewayError:
    """Why an answer's head or body did not come whole."""
    where = place(url)
    match error:
        case TimeoutError():
            silent = f" for {idle:g} s" if idle is not None else ""
            return TimedOut(
                f"{where} was silent{silent}.",
                remedy="Try again, or raise idle_timeout in the settings.",
                origin=origin,
            )
        case aiohttp.ClientResponseError():
            return Garbled(
                f"{where} does not answer with HTTP: {reason(error)}.", remedy="Check base_url.", origin=origin
            )
        case _:
            return Cut(f"The connection to {where} broke off: {reason(error)}.", remedy="Try again.", origin=origin)


def place(url: URL) -> str:
    """`host:port`."""
    return f"{url.host}:{url.port}"


def reason(error: BaseException) -> str:
    """The error's own words, without addresses of Python objects or URLs with queries."""
    inner = getattr(error, "os_error", None) or error
    text = getattr(inner, "strerror", None) or getattr(inner, "message", None) or str(inner)
    return str(text).splitlines()[0].rstrip(".") if str(text).strip() else type(inner).__name__
