"""Names, origins and sessions: who is let in, and that nobody else is, by HTTP or WebSocket."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

import pytest

from landbridge.access.hosts import is_loopback
from landbridge.dashboard.gate import Gate
from landbridge.dashboard.guard import Guard
from landbridge.dashboard.router import RouterFault
from landbridge.server.admin_signin import Session

pytestmark = pytest.mark.anyio


class Known(Guard):
    """A guard that needs no router."""

    def __init__(self, host: str) -> None:
        self.needed = not is_loopback(host)
        self.allowed: list[str] = []
        self.links, self.sessions = {"good"}, {"s1"}
        self.down = False

    async def hosts(self) -> Sequence[str]:
        return self.allowed

    async def begin(self, token: str) -> Session | None:
        if self.down:
            raise RouterFault("The router cannot be asked.")
        if token not in self.links:
            return None
        self.links.remove(token)
        self.sessions.add("s2")
        return Session("s2", 100.0)

    async def knows(self, session: str) -> bool:
        if self.down:
            raise RouterFault("The router cannot be asked.")
        return session in self.sessions


class Asked:
    """A gate before an application that says `in`."""

    def __init__(self, host: str) -> None:
        self.guard = Known(host)
        self.gate = Gate(self.app, host, 38090, self.guard)
        self.host = host
        self.inside: list[str] = []

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        self.inside.append(scope["type"])
        if scope["type"] == "websocket":
            self.heard = [(await receive())["type"], (await receive())["type"]]
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"in"})

    async def ask(
        self, path: str = "/", *, method: str = "GET", type: str = "http", scheme: str = "http", **headers: str
    ) -> tuple[int, dict[str, str], str]:
        sent: list[Any] = []
        url, _, query = path.partition("?")
        said = {"host": f"{self.host}:38090", **{name.replace("_", "-"): text for name, text in headers.items()}}
        scope = {
            "type": type, "method": method, "path": url, "query_string": query.encode(), "scheme": scheme,
            "headers": [(name.encode(), text.encode()) for name, text in said.items()],
        }  # fmt: skip

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "websocket.receive", "text": "x"}

        await self.gate(scope, receive, send)
        if not sent:
            return 0, {}, ""
        if sent[0]["type"] == "websocket.close":
            return sent[0]["code"], {}, ""
        found = {name.decode(): text.decode() for name, text in sent[0]["headers"]}
        return sent[0]["status"], found, b"".join(each.get("body", b"") for each in sent[1:]).decode()


@pytest.fixture
def here() -> Asked:
    return Asked("127.0.0.1")


@pytest.fixture
def open_to_all() -> Asked:
    return Asked("192.0.2.7")


async def test_on_this_machine_nobody_signs_in(here: Asked) -> None:
    status, headers, body = await here.ask()
    assert (status, body) == (200, "in")
    assert headers["x-frame-options"] == "DENY" and headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert (await here.ask(type="websocket"))[0] == 0 and here.inside == ["http", "websocket"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:38090", socket.gethostname(), "x" * 300])
async def test_other_names_are_refused(here: Asked, host: str) -> None:
    assert (await here.ask(host=host))[0] == 403
    assert (await here.ask(host=host, type="websocket"))[0] == 1008
    assert here.inside == []


async def test_names_of_the_settings_are_taken(here: Asked) -> None:
    here.guard.allowed = ["*.lan"]
    assert (await here.ask(host="box.lan:38090"))[0] == 200
    assert (await here.ask(host="box.example"))[0] == 403


async def test_pages_of_other_sites(here: Asked) -> None:
    assert (await here.ask(type="websocket", origin="http://evil.example"))[0] == 1008
    assert (await here.ask(method="POST", origin="http://evil.example"))[0] == 403
    assert (await here.ask(method="POST", origin="http://localhost:9999"))[0] == 403, "another port is another site"
    assert (await here.ask(method="POST", origin="http://localhost:38090"))[0] == 200
    assert (await here.ask(origin="http://evil.example"))[0] == 200, "a link may lead here"


async def test_without_a_session_nothing_is_served(open_to_all: Asked) -> None:
    for path in ("/", "/static/landbridge.css", "/_nicegui_ws/socket.io/", "/settings/file"):
        status, headers, body = await open_to_all.ask(path)
        assert status == 401 and "<code>landbridge dashboard</code>" in body, path
        assert headers["cache-control"] == "no-store" and headers["x-frame-options"] == "DENY"
    assert (await open_to_all.ask(type="websocket"))[0] == 1008
    assert (await open_to_all.ask(method="POST"))[0] == 401
    assert (await open_to_all.ask(cookie="landbridge-38090=made-up"))[0] == 401
    assert (await open_to_all.ask(cookie="landbridge-38091=s1"))[0] == 401, "of another router"
    assert open_to_all.inside == []


async def test_a_session_lets_in(open_to_all: Asked) -> None:
    for others in ("other=1; ", '{"json": [1, 2]}; ', "=;;"):
        assert (await open_to_all.ask(cookie=f"{others}landbridge-38090=s1"))[2] == "in"
    assert (await open_to_all.ask(cookie="landbridge-38090=s1", type="websocket"))[0] == 0
    assert open_to_all.heard == ["websocket.receive", "websocket.receive"]


async def test_a_link_becomes_a_cookie_once(open_to_all: Asked) -> None:
    status, headers, body = await open_to_all.ask("/sign-in?token=good")
    assert status == 200 and "url=/" in body and "good" not in body
    assert headers["set-cookie"] == "landbridge-38090=s2; HttpOnly; SameSite=Strict; Path=/; Max-Age=100"
    assert headers["cache-control"] == "no-store" and headers["referrer-policy"] == "no-referrer"
    assert (await open_to_all.ask(cookie="landbridge-38090=s2"))[0] == 200
    status, headers, body = await open_to_all.ask("/sign-in?token=good")
    assert status == 401 and "does not open any more" in body and "set-cookie" not in headers


async def test_looking_at_a_link_does_not_open_it(open_to_all: Asked) -> None:
    assert (await open_to_all.ask("/sign-in?token=good", method="HEAD"))[0] == 401
    assert (await open_to_all.ask("/sign-in"))[0] == 401
    assert (await open_to_all.ask("/sign-in?token=good"))[0] == 200


@pytest.mark.parametrize("sent", [{"scheme": "https"}, {"x_forwarded_proto": "https"}])
async def test_behind_https_the_cookie_stays_there(open_to_all: Asked, sent: dict[str, str]) -> None:
    _, headers, _ = await open_to_all.ask("/sign-in?token=good", **sent)
    assert headers["set-cookie"].endswith("; Secure")


async def test_a_session_ends_its_websocket(open_to_all: Asked) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        heard.append((await receive())["type"])
        open_to_all.guard.sessions.clear()
        heard.append((await receive())["type"])

    heard: list[str] = []
    open_to_all.gate = Gate(app, "192.0.2.7", 38090, open_to_all.guard)
    await open_to_all.ask(cookie="landbridge-38090=s1", type="websocket")
    assert heard == ["websocket.receive", "websocket.disconnect"]


async def test_a_router_that_does_not_answer_lets_nobody_in(open_to_all: Asked) -> None:
    open_to_all.guard.down = True
    status, _, body = await open_to_all.ask(cookie="landbridge-38090=s1")
    assert status == 503 and "cannot be asked" in body
    assert (await open_to_all.ask("/sign-in?token=good"))[0] == 503
    assert (await open_to_all.ask(cookie="landbridge-38090=s1", type="websocket"))[0] == 1008


async def test_the_reader_s_language(open_to_all: Asked) -> None:
    _, _, body = await open_to_all.ask(accept_language="ko-KR,ko;q=0.9,en;q=0.5")
    assert '<html lang="ko">' in body
