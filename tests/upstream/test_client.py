"""The whole client against real servers: what is sent, on which connection, how often, and what is refused."""

from __future__ import annotations

import asyncio
import errno
import gc
import gzip
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from landbridge.errors import ConfigFault, Cut, Garbled, Refused, TimedOut, Unreachable
from landbridge.upstream.client import Client, Endpoint
from landbridge.upstream.dial import dial
from landbridge.upstream.pool import Pool
from tests.fakes.certificate import Certificate

from .conftest import OK, Peer, Play, always, endpoint, once, serving, started, until, whole

pytestmark = [pytest.mark.anyio, pytest.mark.io]

# -- what is sent ------------------------------------------------------------------------------------------------------


async def test_a_request_is_what_was_asked_for_and_nothing_more() -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def play(peer: Peer) -> None:
        seen.append(await peer.request())
        await peer.send(OK)

    async with serving(play) as script, started() as client:
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


async def test_get_sends_no_body() -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def play(peer: Peer) -> None:
        seen.append(await peer.request())
        await peer.send(OK)

    async with serving(play) as script, started() as client:
        answer = await client.get(endpoint(script), {})
        assert await answer.read(10) == b"ok"
        await answer.close()
    assert seen[0][0].startswith(b"GET /v1/chat/completions HTTP/1.1\r\n")
    assert b"content-length" not in seen[0][0]


async def test_delete_is_a_get_by_another_name() -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def play(peer: Peer) -> None:
        seen.append(await peer.request())
        await peer.send(OK)

    async with serving(play) as script, started() as client:
        answer = await client.delete(endpoint(script), {"anthropic-beta": "x"})
        assert (answer.status, await answer.read(10)) == (200, b"ok")
        await answer.close()
    assert seen[0][0].startswith(b"DELETE /v1/chat/completions HTTP/1.1\r\n")
    assert b"anthropic-beta: x" in seen[0][0]
    assert b"content-length" not in seen[0][0]


async def test_a_key_with_a_line_break_is_refused_before_anything_is_sent() -> None:
    async with serving(always(OK)) as script, started() as client:
        with pytest.raises(ConfigFault) as caught:
            await client.post(endpoint(script, headers={"authorization": "Bearer abc\n"}), b"{}", {})
        assert "abc" not in caught.value.text
        assert script.connections == 0


# -- keeping connections -----------------------------------------------------------------------------------------------


async def test_a_connection_is_used_again() -> None:
    async with serving(always(OK)) as script, started() as client:
        for _ in range(5):
            assert await whole(client, endpoint(script)) == b"ok"
        assert script.connections == 1
        await asyncio.gather(*(whole(client, endpoint(script)) for _ in range(3)))
        assert script.connections == 3


@pytest.mark.parametrize("how", ["closed", "reset"])
async def test_a_stale_connection_is_replaced_and_the_request_sent_once_more(how: str) -> None:
    """Servers close idle connections whenever they like, also just as a request leaves."""
    bodies: list[bytes] = []

    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        if peer.number == 0:
            await peer.request()
            if how == "reset":
                peer.reset()
            return
        bodies.append((await peer.request())[1])
        await peer.send(OK)

    async with serving(play) as script, started() as client:
        assert await whole(client, endpoint(script)) == b"ok"
        assert await whole(client, endpoint(script), b"first") == b"ok"
        assert await whole(client, endpoint(script), b"second") == b"ok"
        assert bodies == [b"second"]
        assert script.connections == 2


async def _begin_then(answer: bytes, wait: float, first: bool) -> int:
    """Ask a server that gets the request, says `answer`, waits and closes. How often it got it."""
    got = 0

    async def play(peer: Peer) -> None:
        nonlocal got
        if not first:
            await peer.request()
            await peer.send(OK)
        assert (await peer.request())[1] == b"pay"
        got += 1
        await peer.send(answer)
        await asyncio.sleep(wait)

    async with serving(play) as script, started() as client:
        if not first:
            assert await whole(client, endpoint(script)) == b"ok"
        with pytest.raises(Cut):
            await whole(client, endpoint(script), b"pay")
        assert script.connections == 1
    return got


