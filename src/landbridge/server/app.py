"""The application behind the listeners: paths to handlers, one dictionary look-up.

Three faces: `router` has every API, `openai` (port 8000) has `/v1` only, for OpenAI clients; `control` is the router's
at the control socket.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Protocol

from ..access.door import Door, Passed
from ..errors import GatewayError, StartFailed, Unauthorized, UnknownPath
from ..gateway.call import Call
from ..gateway.embeddings import FORMS as EMBEDDINGS
from ..gateway.embeddings import embed
from ..gateway.exchange import Gateway, error_headers, internal
from ..gateway.ids import new_request_id
from ..gateway.models import list_models, show_model
from ..gateway.stored.endpoints import HANDLERS as STORED
from ..gateway.stored.endpoints import serve
from ..gateway.tokens import count_tokens
from ..wire.dialects import dialect
from .admin import Admin
from .admin_routes import AdminRoutes
from .admin_settings import AdminSettings
from .admin_store import AdminStore
from .asgi import Aborted, ClientGone, Receive, Scope, Send
from .entrance import OPEN, answer_preflight, check, is_preflight, knock
from .health import Health
from .metrics import Metrics
from .paths import GEMINI_METHODS, GEMINI_PREFIXES, dialect_of, named
from .sides import Leaving, Side, body_of, sides
from .works import Works

log = logging.getLogger("landbridge.server")

MAIN_PATHS = ("/anthropic/v1/messages", "/v1/chat/completions", "/v1/models", "/health")
"""Named to somebody who asked for a path that does not exist."""

OWN_API = "/api/v1/"
WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
"""Methods whose body is read."""
RESPONSES = "/v1/responses/"
"""Before the id of a response that was kept."""

STOP_RETRY = 5.0
"""Seconds after which a client may try again when landbridge is stopping: somebody may be starting it anew."""
STOP_PATIENCE = 1.0
"""Seconds a client gets to take that answer."""

Handler = Callable[[Call, Side], Awaitable[None]]


class Finds(Protocol):
    """Some of landbridge's own API."""

    @property
    def routes(self) -> list[tuple[str, str, str]]:
        """Method, path and dialect of all that is served."""

    def find(self, scope: Scope) -> Handler | None:
        """The handler of a request; None where it is for somebody else. Raises `Forbidden`, `UnknownPath`."""


