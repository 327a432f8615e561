"""A certificate for tests: an authority of its own, and a server that it vouches for."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme

NAMES = ("localhost", "lab.test", "127.0.0.1", "::1")


class Certificate:
    """`authority` is the file a client must trust; `server()` the context of a server at one of `NAMES`."""

    def __init__(self, folder: Path) -> None:
        self.authority = folder / "authority.pem"
        vouching = trustme.CA()
        vouching.cert_pem.write_to_path(self.authority)
        self._issued = vouching.issue_cert(*NAMES)

    def server(self) -> ssl.SSLContext:
        """What a server listens with; it would speak HTTP/2, too."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._issued.configure_cert(context)
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context
