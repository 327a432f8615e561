"""Where a request goes, taken apart once: a URL to host, port and request target; a request to its head's bytes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, urlsplit

from msgspec import Struct

from ..errors import ConfigFault

_SAFE = "/%:=&?~+!$,;'@()*[]"
"""What a URL may hold that is already encoded."""


class Endpoint(Struct, frozen=True):
    """Where a request goes."""

    url: str
    headers: Mapping[str, str]
    """Credentials and what the provider always wants; they win over a client's."""
    defaults: Mapping[str, str] = {}
    """Headers where the client sent none of that name."""
    connect_timeout: float = 10.0
    """Seconds to wait for a connection."""
    idle_timeout: float | None = None
    """Seconds of silence after which the answer is given up; None: never (local engines, P82)."""
    origin: str = ""
    """Who speaks there, for errors (`provider:lab`)."""


class Place(Struct, frozen=True):
    """A URL's parts."""

    host: str
    port: int
    tls: bool
    target: str
    """Path and query, as the request line wants them."""
    authority: str
    """The Host header."""
    url: str

    @property
    def label(self) -> str:
        """`host:port`, for errors: never a path, a query or a key."""
        return f"{self.host}:{self.port}"

    @property
    def key(self) -> tuple[str, int, bool]:
        """What connections can be shared by."""
        return self.host, self.port, self.tls


@lru_cache(maxsize=256)
def place(url: str) -> Place:
    """The parts of `url`. Raises `ConfigFault` for what is no http(s) URL."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        host, port = "", None
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigFault(f"'{parts.scheme}://{host}' is no address of a provider.", remedy="Check base_url.")
    tls = parts.scheme == "https"
    target = quote(parts.path or "/", _SAFE) + (f"?{quote(parts.query, _SAFE)}" if parts.query else "")
    named = f"[{host}]" if ":" in host else host
    authority = named if port is None else f"{named}:{port}"
    return Place(host, port or (443 if tls else 80), tls, target, authority, url)


_BASE = {"accept": "*/*", "accept-encoding": "identity", "content-type": "application/json", "user-agent": "landbridge"}


def merged(endpoint: Endpoint, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a request by lower-case name: `headers` are the client's, the endpoint's own win."""
    chosen = dict(_BASE)
    for source in (endpoint.defaults, headers, endpoint.headers):
        for name, value in source.items():
            chosen[name.lower()] = value
    return chosen


def write_head(method: str, where: Place, headers: Mapping[str, str], size: int | None) -> bytes:
    """The head of a request with a body of `size` bytes. Raises `ConfigFault` for what cannot stand in a header."""
    lines = [f"{method} {where.target} HTTP/1.1\r\nhost: {where.authority}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if size is not None:
        lines.append(f"content-length: {size}")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) or text.count("\r") != len(lines) or "\0" in text:
        raise _unusable(where)
    try:
        return text.encode("latin-1") + b"\r\n\r\n"
    except UnicodeEncodeError:
        raise _unusable(where) from None


def _unusable(where: Place) -> ConfigFault:
    return ConfigFault(
        f"A header for {where.label} holds a line break or a letter no header can have.",
        remedy="Check api_key and headers of the provider (a key read from a file often ends with a line break).",
    )
