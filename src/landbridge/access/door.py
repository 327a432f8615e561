"""The door of one listener: by which name it is asked, from which page, and with which key.

What passed once is remembered by the bytes of these headers, until keys or settings change; then a request costs a walk
over its headers and one look-up.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from functools import lru_cache
from urllib.parse import parse_qs

from msgspec import Struct

from ..config import AccessSettings
from ..errors import Forbidden, GatewayError, Unauthorized
from .book import Book
from .grant import Grant, check_alive
from .hosts import host_fits, host_of, is_loopback, is_own_origin, origin_fits
from .secret import PREFIX

Headers = Iterable[tuple[bytes, bytes]]

REMEMBERED = 2000
"""Different headers that are remembered."""
SHOWN = 100
"""Characters of a name that are repeated in a message."""
HOW = "Make one where landbridge runs (landbridge keys create --name NAME), and send it as a bearer token or x-api-key."
_BEARER = b"bearer "


class Passed(Struct, frozen=True):
    """A request that may come in, as far as its name and page go."""

    grant: Grant | None = None
    """What its key may do; None where none is needed."""
    origin: bytes = b""
    """The page that may read the answer (CORS)."""
    fault: GatewayError | None = None
    """What is wrong with its key. Only what needs none is served then."""


class Door:
    """Of the listener that is bound to `host`."""

    def __init__(self, book: Book, settings: Callable[[], AccessSettings], host: Callable[[], str]) -> None:
        self._book, self._settings_now, self._host_now = book, settings, host
        self._settings, self._host, self._version = settings(), host(), book.version
        self._passed: dict[tuple[bytes | None, ...], Passed] = {}

    @property
    def required(self) -> bool:
        """Whether a key is needed here."""
        return needs_key(self._settings_now(), self._book, self._host_now())

    def enter(self, headers: Headers, query: bytes) -> Passed:
        """Who comes. Raises `Forbidden` for a name or a page that may not ask at all."""
        found = dict(headers)
        mark = (
            found.get(b"host"),
            found.get(b"origin"),
            found.get(b"authorization"),
            found.get(b"x-api-key"),
            found.get(b"x-goog-api-key"),
            query if b"key=" in query else None,
        )
        self._refresh()
        passed = self._passed.get(mark)
        if passed is None:
            passed = self._look(found, mark[5] or b"")
            if passed.fault is None:
                if len(self._passed) >= REMEMBERED:
                    self._passed.clear()
                self._passed[mark] = passed
        elif passed.grant is not None and passed.grant.expires is not None:
            return self._again(passed, passed.grant)
        return passed

    def preflight(self, headers: Headers) -> list[tuple[bytes, bytes]]:
        """The headers that let a page ask (CORS). Raises `Forbidden` for one that may not."""
        found = dict(headers)
        self._refresh()
        origin = self._place(found)
        if not origin:
            raise _strange(found.get(b"origin", b"").decode("latin-1"))
        wanted = found.get(b"access-control-request-headers", b"*")
        allowed = [(b"access-control-allow-methods", b"GET, POST, DELETE"), (b"access-control-max-age", b"600")]
        if b"access-control-request-private-network" in found:
            allowed.append((b"access-control-allow-private-network", b"true"))
        return [*cors(origin), (b"access-control-allow-headers", wanted), *allowed]

    def _refresh(self) -> None:
        """Forget what passed when keys or settings have changed."""
        settings, host = self._settings_now(), self._host_now()
        if settings is not self._settings or host != self._host or self._book.version != self._version:
            self._settings, self._host, self._version = settings, host, self._book.version
            self._passed = {}

    def _look(self, found: dict[bytes, bytes], query: bytes) -> Passed:
        origin = self._place(found)
        required = self.required
        fault: GatewayError | None = None
        for key in _keys(found, query):
            try:
                grant = self._book.grant_of(key)
            except Unauthorized as error:
                fault = fault or error
            else:
                return Passed(None if grant.owner and not required else grant, origin)
        if not required:
            return Passed(None, origin)
        return Passed(None, origin, fault or self._missing(found, query))

    def _again(self, passed: Passed, grant: Grant) -> Passed:
        """Its key may have ended meanwhile."""
        try:
            check_alive(grant, self._book.clock.now())
        except Unauthorized as error:
            return Passed(None, passed.origin, error) if self.required else Passed(None, passed.origin)
        return passed

    def _missing(self, found: dict[bytes, bytes], query: bytes) -> GatewayError:
        if not self._book.any:
            return Unauthorized("This listener can be reached by others, and landbridge has no keys yet.", remedy=HOW)
        if any(found.get(name) for name in (b"authorization", b"x-api-key", b"x-goog-api-key")) or query:
            return Unauthorized(f"This is no key of landbridge's: they begin with {PREFIX}.", remedy=HOW)
        return Unauthorized("landbridge needs a key here, and the request has none.", remedy=HOW)

    def _place(self, found: dict[bytes, bytes]) -> bytes:
        """The origin whose pages may read the answer, if any. Raises `Forbidden`."""
        host = found.get(b"host", b"").decode("latin-1")
        if not host_fits(host, self._host, _own_names(), self._settings.hosts):
            raise Forbidden(
                f"This listener is not asked by the name '{_shown(host_of(host) or host)}'.",
                remedy="Add it to access.hosts in the settings, or ask by the machine's address.",
            )
        raw = found.get(b"origin")
        if raw is None:
            return b""
        origin = raw.decode("latin-1")
        if origin_fits(origin, self._settings.origins):
            return raw
        if is_own_origin(origin) or origin.partition("://")[2] == host:
            return b""
        raise _strange(origin)


def needs_key(settings: AccessSettings, book: Book, host: str) -> bool:
    """Whether a listener that is bound to `host` asks for a key."""
    if settings.required == "auto":
        return book.any or not is_loopback(host.lower())
    return settings.required == "always"


def cors(origin: bytes) -> list[tuple[bytes, bytes]]:
    """The headers by which a page of `origin` may read an answer."""
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", b"*"),
        (b"vary", b"origin"),
    ]


def _strange(origin: str) -> Forbidden:
    return Forbidden(
        f"Web pages of '{_shown(origin)}' may not ask here.",
        remedy="Add it to access.origins in the settings, if you trust it.",
    )


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _keys(found: dict[bytes, bytes], query: bytes) -> list[bytes]:
    """What may be a key of ours, in the order in which clients mean it: a bearer token is set on purpose, where an API
    key may be left from another service."""
    bearer = found.get(b"authorization", b"").strip()
    given = [bearer[len(_BEARER) :].strip()] if bearer[: len(_BEARER)].lower() == _BEARER else []
    given += [found.get(b"x-api-key", b"").strip(), found.get(b"x-goog-api-key", b"").strip()]
    if query:
        given += [key.encode() for key in parse_qs(query.decode("latin-1")).get("key", ())]
    return [key for key in given if key.startswith(PREFIX.encode())]


@lru_cache(maxsize=1)
def _own_names() -> tuple[str, ...]:
    """This machine's names, as others of its network may call it."""
    name = socket.gethostname().lower()
    short = name.partition(".")[0]
    return (name, short, f"{short}.local")
