"""Our own server's exchange is the client's side; where there is none, or more headers are wanted, ASGI is."""

from __future__ import annotations

import pytest

from landbridge.access.door import Passed
from landbridge.errors import TooLarge
from landbridge.server.asgi import ASGISink, Departure, Message, Receive, Scope, Send
from landbridge.server.entrance import OPEN
from landbridge.server.exchange import Exchange, own_exchange
from landbridge.server.sides import body_of, sides
from tests.fakes.caller import understand
from tests.fakes.wire import Wire

pytestmark = pytest.mark.anyio

POST = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\nfour"


@pytest.mark.parametrize("passed", [OPEN, Passed(origin=b"https://page.example")])
async def test_both_ways_take_the_body_and_give_the_answer(passed: Passed) -> None:
    kinds: list[tuple[type, type]] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        sink, departure = sides(scope, receive, send, passed)
        kinds.append((type(sink), type(departure)))
        departure.arm()
        await sink.whole(200, {"x-a": "b"}, await body_of(scope, receive, sink, 4))
        departure.disarm()

    wire = Wire(application)
    heard = understand(await wire.say(POST))
    assert (heard.body, heard.headers["x-a"], heard.headers["content-length"]) == (b"four", "b", "4")
    own = not passed.origin
    assert kinds == [(Exchange, Exchange) if own else (ASGISink, Departure)]
    assert ("access-control-allow-origin" in heard.headers) is not own
    await wire.hang_up()


async def test_another_server_is_spoken_to_by_asgi() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"four"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "HEAD", "headers": []}
    assert own_exchange(scope) is None
    sink, _ = sides(scope, receive, send, OPEN)
    assert await body_of(scope, receive, sink, 4) == b"four"
    await sink.whole(200, {}, b"four")
    assert sent[1]["body"] == b"", "the answer to HEAD has none"


async def test_a_body_over_the_limit_is_refused_though_all_of_it_is_here() -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        sink, _ = sides(scope, receive, send, OPEN)
        with pytest.raises(TooLarge):
            await body_of(scope, receive, sink, 3)
        await sink.whole(413, {}, b"")

    wire = Wire(application)
    assert understand(await wire.say(POST)).status == 413
    await wire.hang_up()
