"""An answer's head leaves with the first of its body, its end is told, and what was not ended is broken off."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from landbridge.server import asgi
from landbridge.server.asgi import Receive, Scope, Send
from landbridge.server.exchange import BODY_AHEAD, Exchange, own_exchange
from tests.fakes.caller import understand
from tests.fakes.wire import Wire, read_all, settle

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n"
OLD = b"GET / HTTP/1.0\r\nhost: h\r\n\r\n"
HEAD = b"HEAD / HTTP/1.1\r\nhost: h\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: %d\r\n\r\n"

Work = Callable[[Exchange], Awaitable[None]]


def wire_for(work: Work) -> Wire:
    """A connection to an application that works on exchanges as landbridge's does."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        exchange = own_exchange(scope)
        assert exchange is not None
        try:
            await work(exchange)
        finally:
            exchange.disarm()

    return Wire(application)


async def test_a_whole_answer_is_one_write() -> None:
    async def work(exchange: Exchange) -> None:
        await exchange.whole(200, {"x-a": "b", "x-odd": "€"}, b"body")
        assert exchange.started and exchange.finished

    wire = wire_for(work)
    await wire.say(GET)
    head, _, body = wire.heard.partition(b"\r\n\r\n")
    first, date, *rest = head.split(b"\r\n")
    assert (len(wire.writes), first, body) == (1, b"HTTP/1.1 200 OK", b"body")
    assert date.startswith(b"date: ") and date.endswith(b" GMT")
    assert rest == [b"x-a: b", b"x-odd: ?", b"content-length: 4"]
    await wire.hang_up()


async def test_a_stream_s_head_leaves_with_its_first_piece() -> None:
    async def work(exchange: Exchange) -> None:
        await exchange.start(200, {"content-type": "text/event-stream"})
        for piece in (b"one", b"", b"three"):
            await exchange.write(piece)
        await exchange.end()

    wire = wire_for(work)
    await wire.say(GET)
    heard = understand(wire.heard)
    assert (len(wire.writes), heard.body, heard.whole) == (3, b"onethree", True)
    assert wire.writes[0].endswith(b"\r\n\r\n3\r\none\r\n")
    await wire.hang_up()


async def test_a_head_without_a_body_yet_leaves_at_once() -> None:
    may = asyncio.Event()

    async def work(exchange: Exchange) -> None:
        await exchange.start(200, {})
        await may.wait()
        await exchange.write(b"late")
        await exchange.end()

    wire = wire_for(work)
    assert (await wire.say(GET)).endswith(b"transfer-encoding: chunked\r\n\r\n")
    may.set()
    await settle()
    assert wire.writes[1:] == [b"4\r\nlate\r\n", b"0\r\n\r\n"]
    await wire.hang_up()


async def test_an_empty_stream_is_an_answer_too() -> None:
    async def work(exchange: Exchange) -> None:
        await exchange.start(200, {})
        await exchange.end()

    wire = wire_for(work)
    heard = understand(await wire.say(GET))
    assert (heard.body, heard.whole, len(wire.writes)) == (b"", True, 1)
    await wire.hang_up()


async def test_a_declared_length_is_kept_to() -> None:
    async def work(exchange: Exchange) -> None:
        await exchange.start(200, {"content-length": "6"})
        await exchange.write(b"abc")
        with pytest.raises(RuntimeError, match="behind its content-length"):
            await exchange.write(b"defg")
        with pytest.raises(RuntimeError, match="3 bytes before"):
            await exchange.end()
        await exchange.write(b"def")
        await exchange.end()

    heard = understand(await wire_for(work).say(GET))
    assert (heard.body, heard.whole) == (b"abcdef", True)
    assert "transfer-encoding" not in heard.headers


@pytest.mark.parametrize("whole", [True, False])
async def test_a_head_request_gets_no_body(whole: bool) -> None:
    async def work(exchange: Exchange) -> None:
        assert exchange.headless
        if whole:
            await exchange.whole(200, {}, b"four")
        else:
            await exchange.start(200, {"content-length": "4"})
            await exchange.write(b"four")
            await exchange.end()

    wire = wire_for(work)
    assert (await wire.say(HEAD)).endswith(b"content-length: 4\r\n\r\n")
    assert b"four" not in wire.heard and not wire.closed
    await wire.hang_up()