async def test_a_request_that_a_server_may_have_begun_on_is_not_sent_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbridge.upstream.connection.STALE", 0.2)
    assert await _begin_then(b"", 0.0, first=True) == 1, "a new connection cannot be stale"
    assert await _begin_then(b"HTTP/1.1 200", 0.0, first=False) == 1, "an answer began"
    assert await _begin_then(b"HTTP/1.1 100 Continue\r\n\r\n", 0.0, first=False) == 1, "it said so"
    assert await _begin_then(b"", 0.4, first=False) == 1, "it had the request for a while"


async def test_a_request_is_sent_once_more_and_not_again() -> None:
    """The second connection is new; that it fails too is no accident."""

    async def play(peer: Peer) -> None:
        await peer.request()
        if peer.number == 0:
            await peer.send(OK)
            await peer.request()

    async with serving(play) as script, started() as client:
        assert await whole(client, endpoint(script)) == b"ok"
        with pytest.raises(Cut):
            await whole(client, endpoint(script))
        assert script.connections == 2


async def test_a_server_that_is_gone_when_asked_again_is_unreachable() -> None:
    async with started() as client:
        async with serving(once(OK)) as script:
            assert await whole(client, endpoint(script)) == b"ok"
        with pytest.raises(Unreachable, match="Connection refused"):
            await whole(client, endpoint(script))


async def test_bytes_behind_an_answer_make_the_connection_useless() -> None:
    async with serving(always(OK + b"surplus")) as script, started() as client:
        assert await whole(client, endpoint(script)) == b"ok"
        assert await whole(client, endpoint(script)) == b"ok"
        assert script.connections == 2


