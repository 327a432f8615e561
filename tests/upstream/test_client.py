"""The client against servers that behave in every way servers do."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import pytest

from landbridge.errors import ConfigFault, Cut, Garbled, TimedOut, Unreachable
from landbridge.upstream.client import Answer, Client, Endpoint

pytestmark = [pytest.mark.anyio, pytest.mark.io]


class Peer(Protocol):
    number: int

    async def request(self) -> tuple[bytes, bytes]: ...
    async def send(self, *pieces: bytes) -> None: ...
    async def gone(self) -> None: ...
    def reset(self) -> None: ...


class Script(Protocol):
    port: int
    connections: int
    url: str


Playing = Callable[[Callable[[Peer], Awaitable[None]]], AbstractAsyncContextManager[Script]]

OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
FOREVER = b"HTTP/1.1 200 OK\r\n\r\n"


@asynccontextmanager
async def started() -> AsyncIterator[Client]:
    client = Client()
    await client.start()
    try:
        yield client
    finally:
        await client.close()


def endpoint(script: Script, *, idle: float | None = 5.0, headers: dict[str, str] | None = None) -> Endpoint:
    return Endpoint(script.url, headers or {}, connect_timeout=5.0, idle_timeout=idle, origin="provider:lab")


async def whole(client: Client, to: Endpoint, body: bytes = b"{}") -> bytes:
    answer = await client.post(to, body, {})
    try:
        return await answer.read(1 << 20)
    finally:
        await answer.close()


def always(*pieces: bytes) -> Callable[[Peer], Awaitable[None]]:
    """Answer every request of a connection with the same pieces."""

    async def play(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(*pieces)

    return play


def once(*pieces: bytes) -> Callable[[Peer], Awaitable[None]]:
    """Answer one request, then close."""

    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(*pieces)

    return play


# -- what is sent ------------------------------------------------------------------------------------------------------


async def test_a_request_is_what_was_asked_for_and_nothing_more(playing: Playing) -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def play(peer: Peer) -> None:
        seen.append(await peer.request())
        await peer.send(OK)

    async with playing(play) as script, started() as client:
        to = endpoint(script, headers={"Authorization": "Bearer secret"})
        answer = await client.post(to, b'{"a":1}', {"anthropic-beta": "x", "authorization": "Bearer client"})
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        await answer.close()
    head, body = seen[0]
    assert body == b'{"a":1}'
    assert sorted(head.decode().rstrip().split("\r\n")) == [
        "POST /v1/chat/completions HTTP/1.1",
        "accept-encoding: identity",
        "accept: */*",
        "anthropic-beta: x",
        "authorization: Bearer secret",
        "content-length: 7",
        "content-type: application/json",
        f"host: 127.0.0.1:{script.port}",
        "user-agent: landbridge",
    ]


async def test_get_sends_no_body(playing: Playing) -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def play(peer: Peer) -> None:
        seen.append(await peer.request())
        await peer.send(OK)

    async with playing(play) as script, started() as client:
        answer = await client.get(endpoint(script), {})
        assert await answer.read(10) == b"ok"
        await answer.close()
    assert seen[0][0].startswith(b"GET /v1/chat/completions HTTP/1.1\r\n")
    assert b"content-length" not in seen[0][0]


async def test_a_key_with_a_line_break_is_refused_before_anything_is_sent(playing: Playing) -> None:
    async with playing(always(OK)) as script, started() as client:
        with pytest.raises(ConfigFault) as caught:
            await client.post(endpoint(script, headers={"authorization": "Bearer abc\n"}), b"{}", {})
        assert "abc" not in caught.value.text
        assert script.connections == 0


async def test_a_large_body_arrives_whole(playing: Playing) -> None:
    sizes: list[int] = []

    async def play(peer: Peer) -> None:
        sizes.append(len((await peer.request())[1]))
        await peer.send(OK)

    async with playing(play) as script, started() as client:
        assert await whole(client, endpoint(script), b"x" * 5_000_000) == b"ok"
    assert sizes == [5_000_000]


# -- bodies ------------------------------------------------------------------------------------------------------------

BODIES = {
    "content-length": b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
    "chunked": CHUNKED + b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n",
    "trailers": CHUNKED + b"b\r\nhello world\r\n0\r\nX-Sum: 1\r\n\r\n",
    "100 before": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
    b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nhello world",
}
UNTIL_CLOSE = {
    "to the end": FOREVER + b"hello world",
    "connection: close": b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 11\r\n\r\nhello world",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\nhello world",
}


@pytest.mark.parametrize("name", [*BODIES, *UNTIL_CLOSE])
@pytest.mark.parametrize("cut", ["whole", "bytes"])
async def test_any_framing_and_any_cut_gives_the_same_body(playing: Playing, name: str, cut: str) -> None:
    data = {**BODIES, **UNTIL_CLOSE}[name]
    pieces = [data] if cut == "whole" else [bytes([byte]) for byte in data]
    play = always(*pieces) if name in BODIES else once(*pieces)
    async with playing(play) as script, started() as client:
        assert await whole(client, endpoint(script)) == b"hello world"
        assert await whole(client, endpoint(script)) == b"hello world"
        assert script.connections == (1 if name in BODIES else 2), "kept where it may be kept"


async def test_status_without_a_body_ends_at_once(playing: Playing) -> None:
    async with playing(always(b"HTTP/1.1 204 No Content\r\n\r\n")) as script, started() as client:
        answer = await client.post(endpoint(script), b"{}", {})
        assert (answer.status, await answer.read(10)) == (204, b"")
        await answer.close()


async def test_of_repeated_headers_the_last_counts_and_all_are_there(playing: Playing) -> None:
    data = b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\ncontent-length: 0\r\n\r\n"
    async with playing(always(data)) as script, started() as client:
        answer = await client.post(endpoint(script), b"{}", {})
        assert answer.headers["x-a"] == "2"
        assert answer.raw_headers[:2] == [(b"X-A", b"1"), (b"x-a", b"2")]
        await answer.close()


async def test_redirects_are_not_followed(playing: Playing) -> None:
    data = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
    async with playing(always(data)) as script, started() as client:
        answer = await client.post(endpoint(script), b"{}", {})
        assert answer.status == 302
        await answer.close()


async def test_a_piece_is_all_that_has_arrived(playing: Playing) -> None:
    sent = asyncio.Event()

    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(CHUNKED, b"1\r\na\r\n", b"1\r\nb\r\n", b"1\r\nc\r\n")
        sent.set()
        await peer.gone()

    async with playing(play) as script, started() as client:
        answer = await client.post(endpoint(script), b"{}", {})
        await sent.wait()
        await asyncio.sleep(0.01)
        assert await anext(answer.chunks()) == b"abc"
        await answer.close()


async def test_an_answer_over_the_limit_is_refused(playing: Playing) -> None:
    async with playing(always(OK)) as script, started() as client:
        answer = await client.post(endpoint(script), b"{}", {})
        with pytest.raises(Garbled, match="larger than"):
            await answer.read(1)
        await answer.close()


async def test_a_slow_reader_holds_the_sender_back(playing: Playing) -> None:
    """What waits unread is bounded, however much the other side would send."""
    sent = 0

    async def play(peer: Peer) -> None:
        nonlocal sent
        await peer.request()
        await peer.send(FOREVER)
        while True:
            await peer.send(b"x" * 100_000)
            sent += 100_000

    async with playing(play) as script, started() as client:
        answer = await client.post(endpoint(script), b"{}", {})
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.1)
        # Kernel buffers of both sides take some megabytes on top of ours.
        assert sent < 30_000_000
        taken = len(await anext(answer.chunks()))
        assert taken < 2_000_000
        await asyncio.sleep(0.1)
        assert len(await anext(answer.chunks())) > 0, "reading goes on"
        await answer.close()


# -- keeping connections -----------------------------------------------------------------------------------------------


async def test_a_connection_is_used_again(playing: Playing) -> None:
    async with playing(always(OK)) as script, started() as client:
        for _ in range(5):
            assert await whole(client, endpoint(script)) == b"ok"
        assert script.connections == 1
        await asyncio.gather(*(whole(client, endpoint(script)) for _ in range(3)))
        assert script.connections == 3


async def test_a_stale_connection_is_replaced_and_the_request_sent_once_more(playing: Playing) -> None:
    """Servers close idle connections whenever they like, also just as a request leaves."""

    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        if peer.number == 0:
            await peer.request()
            peer.reset()
        await peer.request()
        await peer.send(OK)

    async with playing(play) as script, started() as client:
        assert await whole(client, endpoint(script)) == b"ok"
        assert await whole(client, endpoint(script)) == b"ok"
        assert script.connections == 2


async def test_a_request_is_not_sent_twice_once_an_answer_began(playing: Playing) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.request()
        await peer.send(b"HTTP/1.1 200")
        peer.reset()

    async with playing(play) as script, started() as client:
        assert await whole(client, endpoint(script)) == b"ok"
        with pytest.raises(Cut):
            await whole(client, endpoint(script))
        assert script.connections == 1


async def test_a_new_connection_that_breaks_is_not_tried_again(playing: Playing) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        peer.reset()

    async with playing(play) as script, started() as client:
        with pytest.raises(Cut):
            await whole(client, endpoint(script))
        assert script.connections == 1


async def test_bytes_behind_an_answer_make_the_connection_useless(playing: Playing) -> None:
    async with playing(always(OK + b"surplus")) as script, started() as client:
        assert await whole(client, endpoint(script)) == b"ok"
        await asyncio.sleep(0.02)
        assert await whole(client, endpoint(script)) == b"ok"
        assert script.connections == 2


async def test_a_reader_that_stops_at_the_last_event_keeps_the_connection(playing: Playing) -> None:
    """`[DONE]` and the end of the body come in two segments; the connection is worth the moment between."""

    async def play(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(CHUNKED, b"4\r\ndone\r\n")
            await asyncio.sleep(0.01)
            await peer.send(b"0\r\n\r\n")

    async with playing(play) as script, started() as client:
        for _ in range(3):
            answer = await client.post(endpoint(script), b"{}", {})
            assert await anext(answer.chunks()) == b"done"
            await answer.close()
            await asyncio.sleep(0.03)
        assert script.connections == 1


async def test_closing_twice_does_not_lend_a_connection_twice(playing: Playing) -> None:
    async with playing(always(OK)) as script, started() as client:
        answer = await client.post(endpoint(script), b"{}", {})
        await answer.read(10)
        await answer.close()
        await answer.close()
        both = await asyncio.gather(whole(client, endpoint(script)), whole(client, endpoint(script)))
        assert list(both) == [b"ok", b"ok"]
        assert script.connections == 2


# -- leaving -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begun", [False, True])
async def test_p85_a_cancelled_request_closes_its_connection_at_once(playing: Playing, begun: bool) -> None:
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def play(peer: Peer) -> None:
        await peer.request()
        if begun:
            await peer.send(FOREVER + b"some")
        arrived.set()
        await peer.gone()
        gone.set()

    async with playing(play) as script, started() as client:
        task = asyncio.ensure_future(whole(client, endpoint(script, idle=None)))
        await arrived.wait()
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(0.5):
            await gone.wait()


async def test_p85_an_answer_closed_early_closes_its_connection(playing: Playing) -> None:
    gone = asyncio.Event()

    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(FOREVER + b"some")
        await peer.gone()
        gone.set()

    async with playing(play) as script, started() as client:
        answer: Answer = await client.post(endpoint(script), b"{}", {})
        await answer.close()
        async with asyncio.timeout(0.5):
            await gone.wait()


async def test_closing_the_client_closes_what_is_open(playing: Playing) -> None:
    gone = asyncio.Event()

    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.gone()
        gone.set()

    async with playing(play) as script:
        async with started() as client:
            await whole(client, endpoint(script))
        async with asyncio.timeout(0.5):
            await gone.wait()


# -- faults ------------------------------------------------------------------------------------------------------------


async def test_nobody_listens(free_port: Callable[[], int]) -> None:
    port = free_port()
    to = Endpoint(f"http://127.0.0.1:{port}/v1?key=secret", {}, origin="provider:lab")
    async with started() as client:
        with pytest.raises(Unreachable) as caught:
            await client.post(to, b"{}", {})
    assert f"127.0.0.1:{port}" in caught.value.message
    assert "secret" not in caught.value.text
    assert caught.value.origin == "provider:lab"


async def test_no_such_host() -> None:
    async with started() as client:
        with pytest.raises(Unreachable, match=r"no host 'nowhere\.invalid'"):
            await client.post(Endpoint("http://nowhere.invalid/", {}), b"{}", {})


async def test_nobody_accepts() -> None:
    """A listener whose queue is full neither accepts nor refuses."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        host, port = listener.getsockname()
        filling = [socket.socket() for _ in range(4)]
        for one in filling:
            one.setblocking(False)
            one.connect_ex((host, port))
        async with started() as client:
            began = time.monotonic()
            with pytest.raises(TimedOut, match=r"did not accept a connection within 0\.2 s"):
                await client.post(Endpoint(f"http://127.0.0.1:{port}/", {}, connect_timeout=0.2), b"{}", {})
            assert time.monotonic() - began < 2
        for one in filling:
            one.close()


