"""Sinks that look on: what is kept is what the client got, and nothing is changed or delayed."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.errors import Cut
from landbridge.gateway.call import Call
from landbridge.gateway.stored.entry import output_of
from landbridge.gateway.stored.shelf import Stored
from landbridge.gateway.stored.taps import MOST, Keeping, Noting, watched
from landbridge.neutral.events import Failed, Finish, Reason, Start, Usage
from landbridge.neutral.parts import Text
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response, replay
from landbridge.routing.target import Target
from landbridge.wire.openai_responses.write_stream import StreamWriter
from landbridge.wire.rename import Peek
from tests.fakes.responses import responses_stream, responses_whole

pytestmark = pytest.mark.anyio


class Heard:
    """A sink over a list."""

    def __init__(self) -> None:
        self.started = self.blocked = False
        self.touched = 0.0
        self.data: list[bytes] = []
        self.ended = self.aborted = False

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.started = True
        self.data.append(body)

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        self.started = True

    async def write(self, data: bytes) -> None:
        self.data.append(data)

    async def end(self) -> None:
        self.ended = True

    def abort(self) -> None:
        self.aborted = True


RESPONSE = Response(
    (Text("Hi \n event: response.completed\ndata: {} 안녕"),), Finish(Reason.END), Usage(input=5, output=2)
)


def writes(reason: Reason = Reason.END) -> list[bytes]:
    """What a delivery writes, record by record."""
    writer = StreamWriter("resp_1", "m", 1, Request("m", ()))
    events = [*replay(Response(RESPONSE.parts, Finish(reason), RESPONSE.usage))]
    return [data for event in events if (data := writer.feed(event))]


@pytest.mark.parametrize("reason", [Reason.END, Reason.LENGTH])
@pytest.mark.parametrize("in_one", [False, True])
async def test_a_stream_s_last_record_is_kept_before_it_leaves(reason: Reason, in_one: bool) -> None:
    heard = Heard()
    kept: list[tuple[int, bytes]] = []
    sink = Keeping(heard, lambda response: kept.append((len(heard.data), response)))
    pieces = [b"".join(writes(reason))] if in_one else writes(reason)
    await sink.start(200, {})
    for piece in pieces:
        await sink.write(piece)
    await sink.end()
    assert heard.data == pieces and heard.ended
    ((at, response),) = kept
    assert at == len(pieces) - 1, "before the last piece went out"
    said = json.loads(response)
    assert said["status"] == ("completed" if reason is Reason.END else "incomplete")
    assert json.loads(output_of(response))[0]["content"][0]["text"] == RESPONSE.parts[0].text  # type: ignore[union-attr]


async def test_failures_and_refusals_are_not_kept() -> None:
    heard = Heard()
    kept: list[bytes] = []
    sink = Keeping(heard, kept.append)
    writer = StreamWriter("resp_1", "m", 1, Request("m", ()))
    await sink.write(writer.feed(Start()) + writer.feed(Failed(Cut("broke off"))))
    await sink.whole(400, {}, b'{"error": {}}')
    assert kept == []
    await sink.whole(200, {}, b'{"id": "resp_1"}')
    assert kept == [b'{"id": "resp_1"}']


async def test_everything_else_is_the_other_s() -> None:
    heard = Heard()
    sink = Keeping(heard, lambda response: None)
    assert (sink.started, sink.blocked, sink.touched) == (False, False, 0.0)
    heard.blocked, heard.touched = True, 5.0
    await sink.start(200, {})
    assert (sink.started, sink.blocked, sink.touched) == (True, True, 5.0)
    sink.abort()
    assert heard.aborted


@given(cuts=st.lists(st.integers(1, 40), min_size=1, max_size=20))
async def test_p15_the_id_of_a_provider_s_response_however_it_is_cut(cuts: list[int]) -> None:
    stream = responses_stream(text="Hi " * 20, id="resp_theirs")
    heard = Heard()
    noted: list[str] = []
    sink = Noting(heard, noted.append)
    rest = stream
    while rest:
        size = cuts.pop(0) if len(cuts) > 1 else cuts[0]
        await sink.write(rest[:size])
        rest = rest[size:]
    assert noted == ["resp_theirs"]
    assert b"".join(heard.data) == stream


async def test_the_id_of_a_whole_one() -> None:
    noted: list[str] = []
    sink = Noting(Heard(), noted.append)
    await sink.whole(200, {}, responses_whole(text="Hi", id="resp_theirs"))
    await sink.whole(200, {}, b'{"object": "response"}')
    await sink.whole(404, {}, b'{"id": "resp_no"}')
    assert noted == ["resp_theirs"]


async def test_an_id_is_not_looked_for_for_ever() -> None:
    noted: list[str] = []
    sink = Noting(Heard(), noted.append)
    for _ in range(MOST // 1000 + 2):
        await sink.write(b"x" * 1000)
    await sink.write(b'"response": {"id": "resp_late"}')
    assert noted == []


def test_who_is_watched() -> None:
    stored, heard = Stored(), Heard()
    call = Call("openai_responses", b"{}", ())
    target = Target("lab", "m", "openai_responses")
    assert isinstance(watched(stored, call, heard, Peek("m"), target), Noting)
    assert isinstance(watched(stored, call, heard, Request("m", ()), target), Keeping)
    refused = Request("m", (), extras={"openai_responses": {"store": Raw(b"false")}})
    assert watched(stored, call, heard, refused, target) is heard
    assert watched(stored, Call("anthropic", b"{}", ()), heard, Request("m", ()), target) is heard
