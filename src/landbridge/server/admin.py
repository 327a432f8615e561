"""`/api/v1/engines`: the local models and their engines, for `landbridge ps`, the dashboard and scripts.

For programs of this machine alone: whoever asks must come from a loopback address, to a name of it, and no web page may
make a browser ask (its `Origin` would show, and it cannot send JSON elsewhere without asking first).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import msgspec
from msgspec import Struct

from ..access.hosts import host_of, is_loopback, is_own_origin
from ..engines.info import EngineInfo
from ..engines.keeper import Keeper
from ..errors import BadRequest, Forbidden
from ..gateway.call import Call, Sink
from ..gateway.exchange import Gateway
from .asgi import Scope

ENGINES = "/api/v1/engines"
CONTROL = "landbridge.control"
"""Marks a scope that came in at the control socket, which only the router's own user can open."""
MARK = "x-landbridge"
"""A header that no web page can send unasked; as good as a JSON body."""
_JSON = {"content-type": "application/json"}

Handler = Callable[[Call, Sink], Awaitable[None]]


class Engines(Struct):
    """All models that were wanted since the start, by name."""

    engines: list[EngineInfo]


class Unload(Struct):
    """How a model is to be unloaded."""

    now: bool = False
    """Break off what runs on it, instead of waiting for that."""


class Unloaded(Struct):
    """What became of it."""

    unloaded: bool
    """False: it was not loaded."""
    engine: EngineInfo


class Admin:
    """The handlers. `find` gives the one of a request."""

    def __init__(self, gateway: Gateway, keeper: Keeper) -> None:
        self._gateway, self._keeper = gateway, keeper
        self._actions: dict[tuple[str, str], Callable[[str, Call, Sink], Awaitable[None]]] = {
            ("POST", "load"): self._load,
            ("POST", "unload"): self._unload,
            ("PUT", "pin"): partial(self._pin, True),
            ("DELETE", "pin"): partial(self._pin, False),
        }

    @property
    def routes(self) -> list[tuple[str, str, str]]:
        """Method, path and dialect (landbridge's own) of all that is served here."""
        shown = [("GET", ENGINES, ""), ("GET", f"{ENGINES}/{{model}}", "")]
        return shown + [(method, f"{ENGINES}/{{model}}/{action}", "") for method, action in self._actions]

    def find(self, scope: Scope) -> Handler | None:
        """The handler of a request; None where it is for somebody else. Raises `Forbidden`."""
        path = scope["path"]
        if path != ENGINES and not path.startswith(f"{ENGINES}/"):
            return None
        handler = self._find(path, "GET" if scope["method"] == "HEAD" else scope["method"])
        if handler is not None:
            check(scope)
        return handler

    def _find(self, path: str, method: str) -> Handler | None:
        asked = path.removeprefix(ENGINES).removeprefix("/")
        model, _, action = asked.rpartition("/")
        if model and (method, action) in self._actions:
            return partial(self._actions[method, action], model)
        if method != "GET" or (model and any(action == named for _, named in self._actions)):
            return None
        return partial(self._show, asked) if asked else self._list

    async def _list(self, call: Call, sink: Sink) -> None:
        await _say(sink, Engines(self._keeper.snapshot()))

    async def _show(self, model: str, call: Call, sink: Sink) -> None:
        await _say(sink, self._keeper.info(await self._local(model)))

    async def _load(self, model: str, call: Call, sink: Sink) -> None:
        name = await self._local(model)
        async with self._keeper.lease(name, light=True):
            info = self._keeper.info(name)
        await _say(sink, info)

    async def _unload(self, model: str, call: Call, sink: Sink) -> None:
        name = await self._local(model)
        try:
            wish = msgspec.json.decode(call.body, type=Unload) if call.body else Unload()
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise BadRequest("The body is no JSON object with `now` true or false.") from None
        done = await self._keeper.unload(name, now=wish.now)
        await _say(sink, Unloaded(done, self._keeper.info(name)))

    async def _pin(self, pinned: bool, model: str, call: Call, sink: Sink) -> None:
        name = await self._local(model)
        self._keeper.pin(name, pinned)
        await _say(sink, self._keeper.info(name))

    async def _local(self, name: str) -> str:
        """The local model that `name` means. Raises `UnknownModel`, `BadRequest` for one of a provider."""
        target = await self._gateway.target_of(name)
        if not target.local:
            raise BadRequest(
                f"'{name}' is a model of the provider '{target.provider}': there is nothing to load.",
                remedy="Name a local model: landbridge models list.",
            )
        return target.model


async def _say(sink: Sink, answer: Struct) -> None:
    await sink.whole(200, _JSON, msgspec.json.encode(answer))


def check(scope: Scope) -> None:
    """Raise `Forbidden` for whoever may not ask."""
    if scope.get(CONTROL):
        return
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    client = scope.get("client")
    if client is None or not is_loopback(client[0]):
        raise Forbidden("Engines are managed from this machine only.", remedy="Ask where landbridge runs.")
    if not is_loopback(host_of(headers.get(b"host", ""))):
        raise Forbidden("That is not this machine's own name.", remedy="Ask at http://127.0.0.1.")
    origin = headers.get(b"origin")
    if origin is not None and not is_own_origin(origin):
        raise Forbidden("Web pages of others may not ask this.", remedy="Use `landbridge ps` or the dashboard.")
    if scope["method"] in ("GET", "HEAD") or MARK.encode() in headers:
        return
    if not headers.get(b"content-type", "").lower().startswith("application/json"):
        raise Forbidden(
            "The request does not show that it comes from a program.",
            remedy=f"Send `content-type: application/json`, or the header `{MARK}: 1`.",
        )
