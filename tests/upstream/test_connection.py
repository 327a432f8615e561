"""One connection, against servers that behave in every way servers do."""

from __future__ import annotations

import asyncio
import gc
import socket
import tracemalloc
from pathlib import Path

import pytest

from landbridge.upstream.connection import Broken
from landbridge.upstream.dial import tls_context
from landbridge.upstream.incoming import Malformed
from tests.fakes.certificate import Certificate

from .conftest import CHUNKED, FOREVER, OK, Line, LineTo, Peer, always, connected, once, serving, until

pytestmark = [pytest.mark.anyio, pytest.mark.io]

# -- answers -----------------------------------------------------------------------------------------------------------


async def test_one_exchange_after_the_other(line_to: LineTo) -> None:
    async with line_to(always(OK)) as (_, line):
        for _ in range(3):
            answer = await line.ask()
            assert answer.status == 200
            assert await line.whole() == b"ok"
            answer.release()
            assert line.idle.pop() is answer
            assert answer.usable


@pytest.mark.parametrize("cut", ["whole", "bytes"])
async def test_a_body_without_a_length_ends_with_the_connection(line_to: LineTo, cut: str) -> None:
    data = FOREVER + b"hello world"
    pieces = [data] if cut == "whole" else [data[i : i + 1] for i in range(len(data))]
    async with line_to(once(*pieces)) as (_, line):
        answer = await line.ask()
        assert await line.whole() == b"hello world"
        assert not answer.usable


async def test_a_connection_that_the_server_ends_is_closed_at_once(line_to: LineTo) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok")
        await peer.gone()

    async with line_to(play) as (script, line):
        answer = await line.ask()
        assert await line.whole() == b"ok"
        assert not answer.usable
        await script.left()


async def test_a_tls_connection_cut_without_a_goodbye_is_no_end_of_a_body(
    certificate: Certificate, trusted: Path
) -> None:
    """Otherwise whoever can cut a connection can shorten an answer (RFC 9112, 9.8)."""

    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(FOREVER + b"hello")
        with socket.socket(fileno=socket.dup(peer.writer.get_extra_info("socket").fileno())) as beneath:
            beneath.shutdown(socket.SHUT_WR)
        await asyncio.sleep(0.1)

    async with serving(play, certificate.server()) as script, connected(script, tls_context()) as line:
        await line.ask()
        with pytest.raises(Broken):
            await line.whole()


BROKEN_OFF = {
    "before the head": b"",
    "in the head": b"HTTP/1.1 200 OK\r\ncontent-",
    "in a length": b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello",
    "in a chunk": CHUNKED + b"a\r\nhello",
    "between chunks": CHUNKED + b"5\r\nhello\r\n",
    "before the trailers' end": CHUNKED + b"5\r\nhello\r\n0\r\n",
}


@pytest.mark.parametrize("how", ["closed", "reset"])
async def test_an_answer_that_breaks_off_is_broken(line_to: LineTo, how: str) -> None:
    for name, data in BROKEN_OFF.items():

        async def play(peer: Peer, data: bytes = data) -> None:
            await peer.request()
            await peer.send(data)
            if how == "reset":
                peer.reset()

        async with line_to(play) as (_, line):
            with pytest.raises((Broken, OSError)):
                await line.ask()
                await line.whole()
                pytest.fail(name)


async def test_a_server_that_only_stops_sending_is_not_waited_for() -> None:
    """It has half-closed and still takes what we send: nothing more will come from it."""

    async def play(peer: Peer) -> None:
        await peer.head()
        peer.writer.write_eof()
        await asyncio.sleep(30)

    async with serving(play) as script, connected(script) as line:
        with pytest.raises(Broken):
            async with asyncio.timeout(2):
                await line.ask(b"x" * 20_000_000, idle=None)


async def test_what_came_before_the_break_is_given_first(line_to: LineTo) -> None:
    async with line_to(once(CHUNKED, b"5\r\nhello\r\n")) as (_, line):
        answer = await line.ask()
        await until(lambda: answer.failure is not None)
        assert await answer.piece() == b"hello"
        with pytest.raises(Broken):
            await answer.piece()


async def test_a_piece_is_all_that_has_arrived(line_to: LineTo) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(CHUNKED, b"1\r\na\r\n", b"1\r\nb\r\n", b"1\r\nc\r\n")
        await peer.gone()

    async with line_to(play) as (_, line):
        answer = await line.ask()
        await asyncio.sleep(0.05)
        assert await answer.piece() == b"abc"


@pytest.mark.parametrize("answer", [OK + b"surplus", OK + OK])
async def test_bytes_behind_an_answer_end_the_connection_but_not_the_answer(line_to: LineTo, answer: bytes) -> None:
    async with line_to(once(answer)) as (_, line):
        await line.ask()
        assert await line.whole() == b"ok"
        assert not line.connection.usable


