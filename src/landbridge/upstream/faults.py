"""The one border where errors of connections become ours.

Messages name host and port, never a path, a query or a key.
"""

from __future__ import annotations

import socket
import ssl

from ..errors import Cut, Garbled, GatewayError, TimedOut, Unreachable
from .connection import Malformed, NotConnected, SlowToConnect
from .place import Endpoint, place


def fault(error: BaseException, endpoint: Endpoint) -> GatewayError:
    """`error`, one of `connection.ERRORS`, in the words of whoever reads it in a client's terminal."""
    where, origin = place(endpoint.url).label, endpoint.origin
    match error:
        case NotConnected():
            return _unreachable(error.__cause__ or error, endpoint)
        case SlowToConnect():
            return TimedOut(
                f"{where} did not accept a connection within {endpoint.connect_timeout:g} s.",
                remedy="Check base_url, the network and any proxy.",
                origin=origin,
            )
        case TimeoutError():
            silent = f" for {endpoint.idle_timeout:g} s" if endpoint.idle_timeout is not None else ""
            return TimedOut(
                f"{where} was silent{silent}.",
                remedy="Try again, or raise idle_timeout in the settings.",
                origin=origin,
            )
        case Malformed():
            return Garbled(
                f"{where} does not answer with HTTP: {reason(error)}.", remedy="Check base_url.", origin=origin
            )
        case _:
            return Cut(f"The connection to {where} broke off: {reason(error)}.", remedy="Try again.", origin=origin)


def _unreachable(cause: BaseException, endpoint: Endpoint) -> Unreachable:
    where, origin = place(endpoint.url), endpoint.origin
    match cause:
        case socket.gaierror():
            return Unreachable(f"There is no host '{where.host}'.", remedy="Check base_url.", origin=origin)
        case ssl.SSLError():
            return Unreachable(
                f"No secure connection to {where.label}: {reason(cause)}.",
                remedy="Check that base_url begins with the right http:// or https://, and the certificate.",
                origin=origin,
            )
        case _:
            return Unreachable(
                f"Cannot connect to {where.label}: {reason(cause)}.",
                remedy="Check that it runs there and that base_url is right.",
                origin=origin,
            )


def reason(error: BaseException) -> str:
    """The error's own words, on one line."""
    known = getattr(error, "verify_message", None) or getattr(error, "strerror", None) or str(error)
    text = str(known).strip()
    return text.splitlines()[0].rstrip(".") if text else type(error).__name__
