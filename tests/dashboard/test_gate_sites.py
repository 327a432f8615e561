"""By which names the dashboard may be asked, and from which pages: other sites get nothing, and frame nothing."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from landbridge.dashboard.gate import HEADERS, Gate

pytestmark = pytest.mark.anyio

LOCAL, OPEN = "127.0.0.1", "0.0.0.0"


class Guard:
    """Everybody is signed in, and `dash.example` is a name that the settings allow."""

    needed = False

    async def hosts(self) -> list[str]:
        return ["dash.example"]


async def app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-app", b"1")]})
    await send({"type": "http.response.body", "body": b"page"})


async def asked(
    host: str, *, bound: str = LOCAL, origin: str = "", method: str = "GET", type: str = "http"
) -> list[dict[str, Any]]:
    """What is sent to who asks so."""
    headers = [(b"host", host.encode()), *([(b"origin", origin.encode())] if origin else [])]
    scope = {"type": type, "path": "/", "query_string": b"", "headers": headers}
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    guard: Any = Guard()
    gate = Gate(app, bound, 38090, guard)
    await gate(scope if type == "websocket" else {**scope, "method": method}, None, send)
    return sent


@pytest.mark.parametrize(
    ("host", "bound", "status"),
    [
        ("127.0.0.1:38090", LOCAL, 200),
        ("localhost:38090", LOCAL, 200),
        ("[::1]:38090", LOCAL, 200),
        ("evil.example", LOCAL, 403),
        ("localhost.evil.example:38090", LOCAL, 403),
        ("dash.example", LOCAL, 200),
        (f"{socket.gethostname().lower()}:38090", OPEN, 200),
        ("192.0.2.7:38090", OPEN, 200),
        ("evil.example", OPEN, 403),
    ],
)
async def test_names(host: str, bound: str, status: int) -> None:
    head, *_ = await asked(host, bound=bound)
    assert head["status"] == status
    assert set(HEADERS) <= set(head["headers"])
    assert ((b"x-app", b"1") in head["headers"]) is (status == 200)


@pytest.mark.parametrize(
    ("origin", "method", "status"),
    [
        ("http://127.0.0.1:38090", "POST", 200),
        ("http://localhost:38090", "POST", 200),
        ("", "POST", 200),
        ("http://evil.example", "GET", 200),
        ("http://evil.example", "POST", 403),
        ("http://127.0.0.1:8000", "POST", 403),
        ("null", "POST", 403),
    ],
)
async def test_pages_that_change_something(origin: str, method: str, status: int) -> None:
    assert (await asked("127.0.0.1:38090", origin=origin, method=method))[0]["status"] == status


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:8000", "null", "https://localhost.x:38090"]
)
async def test_a_web_socket_of_another_site_is_refused(origin: str) -> None:
    ((said),) = await asked("127.0.0.1:38090", origin=origin, type="websocket")
    assert (said["type"], said["code"]) == ("websocket.close", 1008)


async def test_a_web_socket_of_our_own_pages_comes_through() -> None:
    sent = await asked("127.0.0.1:38090", origin="http://127.0.0.1:38090", type="websocket")
    assert sent[0]["status"] == 200
    assert (await asked("127.0.0.1:38090", type="lifespan"))[0]["status"] == 200
