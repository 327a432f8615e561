"""`/api/v1/routes/MODEL`: where a model's name leads now, for `landbridge route`, the dashboard and scripts.

For programs of this machine alone, like the engines (`admin.py`). `/api/v1/routes` lists the names that lead to several
models. Nothing is sent to any of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import parse_qs

import msgspec
from msgspec import Struct

from ..errors import BadRequest
from ..gateway.call import Call, Sink
from ..gateway.exchange import Gateway
from ..gateway.explain import Asking, Explanation, Known, explain
from .admin import check
from .asgi import Scope

ROUTES = "/api/v1/routes"
_JSON = {"content-type": "application/json"}

Handler = Callable[[Call, Sink], Awaitable[None]]


class Routes(Struct):
    """Every name that leads to several models, and where it leads now."""

    routes: list[Explanation]


class AdminRoutes:
    """The handlers. `find` gives the one of a request."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    @property
    def routes(self) -> list[tuple[str, str, str]]:
        """Method, path and dialect (landbridge's own) of all that is served here."""
        return [("GET", ROUTES, ""), ("GET", f"{ROUTES}/{{model}}", "")]

    def find(self, scope: Scope) -> Handler | None:
        """The handler of a request; None where it is for somebody else. Raises `Forbidden`."""
        path = scope["path"]
        if scope["method"] not in ("GET", "HEAD") or (path != ROUTES and not path.startswith(f"{ROUTES}/")):
            return None
        check(scope)
        model = path.removeprefix(ROUTES).removeprefix("/")
        return partial(self._show, model) if model else self._list

    async def _list(self, call: Call, sink: Sink) -> None:
        world, known = self._gateway.world, self._known()
        asked = [_asking(call, name) for name in world.forks()]
        found = [explain(world, known, each, self._gateway.grant_named(each.key)) for each in asked]
        await sink.whole(200, _JSON, msgspec.json.encode(Routes(found)))

    async def _show(self, model: str, call: Call, sink: Sink) -> None:
        asking = _asking(call, model)
        if self._gateway.world.unasked:
            await self._gateway.listing.refresh(self._gateway.world)
        found = explain(self._gateway.world, self._known(), asking, self._gateway.grant_named(asking.key))
        await sink.whole(200, _JSON, msgspec.json.encode(found))

    def _known(self) -> Known:
        gateway = self._gateway
        now = asyncio.get_running_loop().time()
        return Known(gateway.parts.keeper, gateway.speeds, gateway.bonds, now)


def _asking(call: Call, model: str) -> Asking:
    """What the query says. Raises `BadRequest`."""
    said = {name: values[-1] for name, values in parse_qs(call.query).items()}
    try:
        return msgspec.convert({**said, "model": model}, Asking, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequest(f"The query cannot be meant: {error}.") from None
