"""Endpoints of landbridge's own API (`/api/v1`), as a table of paths: who may ask, what is read, what is answered.

For programs of this machine alone, like the engines (`admin.py`). What changes something wants more over TCP, where
every program of this machine can ask, whoever runs it: the router's own key (`own.key` in the data folder, which only
its user can read). At the control socket, which only that user can open, it does not.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from ..access.book import Book
from ..errors import BadRequest, ConfigFault, GatewayError, Unauthorized
from ..gateway.call import Call, Sink
from .admin import CONTROL, check
from .asgi import Scope

READS = frozenset({"GET", "HEAD"})
_JSON = {"content-type": "application/json"}
_NAMED = re.compile(r"\{(\w+)\}")

T = TypeVar("T")


class Asked:
    """One request, for its handler."""

    __slots__ = ("call", "path", "sink")

    def __init__(self, call: Call, sink: Sink, path: dict[str, str]) -> None:
        self.call, self.sink, self.path = call, sink, path

    def body(self, type: type[T]) -> T:
        """The JSON body as a value of `type`. Raises `BadRequest` that names what is wrong."""
        try:
            return msgspec.json.decode(self.call.body or b"{}", type=type)
        except msgspec.ValidationError as error:
            raise BadRequest(f"The body cannot be meant: {error}.") from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadRequest(f"The body is not JSON: {error}.") from None

    def query(self, *known: str) -> dict[str, str]:
        """What stands behind the `?`. Raises `BadRequest` for a parameter that nobody knows."""
        found = dict(parse_qsl(self.call.query, keep_blank_values=True))
        if wrong := next((name for name in found if name not in known), None):
            remedy = f"Known: {', '.join(known)}." if known else "Leave it out."
            raise BadRequest(f"There is no parameter '{wrong[:40]}'.", remedy=remedy, param=wrong[:40])
        return found


Answering = Callable[[Asked], Awaitable[Struct | None]]
"""What it gives is answered as JSON; None where the handler has answered by itself (a stream)."""
Handler = Callable[[Call, Sink], Awaitable[None]]


class Row(NamedTuple):
    """One endpoint; `{name}` in its path stands for any text, slashes included."""

    method: str
    path: str
    handler: Answering
    guarded: bool | None = None
    """Whether the router's own key is needed over TCP; left out: unless it only reads."""


class Table:
    """The endpoints of one subject. `find` gives the handler of a request."""

    def __init__(self, book: Book, rows: Sequence[Row]) -> None:
        self._book = book
        self._rows = [(pattern(row.path), row) for row in rows]

    @property
    def routes(self) -> list[tuple[str, str, str]]:
        """Method, path and dialect (landbridge's own) of all that is served here."""
        return [(row.method, row.path, "") for _, row in self._rows]

    def find(self, scope: Scope) -> Handler | None:
        """The handler of a request; None where it is for somebody else. Raises `Forbidden`."""
        path: str = scope["path"]
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        fitting = [(found, row) for fits, row in self._rows if (found := fits.fullmatch(path)) is not None]
        nearest = max((len(row.path) for _, row in fitting), default=0)  # `{model}` fits `m/pause`, too
        for found, row in fitting:
            if row.method == method and len(row.path) == nearest:
                check(scope)
                return _served(row, found.groupdict(), self._guard(row, scope))
        return None

    def _guard(self, row: Row, scope: Scope) -> Book | None:
        """Who says whether a key is the router's own, where that is needed."""
        guarded = row.method not in READS if row.guarded is None else row.guarded
        return self._book if guarded and not scope.get(CONTROL) else None


def _served(row: Row, path: dict[str, str], guard: Book | None) -> Handler:
    async def serve(call: Call, sink: Sink) -> None:
        if guard is not None:
            _let_in(call, guard)
        try:
            answer = await row.handler(Asked(call, sink, path))
        except ConfigFault as fault:  # what was asked for cannot be set
            raise BadRequest(fault.message, remedy=fault.remedy, param=fault.param) from None
        if answer is not None:
            await sink.whole(200, _JSON, msgspec.json.encode(answer))

    return serve


def _let_in(call: Call, book: Book) -> None:
    """Raise `Unauthorized` unless the call has the router's own key."""
    key = call.headers.get("authorization", "").removeprefix("Bearer ").strip() or call.headers.get("x-api-key", "")
    try:
        owner = bool(key) and book.grant_of(key.encode()).owner
    except GatewayError:
        owner = False
    if not owner:
        raise Unauthorized(
            "What changes the router needs its own key.",
            remedy='It is in own.key in the data folder: -H "authorization: Bearer $(cat own.key)".',
        )


def pattern(path: str) -> re.Pattern[str]:
    """What fits a path with `{name}` in it."""
    parts = _NAMED.split(path)
    return re.compile("".join(f"(?P<{part}>.+)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts)))
