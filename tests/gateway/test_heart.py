"""Signs of life: early headers, pings, nudges."""

import asyncio

import pytest

from landbridge.config import ServerSettings
from landbridge.gateway.heart import Heart
from tests.fakes.sink import ListSink

pytestmark = pytest.mark.anyio

FAST = ServerSettings(ping_every=0.05, nudge_every=0.12)


class Voice:
    def ping(self) -> bytes:
        return b"p"

    def nudge(self) -> bytes:
        return b"n"


def heart(sink: ListSink, counts_pings: bool = True) -> Heart:
    async def begin() -> None:
        await sink.start(200, {})
        await sink.write(b"s")

    return Heart(sink, Voice(), begin, FAST, lambda: counts_pings)


async def test_p82_headers_leave_early_then_pings() -> None:
    sink = ListSink()
    beating = heart(sink)
    beating.arm(0.02)
    await asyncio.sleep(0.01)
    assert not sink.started
    await asyncio.sleep(0.24)
    beating.stop()
    assert sink.body.startswith(b"spp")
    assert b"n" not in sink.body
    gaps = [later - earlier for earlier, later in zip(sink.times, sink.times[1:], strict=False)]
    assert max(gaps) < 0.15


async def test_clients_that_ignore_pings_get_nudges() -> None:
    sink = ListSink()
    beating = heart(sink, counts_pings=False)
    beating.arm(0)
    await asyncio.sleep(0.35)
    beating.stop()
    assert b"pn" in sink.body


async def test_no_ping_while_content_flows() -> None:
    sink = ListSink()
    beating = heart(sink)
    beating.arm(0)
    for _ in range(12):
        await asyncio.sleep(0.02)
        await sink.write(b".")
    beating.stop()
    assert b"p" not in sink.body


async def test_no_ping_into_a_client_that_does_not_read() -> None:
    sink = ListSink()
    beating = heart(sink)
    beating.arm(0)
    await asyncio.sleep(0.02)
    sink.blocked = True
    await asyncio.sleep(0.2)
    beating.stop()
    assert sink.body == b"s"


async def test_stopped_means_silent() -> None:
    sink = ListSink()
    beating = heart(sink)
    beating.arm(0.01)
    beating.stop()
    await asyncio.sleep(0.05)
    assert not sink.started


async def test_where_no_sign_can_stand_nothing_is_written() -> None:
    class Silent(Voice):
        def ping(self) -> bytes:
            return b""

    sink = ListSink()

    async def begin() -> None:
        await sink.start(200, {})

    beating = Heart(sink, Silent(), begin, FAST, lambda: True)
    beating.arm(0)
    await asyncio.sleep(0.2)
    beating.stop()
    assert sink.pieces == []
    assert sink.started
