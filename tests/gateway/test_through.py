"""What goes in comes out at the other sink, and what that one says of itself is said."""

from __future__ import annotations

import pytest

from landbridge.gateway.through import Through
from tests.fakes.sink import ListSink

pytestmark = pytest.mark.anyio


async def test_a_stream_and_how_its_client_stands() -> None:
    sink = ListSink()
    through = Through(sink)
    assert not through.started
    await through.start(200, {"a": "b"})
    await through.write(b"one")
    await through.write(b"two")
    await through.end()
    assert (sink.status, sink.headers, sink.pieces, sink.ended) == (200, {"a": "b"}, [b"one", b"two"], True)
    assert (through.started, through.touched) == (True, sink.touched)
    sink.blocked = True
    assert through.blocked


async def test_a_whole_answer_and_a_break() -> None:
    sink = ListSink()
    through = Through(sink)
    await through.whole(404, {}, b"no")
    through.abort()
    assert (sink.status, sink.body, sink.aborted) == (404, b"no", True)