async def test_old_clients_know_a_stream_s_end_by_that_of_the_connection() -> None:
    async def work(exchange: Exchange) -> None:
        await exchange.start(200, {})
        await exchange.write(b"one")
        await exchange.write(b"two")
        await exchange.end()

    wire = wire_for(work)
    heard = await wire.say(OLD)
    assert heard.endswith(b"connection: close\r\n\r\nonetwo") and b"chunked" not in heard
    assert wire.closed and not wire.broken


@pytest.mark.parametrize(("request_", "sharply"), [(GET, False), (OLD, True)])
async def test_what_was_not_ended_does_not_look_like_an_end(request_: bytes, sharply: bool) -> None:
    async def work(exchange: Exchange) -> None:
        await exchange.start(200, {})
        await exchange.write(b"half")
        exchange.abort()

    wire = wire_for(work)
    heard = await wire.say(request_)
    assert heard.endswith(b"half" if sharply else b"half\r\n")
    assert (wire.closed, wire.broken) == (True, sharply)
    assert not wire.state.tasks


async def test_what_was_not_begun_is_a_500() -> None:
    async def work(exchange: Exchange) -> None:
        if not exchange.headless:
            raise OSError("a defect")

    for request in (GET, HEAD):
        wire = wire_for(work)
        heard = understand(await wire.say(request))
        assert (heard.status, heard.headers["connection"], wire.closed) == (500, "close", True)
        assert bool(heard.body) is (request is GET)


@pytest.mark.parametrize("headers", [{"x": "a\r\ny: b"}, {"x": "a\nb"}, {"x\r": "a"}, {"x": "a\0"}])
async def test_a_header_cannot_bring_another(headers: dict[str, str]) -> None:
    async def work(exchange: Exchange) -> None:
        for begin in (exchange.whole(200, headers, b"x"), exchange.start(200, headers)):
            with pytest.raises(ValueError, match="line break"):
                await begin
        assert not exchange.started, "an error can still be said"
        await exchange.whole(500, {}, b"no")

    assert understand(await wire_for(work).say(GET)).body == b"no"


@pytest.mark.parametrize("whole", [True, False])
async def test_nothing_is_added_to_what_a_slow_reader_has_not_read(whole: bool) -> None:
    async def work(exchange: Exchange) -> None:
        if whole:
            await exchange.whole(200, {}, b"x")
            return
        await exchange.start(200, {})
        await exchange.write(b"x")
        await exchange.end()

    wire = wire_for(work)
    wire.line.pause_writing()
    assert await wire.say(GET) == b""
    wire.line.resume_writing()
    await settle()
    assert understand(wire.heard).whole
    await wire.hang_up()


async def test_a_write_that_waits_for_the_client_is_seen() -> None:
    seen: list[Exchange] = []

    async def work(exchange: Exchange) -> None:
        seen.append(exchange)
        await exchange.start(200, {})
        wire.line.pause_writing()
        await exchange.write(b"x")
        await exchange.end()

    wire = wire_for(work)
    await wire.say(GET)
    (exchange,) = seen
    before = exchange.blocked, exchange.finished
    wire.line.resume_writing()
    await settle()
    assert (before, (exchange.blocked, exchange.finished)) == ((True, False), (False, True))
    assert exchange.touched > 0
    await wire.hang_up()


# -- bodies ------------------------------------------------------------------------------------------------------------


async def test_a_body_that_is_here_is_taken_without_waiting() -> None:
    took: list[bytes | None] = []

    async def work(exchange: Exchange) -> None:
        took.append(exchange.body(3))
        took.append(exchange.body(4))
        await exchange.whole(200, {}, b"")

    wire = wire_for(work)
    await wire.say(POST % 4 + b"four")
    assert took == [None, b"four"], "three bytes are its limit at first"
    took.clear()
    await wire.say(POST % 4 + b"fo")
    assert took == [None, None]
    await wire.hang_up()


