"""Which names a listener answers to, and which web pages may speak to it.

A web page can make a browser ask a name of its own that leads here (DNS rebinding); the Host header then shows that
name. An address never comes from such a name, so addresses are let in. What a page sends elsewhere shows its Origin.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from ipaddress import ip_address
from urllib.parse import urlsplit

EVERYWHERE = "0.0.0.0"  # noqa: S104 - named here; a person chooses it, and is told what it means
EVERY = (EVERYWHERE, "::", "")
"""Addresses to bind that others reach, whatever this machine's own are."""


def host_of(value: str) -> str:
    """The name in a Host header, in lower case, without its port; empty for what is none."""
    try:
        return (urlsplit(f"//{value}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether a name or an address means this machine and no other."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def is_address(host: str) -> bool:
    """Whether it is an address, and no name."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def host_fits(value: str, bound: str, own: Sequence[str], allowed: Sequence[str]) -> bool:
    """Whether a Host header may name a listener bound to `bound`; `own` are this machine's names.

    Its names count only where others are meant to reach it.
    """
    if not value:  # HTTP/1.0; browsers always send it
        return True
    host = host_of(value)
    if not host:
        return False
    if is_loopback(host) or is_address(host) or host == bound.lower():
        return True
    if not is_loopback(bound) and host in own:
        return True
    return any(fnmatchcase(host, pattern.lower()) for pattern in allowed)


def origin_fits(origin: str, allowed: Sequence[str]) -> bool:
    """Whether pages of `origin` are named in the settings."""
    return any(fnmatchcase(origin.lower(), pattern.lower().rstrip("/")) for pattern in allowed)


def is_own_origin(origin: str) -> bool:
    """Whether a page comes from this machine. Where its answers may be read decides the browser, by CORS."""
    return is_loopback(host_of(origin.partition("://")[2]))
