"""Bodies are read with a limit, answers are written in order, and a client that leaves ends its exchange."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.errors import BadRequest, TooLarge
from landbridge.server import asgi
from landbridge.server.asgi import ASGISink, ClientGone, Departure, Message, read_body

pytestmark = pytest.mark.anyio

GONE: Message = {"type": "http.disconnect"}


class Line:
    """ASGI's two functions over lists: what comes, and what was sent. After what comes there is silence."""

    def __init__(self, *messages: Message) -> None:
        self.coming = list(messages)
        self.sent: list[Message] = []
        self.asked = 0

    async def receive(self) -> Message:
        self.asked += 1
        if not self.coming:
            await asyncio.Event().wait()
        return self.coming.pop(0)

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])


def pieces(*bodies: bytes) -> list[Message]:
    last = len(bodies) - 1
    return [{"type": "http.request", "body": body, "more_body": n < last} for n, body in enumerate(bodies)]


def scope(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"headers": list(headers)}


async def test_a_body_that_came_at_once_is_not_copied() -> None:
    body = b"x" * 1000
    assert await read_body(scope(), Line(*pieces(body)).receive, 1000) is body


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=6))
def test_any_cut_gives_the_same_body(body: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    line = Line(*pieces(*(body[start:end] for start, end in pairwise(places))))
    assert asyncio.run(read_body(scope(), line.receive, 60)) == body


async def test_a_declared_size_over_the_limit_is_refused_before_anything_is_read() -> None:
    line = Line(*pieces(b"x"))
    with pytest.raises(TooLarge, match="larger than 2 MiB") as caught:
        await read_body(scope((b"content-length", b"2097153")), line.receive, 2 << 20)
    assert caught.value.status == 413
    assert line.asked == 0


async def test_an_undeclared_size_over_the_limit_is_refused_as_soon_as_it_is_passed() -> None:
    line = Line(*pieces(b"x" * 600, b"x" * 600, b"x" * 600, b"never read"))
    with pytest.raises(TooLarge, match="larger than 1000 bytes"):
        await read_body(scope(), line.receive, 1000)
    assert line.asked == 2


async def test_the_last_piece_counts_too() -> None:
    with pytest.raises(TooLarge):
        await read_body(scope(), Line(*pieces(b"x" * 600, b"x" * 600)).receive, 1000)
    assert len(await read_body(scope(), Line(*pieces(b"x" * 400, b"x" * 600)).receive, 1000)) == 1000


@pytest.mark.parametrize("before", [(), pieces(b"half", b"")[:1]])
async def test_a_client_that_leaves_in_its_body_is_gone(before: list[Message]) -> None:
    with pytest.raises(ClientGone):
        await read_body(scope(), Line(*before, GONE).receive, 1000)


@pytest.mark.parametrize(("before", "size"), [((), 0), (pieces(b"half", b"")[:1], 4)])
async def test_a_client_that_stops_in_its_body_is_told(
    monkeypatch: pytest.MonkeyPatch, before: list[Message], size: int
) -> None:
    monkeypatch.setattr(asgi, "BODY_SILENCE", 0.05)
    with pytest.raises(BadRequest, match=f"stopped after {size} bytes; nothing more came for 0.05 seconds"):
        await read_body(scope(), Line(*before).receive, 1000)


async def test_a_whole_answer_says_its_length() -> None:
    line = Line()
    sink = ASGISink(line.send)
    await sink.whole(200, {"content-type": "text/plain", "x-odd": "€"}, b"four")
    assert line.headers == {b"content-type": b"text/plain", b"x-odd": b"?", b"content-length": b"4"}
    assert line.sent[1:] == [{"type": "http.response.body", "body": b"four"}]
    assert sink.started and sink.finished


async def test_a_head_request_gets_the_length_and_no_body() -> None:
    line = Line()
    await ASGISink(line.send, headless=True).whole(200, {}, b"four")
    assert line.headers[b"content-length"] == b"4"
    assert line.sent[1]["body"] == b""


async def test_a_refusal_is_whole_before_the_unread_body_has_ended() -> None:
    line = Line(*pieces(b"a", b"b", b"c"))
    sink = ASGISink(line.send)
    sink.unread = line.receive
    await sink.whole(413, {}, b"no")
    assert line.headers[b"connection"] == b"close"
    assert line.sent[1] == {"type": "http.response.body", "body": b"no", "more_body": True}
    assert line.sent[2] == {"type": "http.response.body", "body": b""}
    assert not line.coming, "the rest of the body was thrown away"


@pytest.mark.parametrize("rest", [[GONE], []])
async def test_an_unread_body_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch, rest: list[Message]) -> None:
    monkeypatch.setattr(asgi, "LINGER", 0.05)
    line = Line(*rest)
    sink = ASGISink(line.send)
    sink.unread = line.receive
    async with asyncio.timeout(1):
        await sink.whole(413, {}, b"no")
    assert sink.finished


async def test_a_stream_is_sent_piece_by_piece() -> None:
    line = Line()
    sink = ASGISink(line.send)
    await sink.start(200, {"content-type": "text/event-stream"})
    began = sink.touched
    await asyncio.sleep(0.01)
    await sink.write(b"one")
    assert sink.touched > began
    assert not sink.blocked and not sink.finished
    await sink.end()
    assert [message.get("body") for message in line.sent] == [None, b"one", b""]
    assert [message.get("more_body", False) for message in line.sent] == [False, True, False]
    assert sink.finished


async def test_a_write_that_waits_for_the_client_is_seen() -> None:
    reads = asyncio.Event()

    async def send(message: Message) -> None:
        await reads.wait()

    sink = ASGISink(send)
    writing = asyncio.ensure_future(sink.write(b"x"))
    await asyncio.sleep(0)
    assert sink.blocked
    reads.set()
    await writing
    assert not sink.blocked


async def leave(sink: ASGISink, line: Line, work: float) -> tuple[Departure, bool]:
    """An exchange of `work` seconds while `line` says what it says; the departure, and whether it was cancelled."""
    departure = Departure(line.receive, sink)

    async def exchange() -> None:
        departure.arm()
        await asyncio.sleep(work)

    task = asyncio.ensure_future(exchange())
    await asyncio.wait([task])
    departure.disarm()
    return departure, task.cancelled()


async def test_p85_a_client_that_leaves_cancels_its_exchange() -> None:
    line = Line(GONE)
    departure, cancelled = await leave(ASGISink(line.send), line, 5.0)
    assert departure.happened and cancelled


async def test_what_the_client_sends_meanwhile_is_no_departure() -> None:
    line = Line(*pieces(b"more", b"and more"))
    departure, cancelled = await leave(ASGISink(line.send), line, 0.2)
    assert not departure.happened and not cancelled
    assert line.asked == 3


async def test_short_exchanges_are_not_watched() -> None:
    line = Line(GONE)
    departure, cancelled = await leave(ASGISink(line.send), line, 0.01)
    assert not departure.happened and not cancelled
    assert line.asked == 0


async def test_a_client_that_leaves_after_the_end_disturbs_nothing() -> None:
    line = Line(GONE)
    sink = ASGISink(line.send)
    await sink.whole(200, {}, b"done")
    departure, cancelled = await leave(sink, line, 0.2)
    assert not departure.happened and not cancelled
