"""A connection's bytes become exchanges, one after the other, however they are cut and whatever is wrong with them."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landbridge.server.asgi import Receive, Scope, Send
from landbridge.server.heads import REFUSAL
from landbridge.server.http1 import PIPELINED
from tests.fakes.caller import understand
from tests.fakes.wire import Wire, read_all, settle

pytestmark = pytest.mark.anyio


def get(path: str, *more: str, version: str = "1.1", method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/{version}", "host: h", *more, "", ""]).encode()


def post(path: str, body: bytes) -> bytes:
    return get(path, f"content-length: {len(body)}", method="POST") + body


class Echo:
    """Answers with what it was asked; `/held` only when it may."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.may = asyncio.Event()
        self.left = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        body = await read_all(receive)
        if scope["path"] == "/held":
            await self.may.wait()
        text = f"{scope['method']} {scope['path']} ".encode() + body
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(text))]})
        await send({"type": "http.response.body", "body": text})
        self.left += (await receive())["type"] == "http.disconnect"


def bodies(heard: bytes) -> list[bytes]:
    """Those of the answers."""
    found = []
    while heard:
        head, _, rest = heard.partition(b"\r\n\r\n")
        size = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        found.append(rest[:size])
        heard = rest[size:]
    return found


async def test_one_after_the_other() -> None:
    echo = Echo()
    wire = Wire(echo)
    for path in ("/a", "/b"):
        assert bodies(await wire.say(get(path))) == [f"GET {path} ".encode()]
    assert not wire.closed
    await settle()
    assert echo.left == 2, "who asks on hears that the answer is complete"
    assert not wire.state.tasks
    await wire.hang_up()
    assert not wire.state.connections


@given(st.lists(st.integers(0, 400), max_size=12))
@settings(max_examples=40, deadline=None)
def test_any_cut_gives_the_same_exchanges(cuts: list[int]) -> None:
    chunked = (
        get("/c", "transfer-encoding: chunked", method="PUT") + b"3\r\none\r\n4;x=y\r\nfour\r\n0\r\nlate: x\r\n\r\n"
    )
    data = get("/a?q=%20") + post("/b", b"\0body" * 9) + chunked + get("/d", method="HEAD") + post("/e", b"")
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]

    async def play() -> bytes:
        echo = Echo()
        wire = Wire(echo)
        for start, end in pairwise(places):
            await wire.say(data[start:end])
        await settle(60)
        assert echo.scopes[0]["query_string"] == b"q=%20"
        assert (b"late", b"x") not in echo.scopes[2]["headers"], "a trailer is no header"
        await wire.hang_up()
        return b"".join(line for line in wire.heard.splitlines(True) if not line.startswith(b"date: "))

    heard = asyncio.run(play())
    assert heard.count(b"HTTP/1.1 200 OK\r\n") == 5
    for text in (b"GET /a ", b"POST /b " + b"\0body" * 9, b"PUT /c onefour", b"POST /e "):
        assert b"\r\n\r\n" + text in heard
    assert b"HEAD /d" not in heard


async def test_pipelined_requests_are_answered_in_order() -> None:
    echo = Echo()
    wire = Wire(echo)
    assert await wire.say(get("/held") + get("/b") + post("/c", b"x")) == b""
    assert len(echo.scopes) == 1, "one at a time"
    echo.may.set()
    await settle(40)
    assert bodies(wire.heard) == [b"GET /held ", b"GET /b ", b"POST /c x"]
    await wire.hang_up()


async def test_who_pipelines_much_is_held_back_until_there_is_room() -> None:
    echo = Echo()
    wire = Wire(echo)
    held = []
    for more in (get("/held") + get("/x") * (PIPELINED - 1), get("/x")):
        await wire.say(more)
        held.append(wire.held)
    assert held == [False, True]
    echo.may.set()
    await settle(120)
    assert not wire.held
    assert len(bodies(wire.heard)) == PIPELINED + 1
    await wire.hang_up()


@pytest.mark.parametrize(
    ("target", "path", "raw", "query"),
    [
        ("/a%20b/%C3%A4?x=%20&y", "/a b/ä", b"/a%20b/%C3%A4", b"x=%20&y"),
        ("http://host:1/a/b?c", "/a/b", b"/a/b", b"c"),
        ("/a?b?c", "/a", b"/a", b"b?c"),
        ("/a#b", "/a", b"/a", b""),
    ],
)
async def test_targets(target: str, path: str, raw: bytes, query: bytes) -> None:
    echo = Echo()
    wire = Wire(echo)
    await wire.say(get(target))
    (scope,) = echo.scopes
    assert (scope["path"], scope["raw_path"], scope["query_string"]) == (path, raw, query)
    assert (scope["client"], scope["server"], scope["headers"]) == (("127.0.0.1", 5), None, [(b"host", b"h")])
    await wire.hang_up()


