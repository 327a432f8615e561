"""Sockets to where requests go: names looked up off the loop, addresses tried without waiting long for dead ones.

A name often has an IPv6 address that leads nowhere (`localhost` with a server on 127.0.0.1 alone, a network without
IPv6): the next address is tried after `PATIENCE` seconds, the first that answers is taken (RFC 8305).
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import ssl
from collections.abc import Sequence

from aiohappyeyeballs import AddrInfoType, start_connection

PATIENCE = 0.25
"""Seconds an address has before the next is tried beside it."""

PROBES = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))
"""A connection that is silent for a minute is asked whether it still is one: long thinking must not end in a NAT that
has forgotten it."""

BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/cert.pem", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem")
"""Where systems keep the certificates they trust; for a Python that was built on another system."""


async def dial(host: str, port: int) -> socket.socket:
    """A connected socket. Raises `OSError`; `socket.gaierror` where the name is unknown."""
    return await connect(await resolve(host, port))


async def connect(addresses: Sequence[AddrInfoType]) -> socket.socket:
    """A socket connected to the first of `addresses` that answers. Raises `OSError`."""
    try:
        found = await start_connection(addresses, happy_eyeballs_delay=PATIENCE)
    except RuntimeError as error:  # uvloop's word for some failures
        raise OSError(str(error)) from error
    found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in PROBES:
        if hasattr(socket, name):
            found.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return found


async def resolve(host: str, port: int) -> Sequence[AddrInfoType]:
    """The addresses of a host, to be tried in this order. Raises `OSError`."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))]


def tls_context() -> ssl.SSLContext:
    """Verifies by what the system trusts, or by SSL_CERT_FILE and SSL_CERT_DIR; agrees on HTTP/1.1 only."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # some Pythons leave it to OpenSSL's settings (Debian's)
    context.set_alpn_protocols(["http/1.1"])
    if not context.cert_store_stats()["x509_ca"] and not {"SSL_CERT_FILE", "SSL_CERT_DIR"} & os.environ.keys():
        for bundle in filter(os.path.isfile, BUNDLES):
            context.load_verify_locations(bundle)
            break
    return context
