"""HTTP/1.1 of clients: one connection's bytes to exchanges, one after the other. httptools reads, `exchange.py` writes.

uvicorn opens and closes listeners; its own protocol does for every application, at several times the cost, what is
done here for one. There is one task per request and no timer per request.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any, cast
from urllib.parse import unquote

import httptools
from uvicorn import Config
from uvicorn.server import ServerState

from .asgi import Aborted, Scope
from .exchange import OWN, Exchange
from .heads import MAX_HEAD, REFUSAL, TOO_LARGE

log = logging.getLogger("landbridge.server")

PIPELINED = 8
"""Requests that may wait behind the one that is answered before their client is held back."""
ASGI = {"version": "3.0", "spec_version": "2.3"}


class Http1(asyncio.Protocol):
    """One connection. Made by uvicorn's server, which closes it by `shutdown`."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.transport: asyncio.Transport
        self.loop = _loop or asyncio.get_running_loop()
        self.full = False  # whether the client reads more slowly than it is written to
        self._app = config.loaded_app
        self._keep_alive = config.timeout_keep_alive
        self._connections = cast(set[Any], server_state.connections)  # it names its own protocols only
        self._tasks = server_state.tasks
        self._parser: httptools.HttpRequestParser | None = None
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._head: int | None = None  # bytes of one that is not complete
        self._coming: Exchange | None = None
        self._current: Exchange | None = None
        self._queue: deque[tuple[Exchange, Scope]] = deque()
        self._paused = False
        self._room: asyncio.Future[None] | None = None
        self._idle_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._client: tuple[str, int] | None = None
        self._server: tuple[str, int] | None = None

    # -- for the exchange ----------------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Bytes to the client, unless it is gone."""
        if not self.transport.is_closing():
            self.transport.write(data)

    async def drain(self) -> None:
        """Wait until the client has read."""
        while self.full:
            self._room = self.loop.create_future()
            await self._room

    def pause(self) -> None:
        """Read no more for now."""
        if not self._paused:
            self._paused = True
            self.transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._paused and len(self._queue) < PIPELINED:
            self._paused = False
            if not self.transport.is_closing():
                self.transport.resume_reading()

    def answered(self, exchange: Exchange) -> None:
        """An exchange is over: the next, if there is one, or a rest."""
        self._current = None
        if not exchange.keep:
            self.transport.close()
        elif self._queue:
            self._start(*self._queue.popleft())
        else:
            self._rest()
        self.resume()

    def break_off(self, *, sharply: bool) -> None:
        """Close amid an answer. Where only the connection's end would end it, it must not look like one: `sharply`."""
        self._current = None
        if sharply:
            self.transport.abort()
        else:
            self.transport.close()

    # -- for the server ------------------------------------------------------------------------------------------------

    def shutdown(self) -> None:
        """Close when what runs is answered."""
        if self._current is None:
            self.transport.close()
        else:
            self._current.keep = False

    # -- for the event loop --------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's do not inherit from it
        self._connections.add(self)
        self._client, self._server = (_address(transport.get_extra_info(name)) for name in ("peername", "sockname"))
        self._parser = httptools.HttpRequestParser(self)
        # As uvicorn: what a client sends behind its last request does no harm to that.
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)

    def data_received(self, data: bytes) -> None:
        """Bytes of requests, cut anywhere."""
        self._idle_since = None
        if self._parser is None:
            return
        if self._head is not None:
            self._head += len(data)
            if self._head > MAX_HEAD:
                self._refuse(TOO_LARGE)
                return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._listen_no_more()  # nothing we could switch to; the request itself is answered
        except httptools.HttpParserError:
            self._refuse(REFUSAL)

    def pause_writing(self) -> None:
        """The transport has enough."""
        self.full = True

    def resume_writing(self) -> None:
        """The client has read."""
        self.full = False
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed, by whomever."""
        self._connections.discard(self)
        self._parser = self._coming = None
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()
        if self._current is not None:
            self._current.leave()
            self._current = None
        self.resume_writing()

    # -- for the parser ------------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins."""
        self._url = b""
        self._headers = []
        self._head = 0

    def on_url(self, url: bytes) -> None:
        """Some of its target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header line."""
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Its head is whole: it is worked on, or waits for its turn."""
        assert self._parser is not None, "it speaks"
        self._head = None
        headers, self._headers = self._headers, []  # trailers come to the new list, and nobody looks at it
        method = self._parser.get_method().decode("ascii")
        version = self._parser.get_http_version()
        url = self._url
        if url[:1] != b"/" or b"#" in url:
            parts = httptools.parse_url(url)
            url = (parts.path or b"/") + (b"?" + parts.query if parts.query else b"")
        raw, _, query = url.partition(b"?")
        path = raw.decode("ascii")
        current = version == "1.1"
        exchange = self._coming = Exchange(
            self,
            headless=method == "HEAD",
            keep=current and self._parser.should_keep_alive(),
            chunks=current,
            expects=dict(headers).get(b"expect", b"").lower() == b"100-continue",
        )
        scope: Scope = {
            "type": "http",
            "asgi": ASGI,
            "http_version": version,
            "method": method,
            "scheme": "http",
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw,
            "query_string": query,
            "root_path": "",
            "headers": headers,
            "client": self._client,
            "server": self._server,
            OWN: exchange,
        }
        if self._current is None:
            self._start(exchange, scope)
        else:
            self._queue.append((exchange, scope))
            if len(self._queue) >= PIPELINED:
                self.pause()

    def on_body(self, data: bytes) -> None:
        """Some of its body."""
        assert self._coming is not None, "behind a head"
        self._coming.feed(data)

    def on_message_complete(self) -> None:
        """All of it is here."""
        assert self._coming is not None, "behind a head"
        self._coming.end_of_request()
        if self._coming.answered and self._current is None:
            self._rest()
        self._coming = None

    # -- one after the other -------------------------------------------------------------------------------------------

    def _start(self, exchange: Exchange, scope: Scope) -> None:
        self._current = exchange
        task = exchange.task = self.loop.create_task(self._run(exchange, scope))
        self._tasks.add(task)

    async def _run(self, exchange: Exchange, scope: Scope) -> None:
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except (Aborted, asyncio.CancelledError):
            pass
        except Exception:
            log.exception("%s %s failed outside its exchange", scope["method"], scope["path"])
        finally:
            exchange.settle()
            if exchange.task is not None:
                self._tasks.discard(exchange.task)
                exchange.task = None  # they refer to each other

    def _listen_no_more(self) -> None:
        # The last request that is whole is the last that is answered.
        self._parser = None
        while self._queue and not self._queue[-1][0].complete:
            self._queue.pop()
        last = self._queue[-1][0] if self._queue else self._current
        if last is not None:
            last.keep = False

    def _refuse(self, words: bytes) -> None:
        """What came cannot be read."""
        current = self._current
        if current is not None and current.complete:
            self._listen_no_more()
            return
        self._parser = None
        if current is None or not current.started:
            self.write(words)
        if current is not None:
            self._current = None
            current.leave()
        self.transport.close()

    # -- a rest --------------------------------------------------------------------------------------------------------

    def _rest(self) -> None:
        # One timer for all rests, pushed on when it fires: one for each would cost more than all else here.
        self._idle_since = self.loop.time()
        if self._timer is None:
            self._timer = self.loop.call_later(self._keep_alive, self._close_unused)

    def _close_unused(self) -> None:
        self._timer = None
        if self._idle_since is None:
            return
        left = self._idle_since + self._keep_alive - self.loop.time()
        if left <= 0.001:
            self.transport.close()
        else:
            self._timer = self.loop.call_later(left, self._close_unused)


def _address(found: Any) -> tuple[str, int] | None:
    return (str(found[0]), int(found[1])) if isinstance(found, tuple) else None