class App:
    """One face of the gateway, as an ASGI application."""

    def __init__(
        self, gateway: Gateway, health: Health, face: str, door: Door | None = None, works: Works | None = None
    ) -> None:
        self._gateway, self._health = gateway, health
        self._all, self._door = face != "openai", door
        self._works = works if self._all else None
        self._posts: dict[str, tuple[str, Handler]] = {}
        self._gets: dict[str, tuple[str, Handler]] = {}
        self._models: dict[str, str] = {}
        self._admins: list[Finds] = _admins(gateway, health) if self._all else []
        self._description = b""
        self._fill(gateway, health)

    def _fill(self, gateway: Gateway, health: Health) -> None:
        chat: tuple[str, Handler] = ("openai_chat", gateway.exchange)
        self._posts["/v1/chat/completions"] = chat
        self._posts["/v1/completions"] = ("openai_legacy", gateway.exchange)
        self._posts["/v1/embeddings"] = ("openai_chat", partial(embed, gateway, ""))
        self._gets["/v1/models"] = ("", partial(list_models, gateway))
        self._models["/v1/models/"] = ""
        self._posts["/v1/responses"] = ("openai_responses", gateway.exchange)
        self._posts["/v1/responses/input_tokens"] = ("openai_responses", partial(count_tokens, gateway))
        self._gets["/health"] = ("", health.answer)
        self._gets["/"] = ("", _hello)
        self._gets["/openapi.json"] = ("", self._describe)
        if not self._all:
            return
        for prefix in ("", "/anthropic", "/anthropic/v1"):  # the last: a base URL that ends in /v1 (CLIENTS.md 2)
            self._posts[f"{prefix}/v1/messages"] = ("anthropic", gateway.exchange)
            self._posts[f"{prefix}/v1/messages/count_tokens"] = ("anthropic", partial(count_tokens, gateway))
        for prefix in ("/anthropic", "/anthropic/v1"):
            self._gets[f"{prefix}/v1/models"] = ("anthropic", partial(list_models, gateway))
            self._models[f"{prefix}/v1/models/"] = "anthropic"
        for prefix in GEMINI_PREFIXES:
            if prefix != "/v1":  # that list is OpenAI's, unless the client shows that it is Google's
                self._gets[f"{prefix}/models"] = ("gemini", partial(list_models, gateway))
                self._models[f"{prefix}/models/"] = "gemini"
        for path in ("/anthropic", "/anthropic/", "/api/hello", "/anthropic/api/hello"):
            self._gets[path] = ("anthropic", _hello)

    @property
    def routes(self) -> list[tuple[str, str, str]]:
        """Method, path and dialect of all that is served here; `{model}` stands for a name."""
        found = [("POST", path, name) for path, (name, _) in self._posts.items()]
        found += [("GET", path, name) for path, (name, _) in self._gets.items()]
        found += [("GET", f"{prefix}{{model}}", name) for prefix, name in self._models.items()]
        found += [(method, f"{RESPONSES}{{id}}{action}", "openai_responses") for method, action in STORED]
        self._load_admins()
        found += [route for admin in self._admins for route in admin.routes]
        prefixes = GEMINI_PREFIXES if self._all else ()
        found += [("POST", f"{at}/models/{{model}}:{method}", "gemini") for at in prefixes for method in GEMINI_METHODS]
        return found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        passed = knock(self._door, scope)
        sink, departure = sides(scope, receive, send, passed)
        try:
            if self._door is not None and is_preflight(scope) and passed.origin:
                await answer_preflight(self._door, scope, send)
            else:
                await self._serve(scope, receive, sink, departure, passed)
        except ClientGone:
            return
        except asyncio.CancelledError:
            if not departure.happened:
                await _say_stopping(scope, sink)
        finally:
            departure.disarm()
        if sink.aborted:
            raise Aborted

    async def _serve(self, scope: Scope, receive: Receive, sink: Side, departure: Leaving, passed: Passed) -> None:
        name = ""
        posted = scope["method"] in WITH_BODY
        try:
            name, handler = self._find(scope)
            if passed is not OPEN:
                handler = self._let_in(scope["path"], handler, passed)
            body = await body_of(scope, receive, sink, self._gateway.config.server.max_body) if posted else b""
        except GatewayError as error:
            sink.unread = receive if posted else None
            await _send_error(error, name or dialect_of(scope), sink)
            return
        departure.arm()
        try:
            said = named(scope["path"]) if name == "gemini" and posted else None
            call = Call(name, body, scope["headers"], scope["query_string"].decode("latin-1"), said)
            call.key = passed.grant
            await handler(call, sink)
        except GatewayError as error:
            await _send_error(error, name, sink)
        except Exception as error:
            log.exception("%s %s failed inside landbridge", scope["method"], scope["path"])
            await _send_error(internal(error), name, sink)

    def _let_in(self, path: str, handler: Handler, passed: Passed) -> Handler:
        """What is served to this caller. Raises `Unauthorized`, `Forbidden`."""
        health = path == "/health"
        check(passed, path, open=health or handler is _hello)
        return self._health.brief if health and passed.fault is not None else handler

    def _find(self, scope: Scope) -> tuple[str, Handler]:
        """Dialect and handler of a request. Raises `UnknownPath`."""
        found = self._find_post(scope["path"]) if scope["method"] == "POST" else self._find_get(scope)
        found = found or self._find_stored(scope) or self._find_admin(scope)
        if found is None:
            raise self._unknown(scope)
        name, handler = found
        return name or dialect_of(scope), handler

    def _find_post(self, path: str) -> tuple[str, Handler] | None:
        if (found := self._posts.get(path)) is not None or not self._all:
            return found
        _, colon, method = path.rpartition(":")
        if not colon or method not in GEMINI_METHODS or named(path) is None:
            return None
        if method in EMBEDDINGS:
            return "gemini", partial(embed, self._gateway, method)
        count = partial(count_tokens, self._gateway)
        return "gemini", count if method == "countTokens" else self._gateway.exchange

    def _find_get(self, scope: Scope) -> tuple[str, Handler] | None:
        if scope["method"] not in ("GET", "HEAD"):
            return None
        path = scope["path"]
        if (found := self._gets.get(path)) is not None:
            return found
        for prefix, name in self._models.items():
            if path.startswith(prefix) and len(path) > len(prefix):
                return name, partial(show_model, self._gateway, path[len(prefix) :])
        return None

    def _find_stored(self, scope: Scope) -> tuple[str, Handler] | None:
        """What is done with one response that was kept."""
        path, method = scope["path"], scope["method"]
        if path in self._posts or not path.startswith(RESPONSES):
            return None
        id, slash, action = path.removeprefix(RESPONSES).partition("/")
        handler = STORED.get(("GET" if method == "HEAD" else method, slash + action))
        return None if handler is None or not id else ("openai_responses", partial(serve, self._gateway, handler, id))

    def _find_admin(self, scope: Scope) -> tuple[str, Handler] | None:
        """What is asked of the router itself, by programs of this machine."""
        if scope["path"].startswith(OWN_API):
            self._load_admins()
        found = (admin.find(scope) for admin in self._admins)
        handler = next((each for each in found if each is not None), None)
        return None if handler is None else ("", handler)

    def _load_admins(self) -> None:
        """Have the rest of landbridge's own API."""
        if self._works is not None:
            from .admins import tables

            self._admins[:0] = tables(self._works)
            self._works = None

    async def _describe(self, call: Call, sink: Side) -> None:
        """The OpenAPI description of this face."""
        if not self._description:
            from .openapi import encoded  # nobody else needs it, and it takes a while to load

            self._description = encoded(self.routes)
        await sink.whole(200, {"content-type": "application/json"}, self._description)

    def _unknown(self, scope: Scope) -> GatewayError:
        path, method = scope["path"], scope["method"]
        if allowed := self._allowed(path):
            known = " and ".join(each for each in allowed if each != "HEAD")
            return UnknownPath(f"{path} takes {known}, not {method}.", allow=", ".join(allowed))
        served = [known for known in MAIN_PATHS if known in self._posts or known in self._gets]
        return UnknownPath(f"There is no {method} {path} here.", remedy=f"This listener serves {', '.join(served)}.")

    def _allowed(self, path: str) -> list[str]:
        """The methods of a path that is served, but by another one than was asked."""
        if not path.startswith(OWN_API):
            return ["POST"] * (path in self._posts) + ["GET", "HEAD"] * (path in self._gets)
        from .admin_table import pattern

        routes = [route for admin in self._admins for route in admin.routes]
        fitting = [(method, known) for method, known, _ in routes if pattern(known).fullmatch(path)]
        nearest = max((len(known) for _, known in fitting), default=0)  # `{model}` fits `m/load`, too
        found = [method for method, known in fitting if len(known) == nearest]
        return list(dict.fromkeys(found + ["HEAD"] * ("GET" in found)))


