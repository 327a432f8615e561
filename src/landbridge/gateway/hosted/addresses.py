"""Which network addresses are public: only those may be fetched for a model.

A page that a model asks for must not be this machine, its network or the cloud's metadata service, whatever its name
says. So every address a name has is looked at, in whatever form it is written, and the connection is made to exactly
those addresses: a name that means something else a moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address

from ...upstream.dial import connect, resolve

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_REFUSED = [
    ipaddress.ip_network(network)
    for network in (
        "64:ff9b:1::/48",  # NAT64 of a local network
        "192.88.99.0/24",  # relays to IPv6, given up
        "2001::/23",  # Teredo and other special uses
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "::/96",  # IPv4 in an old form
        "fec0::/10",  # a site's own, given up
    )
]


class NotPublic(Exception):
    """The place may not be fetched."""


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, and of one machine."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        inner = _inner(found)
        if inner is not None:
            return is_public(str(inner))
    if any(found in network for network in _REFUSED if network.version == found.version):
        return False
    special = (
        found.is_multicast or found.is_reserved or found.is_link_local or found.is_loopback or found.is_unspecified
    )
    return found.is_global and not found.is_private and not special


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


class Dialer:
    """Makes connections to public addresses, and to the hosts that the settings name."""

    def __init__(self, private_hosts: Collection[str]) -> None:
        self._private_hosts = {host.strip().lower() for host in private_hosts}

    def is_named(self, host: str, port: int) -> bool:
        """Whether the settings let this place be fetched wherever it is."""
        shown = f"[{host}]" if ":" in host else host
        return host in self._private_hosts or f"{shown}:{port}" in self._private_hosts

    async def __call__(self, host: str, port: int) -> socket.socket:
        """A connected socket. Raises `NotPublic`, `OSError`."""
        addresses = await resolve(host, port)
        if not self.is_named(host, port):
            for *_, place in addresses:
                if not is_public(str(place[0])):
                    raise NotPublic(f"'{host}' is an address of a private network or of this machine")
        return await connect(addresses)
