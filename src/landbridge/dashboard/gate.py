"""Who may look at the pages: by which name they are asked, from which page, and signed in where others can reach them.

Pages of other sites must not make a browser talk to the dashboard, and names that lead here by DNS rebinding are not
its own. WebSockets do not follow the browser's same-origin rule, so their Origin is looked at here.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from ..access.hosts import host_fits, host_of, is_loopback

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]
SAFE = frozenset({"GET", "HEAD"})
HEADERS = [
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"frame-ancestors 'none'; base-uri 'self'; form-action 'self'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]
"""On every answer: no other site may frame a page or learn its address."""


class Gate:
    """In front of `app`, which is bound to `host`."""

    def __init__(self, app: App, host: str) -> None:
        self._app, self._host = app, host
        self._own = (socket.gethostname().lower(), f"{socket.gethostname().partition('.')[0].lower()}.local")

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Serve one request or WebSocket, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if why := self._strange(scope, headers):
            await _refuse(scope, send, why)
            return

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self._app(scope, receive, sending)

    def _strange(self, scope: Scope, headers: Mapping[bytes, str]) -> str:
        """Why it is not let in; empty where it is."""
        host = headers.get(b"host", "")
        if not host_fits(host, self._host, self._own, ()):
            return f"The dashboard is not asked by the name '{host_of(host)[:100]}'."
        origin = headers.get(b"origin")
        asks = scope["type"] == "websocket" or scope["method"] not in SAFE
        if asks and origin is not None and not _same(origin, host):
            return "Pages of other sites may not ask the dashboard."
        return ""


def _same(origin: str, host: str) -> bool:
    """Whether a page at `origin` is one of the site that is asked as `host`."""
    parts = urlsplit(origin)
    if parts.netloc.lower() == host.lower():
        return True
    return is_loopback(parts.hostname or "") and is_loopback(host_of(host)) and parts.port == urlsplit(f"//{host}").port


async def _refuse(scope: Scope, send: Any, why: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": why[:100]})
        return
    body = why.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body)), *HEADERS]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
