"""Requests that are signed as they leave."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from landbridge.errors import Refused
from landbridge.upstream.client import Client
from landbridge.upstream.place import Outgoing

from .conftest import OK, Peer, endpoint, serving, started

pytestmark = [pytest.mark.anyio, pytest.mark.io]


async def test_what_signs_has_the_last_word_on_headers_and_body() -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def play(peer: Peer) -> None:
        seen.append(await peer.request())
        await peer.send(OK)

    async def sign(_: Client, asked: Outgoing) -> Outgoing:
        proof = f"{asked.method} {asked.where.target} {asked.headers['anthropic-beta']}"
        return replace(asked, headers={**asked.headers, "authorization": proof}, body=b"{}")

    async with serving(play) as script, started() as client:
        to = replace(endpoint(script, headers={}), sign=sign)
        await (await client.post(to, b'{"a":1}', {"anthropic-beta": "x", "authorization": "Bearer client"})).close()
    head, body = seen[0]
    assert body == b"{}"
    assert b"authorization: POST /v1/chat/completions x\r\n" in head and b"content-length: 2\r\n" in head


async def test_what_cannot_be_signed_is_not_sent() -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)

    async def sign(_: Client, asked: Outgoing) -> Outgoing:
        raise Refused("no token")

    async with serving(play) as script, started() as client:
        with pytest.raises(Refused, match="no token"):
            await client.post(replace(endpoint(script), sign=sign), b"{}", {})
        assert script.connections == 0


async def test_an_error_does_not_repeat_the_token_either() -> None:
    said = b'{"error":"no: Bearer planted-token, planted-session, but planted-team"}'

    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 401 No\r\ncontent-length: %d\r\n\r\n%b" % (len(said), said))

    async def sign(_: Client, asked: Outgoing) -> Outgoing:
        added = {"authorization": "Bearer planted-token", "x-amz-security-token": "planted-session"}
        return replace(asked, headers={**asked.headers, **added})

    async with serving(play) as script, started() as client:
        to = replace(endpoint(script, headers={"x-team": "planted-team"}), sign=sign)
        answer = await client.post(to, b"{}", {})
        assert await answer.read(1000) == b'{"error":"no: ***, ***, but ***"}'
        await answer.close()
