"""The application behind the listeners: paths to handlers, one dictionary look-up.

Two faces: `router` has every API, `openai` (port 8000) has `/v1` only, for OpenAI clients.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import unquote

from ..errors import GatewayError, UnknownPath
from ..gateway.call import Call
from ..gateway.exchange import Gateway, error_headers
from ..gateway.ids import new_id
from ..gateway.models import list_models, show_model
from ..gateway.tokens import count_tokens
from ..wire.dialects import dialect
from .asgi import Aborted, ASGISink, ClientGone, Departure, Receive, Scope, Send, read_body
from .health import Health

MAIN_PATHS = ("/anthropic/v1/messages", "/v1/chat/completions", "/v1/models", "/health")
"""Named to somebody who asked for a path that does not exist."""

Handler = Callable[[Call, ASGISink], Awaitable[None]]


class App:
    """One face of the gateway, as an ASGI application."""

    def __init__(self, gateway: Gateway, health: Health, face: str) -> None:
        self._gateway = gateway
        self._face = face
        self.running: set[asyncio.Task[object]] = set()
        """Tasks of exchanges under way."""
        self._posts: dict[str, tuple[str, Handler]] = {}
        self._gets: dict[str, tuple[str, Handler]] = {}
        self._models: dict[str, str] = {}
        self._fill(gateway, health)

    def _fill(self, gateway: Gateway, health: Health) -> None:
        chat: tuple[str, Handler] = ("openai_chat", gateway.exchange)
        self._posts["/v1/chat/completions"] = chat
        self._gets["/v1/models"] = ("", partial(list_models, gateway))
        self._models["/v1/models/"] = ""
        self._gets["/health"] = ("", health.answer)
        self._gets["/"] = ("", _hello)
        if self._face != "router":
            return
        for prefix in ("", "/anthropic", "/anthropic/v1"):  # the last: a base URL that ends in /v1 (CLIENTS.md 2)
            self._posts[f"{prefix}/v1/messages"] = ("anthropic", gateway.exchange)
            self._posts[f"{prefix}/v1/messages/count_tokens"] = ("anthropic", partial(count_tokens, gateway))
        for prefix in ("/anthropic", "/anthropic/v1"):
            self._gets[f"{prefix}/v1/models"] = ("anthropic", partial(list_models, gateway))
            self._models[f"{prefix}/v1/models/"] = "anthropic"
        for path in ("/anthropic", "/anthropic/", "/api/hello", "/anthropic/api/hello"):
            self._gets[path] = ("anthropic", _hello)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        method = scope["method"]
        sink = ASGISink(send, headless=method == "HEAD")
        found = self._posts.get(scope["path"]) if method == "POST" else self._find_get(scope)
        if found is None:
            name = "anthropic" if scope["path"].startswith("/anthropic") or _speaks_anthropic(scope) else "openai_chat"
            await _send_error(self._unknown(scope), name, sink)
            return
        name, handler = found
        task = asyncio.current_task()
        assert task is not None, "served in a task"
        self.running.add(task)
        departure = Departure(receive)
        try:
            limit = self._gateway.config.server.max_body
            body = await read_body(scope, receive, limit) if method == "POST" else b""
            call = Call(name or _dialect_of(scope), body, scope["headers"], scope["query_string"].decode("latin-1"))
            departure.arm()
            await handler(call, sink)
        except GatewayError as error:
            sink.close = True
            await _send_error(error, name or _dialect_of(scope), sink)
        except ClientGone:
            return
        except asyncio.CancelledError:
            if not departure.happened:
                raise
        finally:
            departure.disarm()
            self.running.discard(task)
        if sink.aborted:
            raise Aborted

    def _find_get(self, scope: Scope) -> tuple[str, Handler] | None:
        if scope["method"] not in ("GET", "HEAD"):
            return None
        path = scope["path"]
        if (found := self._gets.get(path)) is not None:
            return found
        for prefix, name in self._models.items():
            if path.startswith(prefix) and len(path) > len(prefix):
                model = unquote(path[len(prefix) :])
                return name, partial(show_model, self._gateway, model)
        return None

    def _unknown(self, scope: Scope) -> GatewayError:
        path, method = scope["path"], scope["method"]
        if path in self._posts or path in self._gets:
            allowed = "POST" if path in self._posts else "GET"
            return UnknownPath(f"{path} takes {allowed}, not {method}.", status=405)
        served = [known for known in MAIN_PATHS if known in self._posts or known in self._gets]
        return UnknownPath(f"There is no {method} {path} here.", remedy=f"This listener serves {', '.join(served)}.")


def _speaks_anthropic(scope: Scope) -> bool:
    return any(name == b"anthropic-version" for name, _ in scope["headers"])


def _dialect_of(scope: Scope) -> str:
    """The dialect of paths both have (`/v1/models`): Anthropic's clients always send their version."""
    return "anthropic" if _speaks_anthropic(scope) else "openai_chat"


async def _hello(call: Call, sink: ASGISink) -> None:
    """Start-up probes of clients (`HEAD /anthropic`): any good answer will do."""
    await sink.whole(200, {"content-type": "application/json"}, b'{"landbridge":"ok"}')


async def _send_error(error: GatewayError, dialect_name: str, sink: ASGISink) -> None:
    id = new_id("req_")
    await sink.whole(error.status, error_headers(error, id), dialect(dialect_name).write_error(error, id))
