"""`/api/v1/usage` and `/api/v1/requests`: what the ledger says, for the dashboard and scripts.

For programs of this machine alone, like the engines (`admin.py`): rows name who asked what, and bodies hold what was
said. Questions are answered in the ledger's thread; the router goes on meanwhile.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar, get_args
from urllib.parse import parse_qsl, unquote

import msgspec
from msgspec import Struct

from ..errors import BadRequest, ConfigFault, UnknownPath
from ..gateway.call import Call, Sink
from ..store.moments import moment
from ..store.report import By, Exchanges, Filter, Usage
from .admin import check
from .asgi import Scope

if TYPE_CHECKING:
    from ..store.database import Database
    from ..store.told import Told

USAGE = "/api/v1/usage"
REQUESTS = "/api/v1/requests"
MOST = 1000
"""Exchanges of one page."""
USUAL = 50
FILTERS = ("model", "provider", "client", "key", "session", "agent")
_JSON = {"content-type": "application/json"}

T = TypeVar("T")
Handler = Callable[[Call, Sink], Awaitable[None]]


class Ledger(Protocol):
    """Whoever answers questions to the database."""

    async def ask(self, question: Callable[[Database], Awaitable[T]]) -> T:
        """The answer. Raises `StoreFault`."""


class AdminStore:
    """The handlers. `find` gives the one of a request."""

    def __init__(self, ledger: Callable[[], Ledger | None]) -> None:
        self._ledger = ledger

    @property
    def routes(self) -> list[tuple[str, str, str]]:
        """Method, path and dialect (landbridge's own) of all that is served here."""
        return [("GET", USAGE, ""), ("GET", REQUESTS, ""), ("GET", f"{REQUESTS}/{{id}}", "")]

    def find(self, scope: Scope) -> Handler | None:
        """The handler of a request; None where it is for somebody else. Raises `Forbidden`."""
        if scope["method"] not in ("GET", "HEAD"):
            return None
        path: str = scope["path"]
        id = path.removeprefix(f"{REQUESTS}/") if path.startswith(f"{REQUESTS}/") else ""
        handler = partial(self._show, unquote(id)) if id else {USAGE: self._usage, REQUESTS: self._list}.get(path)
        if handler is not None:
            check(scope)
        return handler

    async def _say(self, sink: Sink, question: Callable[[Database], Awaitable[Struct]]) -> None:
        """Answer with what `question` finds, made into JSON where it is found."""
        ledger = self._ledger()
        if ledger is None:
            raise UnknownPath("This router keeps no ledger.")

        async def found(database: Database) -> bytes:
            return msgspec.json.encode(await question(database))

        await sink.whole(200, _JSON, await ledger.ask(found))

    async def _usage(self, call: Call, sink: Sink) -> None:
        asked = _parameters(call, ("by", "since", "until", *FILTERS))
        wanted, by = filter_of(asked), groups_of(asked.get("by", "model"))

        async def question(database: Database) -> Usage:
            from ..store.usage import usage

            return await usage(database, wanted, by)

        await self._say(sink, question)

    async def _list(self, call: Call, sink: Sink) -> None:
        asked = _parameters(call, ("since", "until", "status", "errors", "limit", "before", *FILTERS))
        wanted, limit = filter_of(asked), number_of(asked, "limit", 1, MOST) or USUAL
        before = asked.get("before", "")

        async def question(database: Database) -> Exchanges:
            from ..store.exchanges import list_exchanges

            return await list_exchanges(database, wanted, limit, before)

        await self._say(sink, question)

    async def _show(self, id: str, call: Call, sink: Sink) -> None:
        async def question(database: Database) -> Told:
            from ..store.exchanges import find_bodies, find_exchange
            from ..store.told import tell

            found = await find_exchange(database, id)
            return tell(found, await find_bodies(database, found.id))

        await self._say(sink, question)


# -- what is asked -----------------------------------------------------------------------------------------------------


def _parameters(call: Call, known: tuple[str, ...]) -> dict[str, str]:
    """What stands behind the `?`. Raises `BadRequest` for what nobody knows: it would be taken for a filter."""
    found = dict(parse_qsl(call.query, keep_blank_values=True))
    if wrong := next((name for name in found if name not in known), None):
        raise BadRequest(
            f"There is no parameter '{wrong[:40]}'.", remedy=f"Known: {', '.join(known)}.", param=wrong[:40]
        )
    return found


def filter_of(asked: Mapping[str, str]) -> Filter:
    """Which exchanges are meant. Raises `BadRequest`."""
    now = datetime.now().astimezone()
    try:
        since, until = moment(asked.get("since", ""), now), moment(asked.get("until", ""), now)
    except ConfigFault as fault:
        raise BadRequest(fault.message, remedy=fault.remedy) from None
    texts = {name: asked.get(name, "") for name in FILTERS}
    errors = asked.get("errors", "").lower() in ("1", "true", "yes")
    return Filter(since=since, until=until, status=number_of(asked, "status", 0, 999), errors=errors, **texts)


def groups_of(text: str) -> list[By]:
    """What is added up by: names with commas. Raises `BadRequest`."""
    known: dict[str, By] = {each: each for each in get_args(By)}
    names = list(dict.fromkeys(name for name in text.split(",") if name))
    if wrong := next((name for name in names if name not in known), None):
        raise BadRequest.at("by", f" does not know '{wrong[:40]}'.", remedy=f"There are: {', '.join(known)}.")
    return [known[name] for name in names]


def number_of(asked: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    """A whole number; None where it is not said. Raises `BadRequest`."""
    text = asked.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise BadRequest.at(name, f" must be a whole number from {least} to {most}.")
    return int(text)