async def test_a_word_on_an_unused_connection_ends_it(line_to: LineTo) -> None:
    """A server that says 408 and closes must not be taken to answer the next request."""
    late = asyncio.Event()

    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await late.wait()
        await peer.send(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")

    async with line_to(play) as (_, line):
        await line.ask()
        await line.whole()
        assert line.connection.usable
        late.set()
        await until(lambda: not line.connection.usable)


async def test_a_server_that_speaks_first_is_malformed() -> None:
    async def play(peer: Peer) -> None:
        await peer.send(b"220 mail.example ESMTP\r\n")
        await peer.gone()

    async with serving(play) as script, connected(script) as line:
        with pytest.raises(Malformed):
            await line.ask()


async def test_a_server_that_closes_at_once_is_broken() -> None:
    async def play(peer: Peer) -> None:
        peer.reset()

    async with serving(play) as script, connected(script) as line:
        await until(lambda: line.connection.failure is not None)
        with pytest.raises((Broken, OSError)):
            await line.ask()


# -- leaving -----------------------------------------------------------------------------------------------------------


async def test_lingering_keeps_a_connection_whose_answer_ends_soon(line_to: LineTo) -> None:
    async def play(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(CHUNKED, b"4\r\ndone\r\n")
            await asyncio.sleep(0.02)
            await peer.send(b"0\r\n\r\n")

    async with line_to(play) as (_, line):
        for _ in range(2):
            (await line.ask()).linger(1.0, 1000)
            await until(lambda: line.idle == [line.connection])
            line.idle.clear()
            assert line.connection.usable


@pytest.mark.parametrize("bound", ["seconds", "bytes"])
async def test_lingering_is_bounded(line_to: LineTo, bound: str) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(FOREVER)
        while bound == "bytes":
            await peer.send(b"x" * 1000)
        await peer.gone()

    async with line_to(play) as (script, line):
        answer = await line.ask()
        answer.linger(0.1 if bound == "seconds" else 30.0, 10_000)
        await script.left()
        assert line.idle == []


async def test_lingering_resumes_what_was_held_back() -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 20000000\r\n\r\n")
        peer.writer.write(b"x" * 20_000_000)
        await peer.writer.drain()
        await peer.gone()

    async with serving(play) as script, connected(script) as line:
        answer = await line.ask()
        await asyncio.sleep(0.1)
        answer.linger(5.0, 30_000_000)
        await until(lambda: line.idle == [answer], 5.0)
        assert answer.usable


@pytest.mark.parametrize("body", [b"{}", b"x" * 5_000_000])
async def test_p85_abort_closes_at_once(line_to: LineTo, body: bytes) -> None:
    arrived = asyncio.Event()

    async def play(peer: Peer) -> None:
        await peer.head()
        arrived.set()
        await peer.gone()

    async with line_to(play) as (script, line):
        asking = asyncio.ensure_future(line.ask(body))
        await arrived.wait()
        line.connection.abort()
        await script.left()
        with pytest.raises((Broken, OSError)):
            await asking
        line.connection.abort()
        assert line.lost == [line.connection], "told once"


async def test_one_that_is_aborted_before_it_is_made_is_closed_when_it_is() -> None:
    async with serving(always(OK)) as script:
        line = Line()
        line.connection.abort()
        await asyncio.get_running_loop().create_connection(lambda: line.connection, "127.0.0.1", script.port)
        with pytest.raises(Broken):
            await line.ask()
        await script.left()


async def test_a_lost_connection_frees_what_it_held() -> None:
    async def play(peer: Peer) -> None:
        await peer.head()
        peer.reset()

    async with serving(play) as script, connected(script) as line:
        tracemalloc.start()
        try:
            with pytest.raises((Broken, OSError)):
                await line.ask(bytes(30_000_000))
            await until(lambda: bool(line.lost))
            gc.collect()
            assert tracemalloc.get_traced_memory()[0] < 5_000_000
        finally:
            tracemalloc.stop()


# -- stale -------------------------------------------------------------------------------------------------------------

STALE = {
    "without a byte": (b"", 0.0, True),
    "with a byte": (b"H", 0.0, False),
    "with a 1xx": (b"HTTP/1.1 100 Continue\r\n\r\n", 0.0, False),
    "later": (b"", 0.3, False),
}


@pytest.mark.parametrize("how", ["closed", "reset"])
async def test_stale_is_what_closed_at_once_without_a_byte(
    line_to: LineTo, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("landbridge.upstream.connection.STALE", 0.2)
    for name, (answer, wait, stale) in STALE.items():

        async def play(peer: Peer, answer: bytes = answer, wait: float = wait) -> None:
            await peer.request()
            await peer.send(answer)
            await asyncio.sleep(wait)
            if how == "reset":
                peer.reset()

        async with line_to(play) as (_, line):
            with pytest.raises((Broken, OSError)):
                await line.ask()
            assert line.connection.stale is stale, name


async def test_silence_is_not_stale(line_to: LineTo) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.gone()

    async with line_to(play) as (_, line):
        with pytest.raises(TimeoutError):
            await line.ask(idle=0.05)
        assert not line.connection.stale