async def test_an_agent_s_request_is_not_held_back_and_a_larger_one_until_it_is_read() -> None:
    may = asyncio.Event()
    sizes: list[int] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await may.wait()
        sizes.append(len(await read_all(receive)))
        exchange = own_exchange(scope)
        assert exchange is not None
        await exchange.whole(200, {}, b"")

    for size, held in ((200_000, False), (BODY_AHEAD + 1, True)):
        may.clear()
        wire = Wire(application)
        await wire.say(POST % size + b"x" * size)
        assert wire.held is held
        may.set()
        await settle()
        assert not wire.held and sizes[-1] == size
        await wire.hang_up()


@pytest.mark.parametrize(("reads", "told"), [(True, True), (False, False)])
async def test_who_asks_before_sending_is_told_to_go_on_when_it_is_read(reads: bool, told: bool) -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        exchange = own_exchange(scope)
        assert exchange is not None
        await exchange.whole(200, {}, await read_all(receive) if reads else b"no")

    wire = Wire(application)
    head = (POST % 4).replace(b"host", b"expect: 100-Continue\r\nhost")
    heard = await wire.say(head)
    assert (heard == b"HTTP/1.1 100 Continue\r\n\r\n") is told
    if told:
        assert understand(await wire.say(b"four")).body == b"four"
    assert wire.heard.count(b"100 Continue") == told
    await wire.hang_up()


async def test_a_body_that_is_here_is_not_asked_for() -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        exchange = own_exchange(scope)
        assert exchange is not None
        await exchange.whole(200, {}, await read_all(receive))

    wire = Wire(application)
    head = (POST % 4).replace(b"host", b"expect: 100-continue\r\nhost")
    assert understand(await wire.say(head + b"four")).body == b"four"
    await wire.hang_up()


async def test_a_refusal_is_whole_before_the_unread_body_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "LINGER", 5.0)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        exchange = own_exchange(scope)
        assert exchange is not None
        exchange.unread = receive
        await exchange.whole(413, {}, b"no")

    wire = Wire(application)
    heard = understand(await wire.say(POST % 9 + b"x"))
    assert (heard.status, heard.whole, heard.headers["connection"]) == (413, True, "close")
    assert not wire.closed, "closed at once, the answer would be lost"
    await wire.say(b"x" * 8)
    assert wire.closed


# -- leaving -----------------------------------------------------------------------------------------------------------


async def test_p85_a_client_that_leaves_cancels_what_is_armed() -> None:
    ends: list[str] = []

    async def work(exchange: Exchange) -> None:
        exchange.arm()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ends.append("cancelled" if exchange.happened else "somebody else")

    wire = wire_for(work)
    await wire.say(GET)
    await wire.hang_up()
    assert ends == ["cancelled"]
    assert not wire.state.tasks


async def test_who_left_before_it_was_armed_is_noticed_then() -> None:
    may, ends = asyncio.Event(), list[str]()

    async def work(exchange: Exchange) -> None:
        await may.wait()
        exchange.arm()
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            ends.append("cancelled")

    wire = wire_for(work)
    await wire.say(GET)
    await wire.hang_up()
    assert ends == []
    may.set()
    await settle()
    assert ends == ["cancelled"]


@pytest.mark.parametrize("disarmed", [True, False])
async def test_what_is_done_or_disarmed_is_not_cancelled(disarmed: bool) -> None:
    may, ends = asyncio.Event(), list[str]()

    async def work(exchange: Exchange) -> None:
        exchange.arm()
        if disarmed:
            exchange.disarm()
        else:
            await exchange.whole(200, {}, b"")
        await may.wait()
        await exchange.write(b"to nobody")
        ends.append("done")

    wire = wire_for(work)
    await wire.say(GET)
    await wire.hang_up()
    may.set()
    await settle()
    assert ends == ["done"]
    assert b"nobody" not in wire.heard
