"""Where a request goes, taken apart once: a URL to host, port and request target; a request to its head's bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from msgspec import Struct

from ..errors import ConfigFault

if TYPE_CHECKING:
    from .client import Client

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
    first_byte_timeout: float | None = None
    """Seconds until its answer begins; None: as long as `idle_timeout` lets it."""
    idle_timeout: float | None = None
    """Seconds of silence after which the answer is given up; None: never (local engines, P82)."""
    origin: str = ""
    """Who speaks there, for errors (`provider:lab`)."""
    drain: bool = False
    """Whether an answer nobody wants any more is read to its end, for servers that a dropped connection crashes (P87).
    """
    sign: Sign | None = None
    """Makes of each request the one that is sent: signed, with a token, in another form."""

    def __repr__(self) -> str:
        return f"Endpoint({self.origin!r}, {place(self.url).label!r})"  # the rest holds keys


class Outgoing(Struct, frozen=True):
    """A request as it is about to leave."""

    method: str
    where: Place
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes | None


Sign = Callable[["Client", Outgoing], Awaitable[Outgoing]]
"""`(client, request)`: the request to send; `client` for those who must ask somebody first. Raises our errors."""


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
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def key(self) -> tuple[str, int, bool]:
        """What connections can be shared by."""
        return self.host, self.port, self.tls


@lru_cache(maxsize=256)
def place(url: str) -> Place:
    """The parts of `url`. Raises `ConfigFault` for what is no http(s) URL."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, (parts.hostname or "").encode("idna").decode(), parts.port
        target = quote(parts.path or "/", _SAFE) + (f"?{quote(parts.query, _SAFE)}" if parts.query else "")
    except ValueError:
        scheme, host, port, target = url.partition(":")[0], "", None, ""
    if scheme not in ("http", "https") or not host:
        raise ConfigFault(f"'{scheme}://{host}' is no address of a provider.", remedy="Check base_url.")
    tls = scheme == "https"
    named = f"[{host}]" if ":" in host else host
    authority = named if port is None else f"{named}:{port}"
    return Place(host, port or (443 if tls else 80), tls, target, authority, url)


MAX_HEADS = 256
"""Endpoints whose heads are remembered."""

_BASE = {"accept": "*/*", "accept-encoding": "identity", "content-type": "application/json", "user-agent": "landbridge"}

_OURS = frozenset(
    {"connection", "content-length", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Headers about the message or the connection itself; whoever else gives them cannot know them."""


def merged(endpoint: Endpoint, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a request by lower-case name: `headers` are the client's, the endpoint's own win."""
    chosen = dict(_BASE)
    for source in (endpoint.defaults, headers, endpoint.headers):
        for name, value in source.items():
            chosen[name.lower()] = value
    if not _OURS.isdisjoint(chosen):
        return {name: value for name, value in chosen.items() if name not in _OURS}
    return chosen


def write_head(method: str, where: Place, headers: Mapping[str, str], size: int | None) -> bytes:
    """The head of a request with a body of `size` bytes. Raises `ConfigFault` for what cannot stand in a header."""
    lines = [f"{method} {where.target} HTTP/1.1"]
    if "host" not in headers:
        lines.append(f"host: {where.authority}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if size is not None:
        lines.append(f"content-length: {size}")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1 or "\0" in text:
        raise _unusable(where)
    try:
        return text.encode("latin-1") + b"\r\n\r\n"
    except UnicodeEncodeError:
        raise _unusable(where) from None


class Heads:
    """Heads of requests that bring no headers of their own: written once an endpoint, all but the body's size."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Endpoint, bytes]] = {}

    def post(self, endpoint: Endpoint, where: Place, size: int) -> bytes:
        """The head of a POST. Raises as `write_head`."""
        known = self._known.get(id(endpoint))
        if known is None:
            if len(self._known) >= MAX_HEADS:
                self._known.clear()
            head = write_head("POST", where, merged(endpoint, {}), None)
            # With the endpoint, so that its id is nobody else's.
            known = self._known[id(endpoint)] = endpoint, head[:-2]
        return b"%bcontent-length: %d\r\n\r\n" % (known[1], size)


def _unusable(where: Place) -> ConfigFault:
    return ConfigFault(
        f"A header for {where.label} holds a line break or a letter no header can have.",
        remedy="Check api_key and headers of the provider (a key read from a file often ends with a line break).",
    )
