"""The one border where errors of connections become ours.

Messages name host and port, never a path, a query or a key.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
from urllib.parse import urljoin, urlsplit

from ..errors import Cut, Garbled, GatewayError, Refused, TimedOut, Unreachable
from .connection import NotConnected, SlowToConnect
from .incoming import Malformed
from .place import Endpoint, place


class SlowToAnswer(TimeoutError):
    """Connected, but its answer did not begin in time."""


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
        case SlowToAnswer():
            return TimedOut(
                f"{where} did not begin to answer within {endpoint.first_byte_timeout:g} s.",
                remedy="Try again, or raise first_byte_timeout in the settings.",
                origin=origin,
            )
        case TimeoutError(errno=None):
            silent = f" for {endpoint.idle_timeout:g} s" if endpoint.idle_timeout is not None else ""
            return TimedOut(
                f"{where} was silent{silent}.",
                remedy="Try again, or raise idle_timeout in the settings.",
                origin=origin,
            )
        case Malformed():
            return Garbled(
                f"The answer of {where} cannot be read: {reason(error)}.", remedy="Check base_url.", origin=origin
            )
        case _:
            return Cut(f"The connection to {where} broke off: {reason(error)}.", remedy="Try again.", origin=origin)


def redirect(status: int, location: str, endpoint: Endpoint) -> Refused:
    """A redirect is an error: what was sent here, credentials included, is not sent on to where an answer says."""
    where = place(endpoint.url)
    here = f"{'https' if where.tls else 'http'}://{where.label}"
    there = _origin_of(where.url, location) if location else ""
    if not there:
        to = "without saying where to"
    else:
        to = "to another path of the same server" if there == here else f"to {there}"
    return Refused(
        f"{here} redirects {to} (status {status}).",
        remedy="Set base_url to the address where the API is; redirects are not followed.",
        origin=endpoint.origin,
        code="redirect",
    )


def _origin_of(base: str, location: str) -> str:
    """Scheme, host and port alone: the rest may hold a token."""
    try:
        parts = urlsplit(urljoin(base, location))
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return ""
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}" if host else ""


def _unreachable(cause: BaseException, endpoint: Endpoint) -> Unreachable:
    where, origin = place(endpoint.url), endpoint.origin
    match cause:
        case socket.gaierror(errno=socket.EAI_NONAME):
            return Unreachable(f"There is no host '{where.host}'.", remedy="Check base_url.", origin=origin)
        case socket.gaierror():
            return Unreachable(
                f"The address of '{where.host}' cannot be found: {reason(cause)}.",
                remedy="Check the network, its name server and base_url.",
                origin=origin,
            )
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
    match error:
        case ssl.SSLCertVerificationError(verify_message=str(said)) if said:
            text = said
        case ssl.SSLError() | socket.gaierror():
            text = re.sub(r"^\[.*?\] | \(_ssl\.c:\d+\)", "", error.strerror or str(error))
        case OSError(errno=int(number)):
            text = os.strerror(number)
        case _:
            text = str(error)
    text = text.strip()
    return text.splitlines()[0].rstrip(".") if text else type(error).__name__
