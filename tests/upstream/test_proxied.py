"""Requests through a real forward proxy: which go there, how they come out, and how a proxy's failures are told."""

from __future__ import annotations

import asyncio
import base64
import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from landbridge.errors import ConfigFault, Cut, Garbled, Refused, TimedOut, Unreachable
from landbridge.upstream.client import Client, Endpoint
from landbridge.upstream.place import place
from landbridge.upstream.proxied import Proxies, is_loopback
from tests.fakes.certificate import Certificate

from .conftest import CHUNKED, FOREVER, OK, Peer, Play, Script, always, once, serving, whole

pytestmark = [pytest.mark.anyio, pytest.mark.io]


class Proxy:
    """A forward proxy: CONNECT for https, whole URLs for http. Every name is this machine to it."""

    def __init__(self, refusal: bytes = b"", key: str = "", silent: bool = False) -> None:
        self._refusal, self._key, self._silent = refusal, key, silent
        self.asked: list[bytes] = []
        """The request lines it got."""
        self.port = 0

    async def play(self, peer: Peer) -> None:
        while True:
            head = await peer.head()
            self.asked.append(head.split(b"\r\n")[0])
            if self._silent:
                await peer.gone()
            if self._key and b"Basic " + base64.b64encode(self._key.encode()) not in head:
                await peer.send(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
            elif self._refusal:
                await peer.send(self._refusal)
            else:
                await self._forward(peer, head)
                return

    async def _forward(self, peer: Peer, head: bytes) -> None:
        method, url = head.split(b" ")[:2]
        port = int(url.rsplit(b":", 1)[1].split(b"/")[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        if method == b"CONNECT":
            await peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            writer.write(head)
        ways = [asyncio.ensure_future(way) for way in (_pump(peer.reader, writer), _pump(reader, peer.writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of the machine's own."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(params=["http", "https"])
def through(
    request: pytest.FixtureRequest, certificate: Certificate, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., object]:
    """A server named lab.test, a proxy before it, and a client that goes through it."""
    tls = certificate.server() if request.param == "https" else None

    @asynccontextmanager
    async def made(play: Play, proxy: Proxy, user: str = "") -> AsyncIterator[tuple[Client, Script]]:
        async with serving(play, tls) as script, serving(proxy.play) as gate:
            proxy.port = gate.port
            monkeypatch.setenv(f"{request.param}_proxy", f"http://{user}127.0.0.1:{gate.port}")
            client = Client()
            await client.start()
            try:
                yield client, script
            finally:
                await client.close()
                await asyncio.sleep(0.05)

    return made


Through = Callable[..., AbstractAsyncContextManager[tuple[Client, Script]]]


def lab(script: Script, *, idle: float = 5.0, connect: float = 5.0) -> Endpoint:
    headers = {"authorization": "Bearer secret"}
    return Endpoint(script.at("lab.test"), headers, connect_timeout=connect, idle_timeout=idle, origin="provider:lab")


# -- which way ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "url", "expected"),
    [
        ({}, "https://api.example/", None),
        ({"https_proxy": "http://p:1"}, "https://api.example/", "http://p:1"),
        ({"HTTPS_PROXY": "p:1"}, "https://api.example/", "http://p:1"),
        ({"https_proxy": "http://p:1"}, "http://api.example/", None),
        ({"http_proxy": "http://p:1"}, "http://api.example/", "http://p:1"),
        ({"all_proxy": "http://p:1"}, "https://api.example/", "http://p:1"),
        ({"https_proxy": "http://p:1", "no_proxy": "api.example"}, "https://api.example/", None),
        ({"https_proxy": "http://p:1", "no_proxy": ".example"}, "https://api.example/", None),
        ({"https_proxy": "http://p:1", "no_proxy": "*"}, "https://api.example/", None),
        ({"https_proxy": "http://p:1", "no_proxy": "other"}, "https://api.example/", "http://p:1"),
        ({"all_proxy": "http://p:1"}, "http://127.0.0.1:8080/", None),
        ({"all_proxy": "http://p:1"}, "http://[::1]:8080/", None),
        ({"all_proxy": "http://p:1"}, "http://localhost:8080/", None),
        ({"all_proxy": "http://p:1", "no_proxy": "fd00::2"}, "http://[fd00::2]:8080/", None),
    ],
)
def test_which_requests_go_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], url: str, expected: str | None
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Proxies().proxy_for(place(url)) == expected


def test_a_proxy_that_does_not_speak_http_is_refused_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://user:secret@127.0.0.1:1080")
    with pytest.raises(ConfigFault, match=r"api\.example:443 that is not spoken to by HTTP \(socks5://\)") as caught:
        Proxies().proxy_for(place("https://api.example/"))
    assert "secret" not in caught.value.text


@pytest.mark.parametrize("host", ["localhost", "api.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)
    assert not is_loopback(host.replace("local", "remote").replace("127", "10").replace("::1", "::2"))


# -- what comes through ------------------------------------------------------------------------------------------------


async def test_a_request_and_its_answer_go_through(through: Through) -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def play(peer: Peer) -> None:
        while True:
            seen.append(await peer.request())
            await peer.send(OK)

    proxy = Proxy()
    async with through(play, proxy) as (client, script):
        assert await whole(client, lab(script), b'{"a":1}') == b"ok"
        head, body = seen[0]
        assert body == b'{"a":1}'
        assert b"authorization: bearer secret\r\n" in head.lower()
        assert b"accept-encoding: identity\r\n" in head.lower()
        where = f"lab.test:{script.port}".encode()
        assert proxy.asked[0].startswith((b"CONNECT " + where, b"POST http://" + where))
        assert await whole(client, lab(script)) == b"ok"
        assert script.connections == 1, "the way is kept"


async def test_a_large_body_goes_through(through: Through) -> None:
    sizes: list[int] = []

    async def play(peer: Peer) -> None:
        sizes.append(len((await peer.request())[1]))
        await peer.send(OK)

    async with through(play, Proxy()) as (client, script):
        assert await whole(client, lab(script), b"x" * 5_000_000) == b"ok"
    assert sizes == [5_000_000]


async def test_a_stream_comes_piece_by_piece(through: Through) -> None:
    more = asyncio.Event()

    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(CHUNKED, b"3\r\none\r\n")
        await more.wait()
        await peer.send(b"3\r\ntwo\r\n0\r\n\r\n")

    async with through(play, Proxy()) as (client, script):
        answer = await client.post(lab(script), b"{}", {})
        pieces = answer.chunks()
        assert await anext(pieces) == b"one"
        more.set()
        assert [piece async for piece in pieces] == [b"two"]
        await answer.close()


async def test_p85_leaving_closes_the_way(through: Through) -> None:
    arrived = asyncio.Event()

    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(FOREVER + b"some")
        arrived.set()
        await peer.gone()

    async with through(play, Proxy()) as (client, script):
        task = asyncio.ensure_future(whole(client, lab(script)))
        await arrived.wait()
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await script.left()


async def test_what_comes_compressed_or_from_elsewhere_is_dealt_with_as_without_a_proxy(through: Through) -> None:
    packed = gzip.compress(b"hello world")
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)
    async with through(always(head + packed), Proxy()) as (client, script):
        assert await whole(client, lab(script)) == b"hello world"
    moved = b"HTTP/1.1 307 Moved\r\nlocation: https://other.example/\r\ncontent-length: 0\r\n\r\n"
    async with through(always(moved), Proxy()) as (client, script):
        with pytest.raises(Refused, match=r"redirects to https://other\.example:443"):
            await whole(client, lab(script))


# -- failures ----------------------------------------------------------------------------------------------------------


async def test_a_break_silence_and_garbage_are_told_as_without_a_proxy(through: Through) -> None:
    async def silent(peer: Peer) -> None:
        await peer.request()
        await peer.gone()

    async def silent_later(peer: Peer) -> None:
        await peer.request()
        await peer.send(CHUNKED, b"3\r\none\r\n")
        await peer.gone()

    for play, expected in (
        (once(CHUNKED, b"3\r\none\r\n"), Cut),
        (once(), Cut),
        (silent, TimedOut),
        (silent_later, TimedOut),
        (once(b"SSH-2.0-OpenSSH_9\r\n\r\n"), Garbled),
    ):
        async with through(play, Proxy()) as (client, script):
            with pytest.raises(expected) as caught:
                await whole(client, lab(script, idle=0.3))
            assert f"lab.test:{script.port}" in caught.value.message
            assert script.connections == 1, "sent once"


async def test_an_answer_that_does_not_begin_in_time_is_given_up(through: Through) -> None:
    async def silent(peer: Peer) -> None:
        await peer.request()
        await peer.gone()

    async with through(silent, Proxy()) as (client, script):
        with pytest.raises(TimedOut, match=r"did not begin to answer within 0\.2 s"):
            await whole(client, replace(lab(script), first_byte_timeout=0.2))
        await script.left()


async def test_a_name_and_a_password_are_the_proxys_alone(through: Through) -> None:
    seen: list[bytes] = []

    async def play(peer: Peer) -> None:
        seen.append((await peer.request())[0])
        await peer.send(OK)

    async with through(play, Proxy(key="me:pass"), user="me:pass@") as (client, script):
        assert await whole(client, lab(script)) == b"ok"
        if script.at("").startswith("https"):
            assert b"proxy-authorization" not in seen[0].lower()


async def test_a_proxy_that_does_not_let_us_through_is_named(through: Through) -> None:
    async with through(always(OK), Proxy(key="me:pass"), user="me:wrong@") as (client, script):
        with pytest.raises(Unreachable, match=r"the proxy .*407") as caught:
            await whole(client, lab(script))
        assert "wrong" not in caught.value.text
        assert script.connections == 0


async def test_a_proxy_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, free_port: Callable[[], int]
) -> None:
    port = free_port()
    monkeypatch.setenv("https_proxy", f"http://user:secret@127.0.0.1:{port}")
    monkeypatch.setenv("http_proxy", "http://nowhere.invalid:3128")
    client = Client()
    await client.start()
    with pytest.raises(
        Unreachable, match=rf"lab\.test:443: the proxy 127\.0\.0\.1:{port} fails: Connection refused"
    ) as caught:
        await whole(client, Endpoint("https://lab.test/", {}))
    assert "secret" not in caught.value.text
    with pytest.raises(Unreachable, match=r"lab\.test:80: the proxy nowhere\.invalid:3128 fails"):
        await whole(client, Endpoint("http://lab.test/", {}))
    await client.close()


async def test_a_proxy_that_refuses_or_says_nothing(
    monkeypatch: pytest.MonkeyPatch, certificate: Certificate, trusted: Path
) -> None:
    refusing = Proxy(refusal=b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
    for proxy, expected, words in (
        (refusing, Unreachable, r"lab\.test:443: the proxy says 403 Forbidden"),
        (Proxy(silent=True), TimedOut, r"lab\.test:443 did not accept a connection within 0\.3 s"),
    ):
        async with serving(proxy.play) as gate:
            monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{gate.port}")
            client = Client()
            await client.start()
            with pytest.raises(expected, match=words):
                await whole(client, Endpoint("https://lab.test/", {}, connect_timeout=0.3, idle_timeout=5.0))
            await client.close()
            await asyncio.sleep(0.02)


async def test_a_server_nobody_vouches_for_is_refused_behind_a_proxy_too(
    monkeypatch: pytest.MonkeyPatch, certificate: Certificate
) -> None:
    proxy = Proxy()
    async with serving(always(OK), certificate.server()) as script, serving(proxy.play) as gate:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{gate.port}")
        client = Client()
        await client.start()
        with pytest.raises(Unreachable, match=r"No secure connection to lab\.test"):
            await whole(client, lab(script))
        await client.close()
        await asyncio.sleep(0.02)