@pytest.mark.parametrize("request_", [get("/a", "connection: close"), get("/a", version="1.0")])
async def test_a_connection_that_shall_end_ends_behind_the_answer(request_: bytes) -> None:
    wire = Wire(Echo())
    heard = understand(await wire.say(request_))
    assert (heard.body, heard.headers["connection"], wire.closed) == (b"GET /a ", "close", True)


async def test_an_upgrade_is_not_taken_up_and_the_request_answered() -> None:
    wire = Wire(Echo())
    heard = await wire.say(get("/a", "connection: upgrade", "upgrade: h2c") + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert bodies(heard) == [b"GET /a "]
    assert wire.closed


@pytest.mark.parametrize(
    "junk", [b"\x16\x03\x01\x02", b"GET\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n", b"GET / HTTP/9\r\n"]
)
async def test_junk_is_refused(junk: bytes) -> None:
    wire = Wire(Echo())
    assert await wire.say(junk) == REFUSAL
    assert wire.closed


async def test_junk_behind_a_request_does_that_one_no_harm() -> None:
    echo = Echo()
    wire = Wire(echo)
    await wire.say(get("/held") + get("/b") + b"POST /c HTTP/1.1\r\ncontent-length: 9\r\n\r\nha")
    await wire.say(b"lf a body\r\n\r\nJUNK\r\n\r\n")
    await wire.say(b"more of it, which nobody reads")
    echo.may.set()
    await settle(60)
    assert bodies(wire.heard)[:2] == [b"GET /held ", b"GET /b "]
    assert wire.closed


async def test_junk_within_a_body_is_refused_and_nobody_waits_for_the_rest() -> None:
    echo = Echo()
    wire = Wire(echo)
    await wire.say(get("/a", "transfer-encoding: chunked", method="POST") + b"2\r\nab\r\n")
    assert await wire.say(b"no size\r\n") == REFUSAL
    await settle()
    assert wire.closed and not wire.state.tasks


async def test_a_client_that_leaves_ends_what_waits_for_it() -> None:
    echo = Echo()
    wire = Wire(echo)
    await wire.say(get("/a", "content-length: 5", method="POST") + b"ab")
    await wire.say(b"c")
    await wire.hang_up()
    assert not wire.state.tasks and not wire.state.connections
    assert wire.heard == b""


async def test_what_waits_behind_another_is_not_begun_for_a_client_that_left() -> None:
    echo = Echo()
    wire = Wire(echo)
    await wire.say(get("/held") + get("/b"))
    await wire.hang_up()
    echo.may.set()
    await settle()
    assert [scope["path"] for scope in echo.scopes] == ["/held"]


async def test_an_unused_connection_is_closed_in_time_and_a_used_one_is_not() -> None:
    echo = Echo()
    wire = Wire(echo, keep_alive=0)
    wire.line._keep_alive = 0.08  # type: ignore[assignment]  # uvicorn takes whole seconds
    await wire.say(get("/a"))
    await asyncio.sleep(0.05)
    await wire.say(get("/held"))
    await asyncio.sleep(0.06)
    assert not wire.closed, "the timer of the rest before means nothing now"
    echo.may.set()
    await settle()
    async with asyncio.timeout(5):
        while not wire.closed:
            await asyncio.sleep(0.01)


async def test_a_connection_at_rest_is_closed_by_the_server_s_end_and_a_busy_one_after_its_answer() -> None:
    echo = Echo()
    resting, busy = Wire(echo), Wire(echo)
    await resting.say(get("/a"))
    await busy.say(get("/held"))
    for wire in (resting, busy):
        wire.line.shutdown()
    assert resting.closed and not busy.closed
    echo.may.set()
    await settle()
    assert (understand(busy.heard).headers["connection"], busy.closed) == ("close", True)


async def test_the_rest_of_a_body_that_was_answered_early_is_no_request() -> None:
    async def hasty(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    wire = Wire(hasty)
    assert understand(await wire.say(post("/a", b"x" * 100)[:-50])).body == b"ok"
    assert await wire.say(b"x" * 50) == b""
    assert understand(await wire.say(get("/b"))).body == b"ok"
    await wire.hang_up()