async def test_small_requests_leave_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting for earlier ones to be acknowledged (Nagle)."""
    made: list[Any] = []

    class Noting(Pool):
        def new(self, key: Any) -> Any:
            made.append(super().new(key))
            return made[-1]

    monkeypatch.setattr("landbridge.upstream.client.Pool", Noting)
    async with serving(always(OK)) as script, started() as client:
        await whole(client, endpoint(script))
        line = made[0]._transport.get_extra_info("socket")
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


async def test_closing_the_client_closes_what_is_open() -> None:
    async with serving(always(OK)) as script:
        async with started() as client:
            await whole(client, endpoint(script))
            assert script.open == 1
        await script.left(0.5)


# -- TLS ---------------------------------------------------------------------------------------------------------------


async def test_tls_by_name_and_by_address(certificate: Certificate, trusted: Path) -> None:
    agreed: list[str | None] = []

    async def play(peer: Peer) -> None:
        tls: ssl.SSLObject = peer.writer.get_extra_info("ssl_object")
        agreed.append(tls.selected_alpn_protocol())
        await always(OK)(peer)

    async with serving(play, certificate.server()) as script, started() as client:
        for host in ("localhost", "127.0.0.1"):
            for _ in range(2):
                assert await whole(client, Endpoint(script.at(host), {})) == b"ok"
        assert script.connections == 2
    assert agreed == ["http/1.1"] * 2, "of a server that would rather speak HTTP/2"


async def test_the_name_is_told_to_the_server(certificate: Certificate, trusted: Path) -> None:
    told: list[str | None] = []
    server = certificate.server()

    def note(_: object, name: str | None, __: object) -> None:
        told.append(name)

    server.sni_callback = note
    async with serving(always(OK), server) as script, started() as client:
        assert await whole(client, Endpoint(script.at("localhost"), {})) == b"ok"
    assert told == ["localhost"]


async def test_a_server_nobody_vouches_for_is_refused(certificate: Certificate) -> None:
    async with serving(always(OK), certificate.server()) as script, started() as client:
        with pytest.raises(Unreachable, match=r"No secure connection to localhost:\d+: unable to get local issuer"):
            await whole(client, Endpoint(script.at("localhost"), {}))


async def test_a_server_by_another_name_is_refused(certificate: Certificate, trusted: Path) -> None:
    async with serving(always(OK), certificate.server(), "127.0.0.2") as script, started() as client:
        with pytest.raises(Unreachable, match="IP address mismatch"):
            await whole(client, Endpoint(script.at("127.0.0.2"), {}))


async def test_tls_to_a_server_without_and_the_other_way_round(certificate: Certificate, trusted: Path) -> None:
    async def puzzled(peer: Peer) -> None:
        await peer.reader.read(100)
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serving(puzzled) as script, started() as client:
        with pytest.raises(Unreachable, match=r"No secure connection .*: wrong version number") as caught:
            await whole(client, Endpoint(script.url.replace("http", "https"), {}, idle_timeout=2.0))
        assert "right http:// or https://" in caught.value.remedy
    async with serving(always(OK), certificate.server()) as script, started() as client:
        with pytest.raises((Garbled, Cut)):
            await whole(client, Endpoint(script.url.replace("https", "http"), {}, idle_timeout=2.0))


async def test_connecting_has_one_limit_with_tls(certificate: Certificate, trusted: Path) -> None:
    """A server that accepts and then says nothing."""
    async with serving(_mute) as script, started() as client:
        with pytest.raises(TimedOut, match=r"did not accept a connection within 0\.2 s"):
            to = Endpoint(script.url.replace("http", "https"), {}, connect_timeout=0.2)
            await whole(client, to)
        await script.left()


async def _mute(peer: Peer) -> None:
    await peer.gone()


# -- no connection -----------------------------------------------------------------------------------------------------


async def test_nobody_listens(free_port: Callable[[], int]) -> None:
    port = free_port()
    to = Endpoint(f"http://127.0.0.1:{port}/v1?key=secret", {}, origin="provider:lab")
    async with started() as client:
        with pytest.raises(Unreachable) as caught:
            await client.post(to, b"{}", {})
    assert caught.value.message == f"Cannot connect to 127.0.0.1:{port}: Connection refused."
    assert caught.value.origin == "provider:lab"


async def test_no_such_host() -> None:
    async with started() as client:
        with pytest.raises(Unreachable, match=r"'nowhere\.invalid'"):
            await client.post(Endpoint("http://nowhere.invalid/", {}), b"{}", {})


async def test_a_network_that_gives_up_before_us_is_no_limit_of_ours() -> None:
    """The kernel's own patience is minutes: its word for it is put in its place here."""

    async def give_up(host: str, port: int) -> socket.socket:
        raise TimeoutError(errno.ETIMEDOUT, "Connect call failed")

    async with started(give_up) as client:
        with pytest.raises(Unreachable, match=r"Cannot connect to 127\.0\.0\.1:9: Connection timed out"):
            await client.post(Endpoint("http://127.0.0.1:9/", {}), b"{}", {})


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


# -- answers that are none ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
async def test_a_redirect_is_refused_and_names_the_place(status: int) -> None:
    moved = b"HTTP/1.1 %d Moved\r\nlocation: https://new.example/v1?token=abc\r\ncontent-length: 0\r\n\r\n" % status
    async with serving(always(moved)) as script, started() as client:
        for _ in range(2):
            with pytest.raises(Refused, match=r"redirects to https://new\.example:443") as caught:
                await whole(client, endpoint(script, headers={"authorization": "Bearer secret"}))
            assert "secret" not in caught.value.text
            assert "abc" not in caught.value.text
        assert script.connections == 1


async def test_who_looks_at_redirects_gets_them_as_answers() -> None:
    moved = b"HTTP/1.1 302 Found\r\nlocation: /there\r\ncontent-length: 0\r\n\r\n"
    async with serving(always(moved)) as script, started() as client:
        answer = await client.get(endpoint(script), {}, redirects=True)
        assert (answer.status, answer.headers["location"]) == (302, "/there")
        await answer.close()
        with pytest.raises(Refused):
            await client.get(endpoint(script), {})


