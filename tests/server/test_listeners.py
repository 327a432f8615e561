"""Ports open, move and close while the program runs; an address that cannot be had is one clear sentence."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from landbridge.errors import ConfigFault
from landbridge.server.asgi import Receive, Scope, Send
from landbridge.server.listeners import LAST_WORD, Listeners, Spec, bind
from tests.fakes.caller import Caller

pytestmark = [pytest.mark.anyio, pytest.mark.io]

GET = b"GET %b HTTP/1.1\r\nhost: h\r\n\r\n"


class Slow:
    """An application that answers at once on `/`, and in two halves on any other path, the second when told to."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.begun = asyncio.Event()
        self.ended: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            if scope["path"] != "/":
                await send({"type": "http.response.body", "body": b"half", "more_body": True})
                self.begun.set()
                await self.go_on.wait()
            await send({"type": "http.response.body", "body": b"rest"})
            self.ended.append("whole")
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise


@asynccontextmanager
async def opened(**specs: Spec) -> AsyncIterator[Listeners]:
    listeners = Listeners()
    try:
        await listeners.apply(specs)
        yield listeners
    finally:
        await listeners.close(0)


def url(listeners: Listeners, name: str = "router") -> str:
    host, port = listeners.addresses()[name]
    return f"http://{host}:{port}"


async def answers(url: str) -> bool:
    """Whether somebody answers there."""
    try:
        async with Caller(url) as caller:
            await caller.send(GET % b"/")
            return (await caller.listen()).whole
    except ConnectionRefusedError:
        return False


async def test_a_free_port_is_found_and_told() -> None:
    async with opened(router=Spec(True, "127.0.0.1", 0, Slow())) as listeners:
        host, port = listeners.addresses()["router"]
        assert host == "127.0.0.1" and port > 0
        assert await answers(url(listeners))


async def test_what_is_off_is_not_opened(free_port: Callable[[], int]) -> None:
    port = free_port()
    async with opened(router=Spec(False, "127.0.0.1", port, Slow())) as listeners:
        assert listeners.addresses() == {}
        assert not await answers(f"http://127.0.0.1:{port}")


async def test_the_toggle_takes_effect_at_once(free_port: Callable[[], int]) -> None:
    port, app = free_port(), Slow()
    async with opened(router=Spec(True, "127.0.0.1", port, app)) as listeners:
        for on in (False, True, False):
            await listeners.apply({"router": Spec(on, "127.0.0.1", port, app)})
            assert await answers(f"http://127.0.0.1:{port}") is on


async def test_the_same_wish_again_changes_nothing() -> None:
    spec = Spec(True, "127.0.0.1", 0, Slow())
    async with opened(router=spec) as listeners:
        before = listeners.addresses()
        await listeners.apply({"router": spec})
        assert listeners.addresses() == before, "a second free port would be another one"


async def test_a_listener_moves_to_another_port(free_port: Callable[[], int]) -> None:
    old, new, app = free_port(), free_port(), Slow()
    async with opened(router=Spec(True, "127.0.0.1", old, app)) as listeners:
        await listeners.apply({"router": Spec(True, "127.0.0.1", new, app)})
        assert await answers(f"http://127.0.0.1:{new}")
        assert not await answers(f"http://127.0.0.1:{old}")


async def test_a_listener_opens_to_the_network_on_its_own_port(free_port: Callable[[], int]) -> None:
    port, app = free_port(), Slow()
    async with opened(router=Spec(True, "127.0.0.1", port, app)) as listeners:
        await listeners.apply({"router": Spec(True, "0.0.0.0", port, app)})
        assert listeners.addresses()["router"] == ("0.0.0.0", port)
        assert await answers(f"http://127.0.0.1:{port}")
        await listeners.apply({"router": Spec(True, "127.0.0.1", port, app)})
        assert listeners.addresses()["router"] == ("127.0.0.1", port)


async def test_a_listener_that_cannot_move_stays(free_port: Callable[[], int]) -> None:
    port, app = free_port(), Slow()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        async with opened(router=Spec(True, "127.0.0.1", port, app)) as listeners:
            with pytest.raises(ConfigFault, match=f"Port {taken} on 127.0.0.1 is in use"):
                await listeners.apply({"router": Spec(True, "127.0.0.1", taken, app)})
            with pytest.raises(ConfigFault, match=r"not an address|no address"):
                await listeners.apply({"router": Spec(True, "203.0.113.1", port, app)})
            assert listeners.addresses()["router"] == ("127.0.0.1", port)
            assert await answers(f"http://127.0.0.1:{port}")


async def test_one_that_fails_does_not_hold_up_the_others(free_port: Callable[[], int]) -> None:
    app = Slow()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        async with opened() as listeners:
            wanted = {"router": Spec(True, "127.0.0.1", taken, app), "openai": Spec(True, "127.0.0.1", 0, app)}
            with pytest.raises(ConfigFault):
                await listeners.apply(wanted)
            assert list(listeners.addresses()) == ["openai"]


@pytest.mark.parametrize("name", ["router", "openai"])
def test_a_port_in_use_is_said_with_the_way_out(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigFault) as caught:
            bind("127.0.0.1", port, name)
    assert caught.value.message == f"Port {port} on 127.0.0.1 is in use by another program."
    assert f"listeners.{name}.port" in caught.value.remedy
    assert ("--port" if name == "router" else "--no-openai") in caught.value.remedy