async def _hello(call: Call, sink: Side) -> None:
    """Start-up probes of clients (`HEAD /anthropic`): any good answer will do."""
    await sink.whole(200, {"content-type": "application/json"}, b'{"landbridge":"ok"}')


def _admins(gateway: Gateway, health: Health) -> list[Finds]:
    engines, routes = Admin(gateway, gateway.parts.keeper), AdminRoutes(gateway)
    settings, store = AdminSettings(lambda: health.settings), AdminStore(lambda: health.store)
    return [engines, routes, Metrics(gateway, health), settings, store]


async def _send_error(error: GatewayError, dialect_name: str, sink: Side) -> None:
    """Answer with `error`; where an answer has begun already, break the connection."""
    if sink.started:
        sink.abort()
        return
    id = new_request_id()
    headers = dict(error_headers(error, id))
    if isinstance(error, Unauthorized):
        headers["www-authenticate"] = "Bearer"
    if isinstance(error, UnknownPath) and error.allow:
        headers["allow"] = error.allow
    await sink.whole(error.status, headers, dialect(dialect_name).write_error(error, id))


async def _say_stopping(scope: Scope, sink: Side) -> None:
    """The exchange was cancelled because landbridge ends: say so where that is still possible, else break off."""
    error = StartFailed("landbridge is stopping.", remedy="Start it again.", retry_after=STOP_RETRY)
    sink.unread = None
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_PATIENCE):
            await _send_error(error, dialect_of(scope), sink)
