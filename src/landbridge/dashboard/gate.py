"""Who may look at the pages: by which name they are asked, from which page, and signed in where others can reach them.

Pages of other sites must not make a browser talk to the dashboard, and names that lead here by DNS rebinding are not
its own. WebSockets do not follow the browser's same-origin rule, so their Origin is looked at here. A session ends its
WebSockets, too: who sends something there is asked for again.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..access.hosts import host_fits, host_of, is_loopback
from ..server.signin import PATH
from .guard import Guard
from .notice import Notice, closed, opened, refused
from .router import RouterFault

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
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
    """In front of `app`, which is bound to `host` and `port`."""

    def __init__(self, app: App, host: str, port: int, guard: Guard) -> None:
        self._app, self._host, self._guard = app, host, guard
        self._own = (socket.gethostname().lower(), f"{socket.gethostname().partition('.')[0].lower()}.local")
        self._cookie = f"landbridge-{port}"  # browsers give cookies to all ports of a host

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Serve one request or WebSocket, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        language = headers.get(b"accept-language", "")
        if why := await self._strange(scope, headers):
            await _refuse(scope, send, Notice(403, why.encode(), b"text/plain; charset=utf-8"))
            return
        if self._guard.needed:
            session = _session(headers, self._cookie)
            try:
                if scope["type"] == "http" and scope["path"] == PATH:
                    await self._sign_in(scope, headers, send)
                    return
                if not await self._guard.knows(session):
                    await _refuse(scope, send, refused(language))
                    return
            except RouterFault as fault:
                await _refuse(scope, send, closed(language, fault.message))
                return
            receive = self._asking(session, receive) if scope["type"] == "websocket" else receive

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self._app(scope, receive, sending)

    async def _strange(self, scope: Scope, headers: Mapping[bytes, str]) -> str:
        """Why it is not let in, whoever it is; empty where it is."""
        host = headers.get(b"host", "")
        fits = host_fits(host, self._host, self._own, ())
        if not fits and not host_fits(host, self._host, self._own, await self._guard.hosts()):
            return f"The dashboard is not asked by the name '{host_of(host)[:100]}' (access.hosts)."
        origin = headers.get(b"origin")
        asks = scope["type"] == "websocket" or scope["method"] not in SAFE
        if asks and origin is not None and not _same(origin, host):
            return "Pages of other sites may not ask the dashboard."
        return ""

    async def _sign_in(self, scope: Scope, headers: Mapping[bytes, str], send: Any) -> None:
        """Turn a link into a session. Only who opens it does so: a HEAD looks, and takes nothing."""
        language = headers.get(b"accept-language", "")
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        begun = await self._guard.begin(token) if scope["method"] == "GET" and token else None
        if begun is None:
            await _refuse(scope, send, refused(language, tried=bool(token)))
            return
        secure = "https" in (scope.get("scheme"), headers.get(b"x-forwarded-proto", "").partition(",")[0].strip())
        said = f"{self._cookie}={begun.session}; HttpOnly; SameSite=Strict; Path=/; Max-Age={int(begun.seconds)}"
        cookie = (b"set-cookie", (said + "; Secure" * secure).encode())
        await _refuse(scope, send, opened(language), [cookie])

    def _asking(self, session: str, receive: Any) -> Any:
        """`receive` of a WebSocket that ends with the session."""

        async def receiving() -> Message:
            message: Message = await receive()
            if message["type"] == "websocket.receive":
                try:
                    known = await self._guard.knows(session)
                except RouterFault:
                    known = False
                if not known:
                    return {"type": "websocket.disconnect", "code": 1008}
            return message

        return receiving


def _session(headers: Mapping[bytes, str], name: str) -> str:
    """The session in the cookies. Other programs of this host have cookies here, too, and not all are in form."""
    for cookie in headers.get(b"cookie", "").split(";"):
        key, _, value = cookie.strip().partition("=")
        if key == name:
            return value
    return ""


def _same(origin: str, host: str) -> bool:
    """Whether a page at `origin` is one of the site that is asked as `host`."""
    parts = urlsplit(origin)
    if parts.netloc.lower() == host.lower():
        return True
    return is_loopback(parts.hostname or "") and is_loopback(host_of(host)) and parts.port == urlsplit(f"//{host}").port


async def _refuse(scope: Scope, send: Any, notice: Notice, more: list[tuple[bytes, bytes]] | None = None) -> None:
    """Answer without the application."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": "not let in"})
        return
    length = b"%d" % len(notice.body)
    headers = [(b"content-type", notice.type), (b"content-length", length), (b"cache-control", b"no-store"), *HEADERS]
    await send({"type": "http.response.start", "status": notice.status, "headers": [*headers, *(more or ())]})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else notice.body})