@pytest.mark.parametrize("host", ["no such host", "203.0.113.1", "a" * 300])
def test_a_host_that_is_none_of_ours_is_said(host: str) -> None:
    with pytest.raises(ConfigFault) as caught:
        bind(host, 0, "router")
    assert host in caught.value.message
    assert "127.0.0.1" in caught.value.remedy


def test_p16_small_pieces_leave_at_once() -> None:
    with bind("127.0.0.1", 0, "router") as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(("grace", "after"), [(5.0, 0.2), (0, LAST_WORD / 5)])
async def test_what_runs_may_finish_and_its_last_word_is_heard_even_where_no_time_is_given(
    grace: float, after: float
) -> None:
    app = Slow()
    async with opened(router=Spec(True, "127.0.0.1", 0, app)) as listeners, Caller(url(listeners)) as caller:
        await caller.send(GET % b"/slow")
        await app.begun.wait()
        closing = asyncio.ensure_future(listeners.close(grace))
        await asyncio.sleep(after)
        app.go_on.set()
        heard = await caller.listen()
        assert (heard.body, heard.whole) == (b"halfrest", True)
        await closing
    assert app.ended == ["whole"]


async def test_nobody_is_waited_for_where_nobody_is() -> None:
    least = 1.0
    for _ in range(5):  # the quickest one: machines are busy
        async with opened(router=Spec(True, "127.0.0.1", 0, Slow())) as listeners:
            assert await answers(url(listeners))
            began = time.monotonic()
            await listeners.close(30.0)
            least = min(least, time.monotonic() - began)
    assert least < LAST_WORD


async def test_what_does_not_finish_in_time_is_cancelled() -> None:
    app = Slow()
    async with opened(router=Spec(True, "127.0.0.1", 0, app)) as listeners, Caller(url(listeners)) as caller:
        await caller.send(GET % b"/slow")
        await app.begun.wait()
        began = time.monotonic()
        await listeners.close(0.4)
        assert 0.4 <= time.monotonic() - began < 1.5
        assert not (await caller.listen()).whole, "half an answer does not end like a whole one"
    assert app.ended == ["cancelled"]


@pytest.mark.parametrize("late", [True, False])
async def test_in_a_hurry_nothing_is_waited_for(late: bool) -> None:
    app = Slow()
    async with opened(router=Spec(True, "127.0.0.1", 0, app)) as listeners, Caller(url(listeners)) as caller:
        await caller.send(GET % b"/slow")
        await app.begun.wait()
        began = time.monotonic()
        if late:
            closing = asyncio.ensure_future(listeners.close(60.0))
            await asyncio.sleep(0.15)
            listeners.hurry()
            await closing
        else:
            listeners.hurry()
            await listeners.close(60.0)
        assert time.monotonic() - began < 1.5
    assert app.ended == ["cancelled"]


async def test_a_client_that_does_not_read_does_not_hold_the_end() -> None:
    class Flood(Slow):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"x" * 50_000_000})
            self.begun.set()

    app = Flood()
    async with opened(router=Spec(True, "127.0.0.1", 0, app)) as listeners, Caller(url(listeners)) as caller:
        await caller.send(GET % b"/")
        await app.begun.wait()
        began = time.monotonic()
        await listeners.close(0.3)
        assert time.monotonic() - began < 1.5
        assert not (await caller.listen()).whole


async def test_unused_and_half_open_connections_do_not_hold_the_end() -> None:
    async with (
        opened(router=Spec(True, "127.0.0.1", 0, Slow())) as listeners,
        Caller(url(listeners)),
        Caller(url(listeners)) as kept,
        Caller(url(listeners)) as half,
    ):
        await kept.send(GET % b"/")
        assert (await kept.listen()).whole
        await half.send(b"GET / HT")
        began = time.monotonic()
        await listeners.close(30.0)
        assert time.monotonic() - began < 2


async def test_what_is_not_http_gets_a_400_and_harms_nobody(tmp_path: Path) -> None:
    async with opened(router=Spec(True, "127.0.0.1", 0, Slow())) as listeners:
        for junk in (
            b"\x16\x03\x01\x02\x00\x01\x00\xfc\x03\x03" + bytes(200),
            b"\0" * 5000,
            b"GET\r\n\r\n",
            b"\r\n" * 9,
        ):
            async with Caller(url(listeners)) as caller:
                await caller.send(junk)
                if junk.strip():
                    assert (await caller.listen()).status == 400
        assert await answers(url(listeners))


async def test_what_is_open_and_what_runs_is_counted() -> None:
    slow = Slow()
    async with opened(router=Spec(True, "127.0.0.1", 0, slow)) as listeners:
        reader, writer = await asyncio.open_connection(*listeners.addresses()["router"])
        writer.write(GET % b"/slow")
        await slow.begun.wait()
        assert dict(listeners.figures()) == {"landbridge_client_connections": 1, "landbridge_requests_running": 1}
        slow.go_on.set()
        await reader.readuntil(b"rest")
        while dict(listeners.figures())["landbridge_requests_running"]:
            await asyncio.sleep(0)
        writer.close()