@pytest.mark.parametrize("begun", [False, True])
async def test_silence_is_given_up(playing: Playing, begun: bool) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        if begun:
            await peer.send(FOREVER + b"some")
        await peer.gone()

    async with playing(play) as script, started() as client:
        with pytest.raises(TimedOut, match=r"silent for 0\.1 s"):
            await whole(client, endpoint(script, idle=0.1))


async def test_p82_slow_but_steady_is_no_silence(playing: Playing) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n")
        for _ in range(6):
            await asyncio.sleep(0.06)
            await peer.send(b"x")

    async with playing(play) as script, started() as client:
        assert await whole(client, endpoint(script, idle=0.2)) == b"xxxxxx"


BROKEN_OFF = {
    "in the head": b"HTTP/1.1 200 OK\r\ncontent-",
    "in a length": b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello",
    "in a chunk": CHUNKED + b"a\r\nhello",
    "between chunks": CHUNKED + b"5\r\nhello\r\n",
    "before the head": b"",
}


@pytest.mark.parametrize("name", BROKEN_OFF)
@pytest.mark.parametrize("how", ["closed", "reset"])
async def test_a_body_that_breaks_off_is_cut(playing: Playing, name: str, how: str) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(BROKEN_OFF[name])
        if how == "reset":
            peer.reset()

    async with playing(play) as script, started() as client:
        with pytest.raises(Cut, match="broke off"):
            await whole(client, endpoint(script))


async def test_what_came_before_the_break_is_given_first(playing: Playing) -> None:
    async with playing(once(CHUNKED, b"5\r\nhello\r\n")) as script, started() as client:
        answer = await client.post(endpoint(script), b"{}", {})
        await asyncio.sleep(0.02)
        pieces = answer.chunks()
        assert await anext(pieces) == b"hello"
        with pytest.raises(Cut):
            await anext(pieces)
        await answer.close()


GARBAGE = {
    "no HTTP": b"SSH-2.0-OpenSSH_9\r\n\r\n",
    "a switch": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "a bad length": b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
    "a bad chunk": CHUNKED + b"zz\r\n",
    "endless headers": b"HTTP/1.1 200 OK\r\n" + b"x-a: " + b"y" * 200_000,
}


@pytest.mark.parametrize("name", GARBAGE)
async def test_what_is_not_http_is_garbled(playing: Playing, name: str) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(GARBAGE[name])
        await peer.gone()

    async with playing(play) as script, started() as client:
        with pytest.raises(Garbled, match="does not answer with HTTP"):
            await whole(client, endpoint(script))