async def test_who_makes_the_connections_can_be_chosen() -> None:
    """And says where they lead: what a request is for is not looked up again."""
    asked: list[tuple[str, int]] = []
    async with serving(always(OK)) as script:

        async def dialer(host: str, port: int) -> socket.socket:
            asked.append((host, port))
            return await dial("127.0.0.1", script.port)

        client = Client(dialer)
        await client.start()
        answer = await client.get(Endpoint(url="http://no-such-host.invalid:81/x", headers={}), {})
        assert await answer.read(10) == b"ok"
        await answer.close()
        await client.close()
    assert asked == [("no-such-host.invalid", 81)]


async def test_a_straight_client_uses_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(always(OK)) as script:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{script.port}")
        proxied, straight = Client(), Client(straight=True)
        for client in (proxied, straight):
            await client.start()
        to = Endpoint(url="http://no-such-host.invalid/", headers={})
        answer = await proxied.get(to, {})
        assert answer.status == 200
        await answer.close()
        with pytest.raises(Unreachable):
            await straight.get(to, {})
        for client in (proxied, straight):
            await client.close()


async def test_a_compressed_answer_is_unpacked() -> None:
    packed = gzip.compress(b"hello world")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)
    pieces = [head, *(packed[i : i + 1] for i in range(len(packed)))]
    async with serving(always(*pieces)) as script, started() as client:
        assert await whole(client, endpoint(script)) == b"hello world"
        assert await whole(client, endpoint(script)) == b"hello world"
        assert script.connections == 1


async def test_an_answer_in_an_encoding_nobody_knows_is_refused() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 1\r\n\r\nx"
    async with serving(always(head)) as script, started() as client:
        with pytest.raises(Garbled, match="encoded as 'br', which nobody asked for"):
            await whole(client, endpoint(script))
        await script.left()


async def test_what_is_not_http_is_garbled() -> None:
    async with serving(once(b"SSH-2.0-OpenSSH_9\r\n\r\n")) as script, started() as client:
        with pytest.raises(Garbled, match=r"127\.0\.0\.1:\d+ cannot be read: it is not HTTP"):
            await whole(client, endpoint(script))


# -- leaving -----------------------------------------------------------------------------------------------------------


async def test_p85_cancelled_at_any_moment_nothing_stays_open(
    certificate: Certificate, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While names are looked up, connections made, TLS agreed, requests sent and answers read."""
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    closing = OK.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    async with serving(once(closing), certificate.server()) as script, started() as client:
        to = Endpoint(script.at("localhost"), {}, idle_timeout=5.0)
        assert await whole(client, to) == b"ok"
        for turns in range(60):
            task = asyncio.ensure_future(whole(client, to, b"x" * 300_000))
            for _ in range(turns):
                await asyncio.sleep(0.0005 if turns % 2 else 0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await script.left()
    gc.collect()  # a socket left open or an exception nobody took would say so now, and warnings are errors
    await asyncio.sleep(0)
    assert complaints == []


async def test_many_requests_at_once_each_get_their_own_answer() -> None:
    async def echo(peer: Peer) -> None:
        while True:
            _, body = await peer.request()
            await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body), body)

    async with serving(echo) as script, started() as client:

        async def ask(number: int) -> None:
            for turn in range(5):
                said = f"{number}.{turn}".encode()
                assert await whole(client, endpoint(script), said) == said

        await asyncio.gather(*(ask(number) for number in range(30)))
        assert script.connections <= 30


async def test_an_exchange_under_way_when_the_client_closes_fails_and_ends() -> None:
    arrived = asyncio.Event()

    async def play(peer: Peer) -> None:
        await peer.request()
        arrived.set()
        await peer.gone()

    playing: Play = play
    async with serving(playing) as script:
        async with started() as client:
            task = asyncio.ensure_future(whole(client, endpoint(script, idle=None)))
            await arrived.wait()
        with pytest.raises(Cut):
            await task
        await until(lambda: script.open == 0)
