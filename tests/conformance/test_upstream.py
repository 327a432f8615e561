"""The suite's upstream plays what it was told, knows whose request it has, and sees when the gateway leaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from landbridge.conformance.client import Wire, compose, send
from landbridge.conformance.play import Bytes, Manner, Says, says
from landbridge.conformance.seen import Answer, Received
from landbridge.conformance.upstream import Line, Upstream

pytestmark = [pytest.mark.anyio, pytest.mark.io]

CHAT = "/v1/chat/completions"


async def ask(
    upstream: Upstream, line: Line | None, path: str = CHAT, seconds: float = 5.0, **fields: object
) -> Answer:
    body = {"model": "m", "messages": [{"role": "user", "content": line.mark if line else "x"}], **fields}
    return await send(compose("POST", upstream.url + path, {}, json.dumps(body).encode()), seconds)


async def test_steps_are_taken_in_order_and_the_last_again() -> None:
    async with Upstream() as upstream:
        line = upstream.open("C1", (says("one"), says("two")))
        texts = [(await ask(upstream, line)).json["choices"][0]["message"]["content"].text for _ in range(3)]
        assert texts == ["one", "two", "two"]
        assert [each.json["model"].text for each in line.received] == ["m"] * 3
        upstream.close(line)
        assert (await ask(upstream, line)).json["choices"][0]["message"]["content"].text == "Hello from the suite."
        assert len(line.received) == 3 and len(upstream.strays) == 1


async def test_lines_do_not_mix_and_strangers_are_answered() -> None:
    async with Upstream() as upstream:
        lines = [upstream.open("C1", (says(f"line {number}"),)) for number in range(5)]
        answers = await asyncio.gather(*(ask(upstream, line) for line in lines), ask(upstream, None))
        texts = [answer.json["choices"][0]["message"]["content"].text for answer in answers]
        assert texts == [*(f"line {number}" for number in range(5)), "Hello from the suite."]
        assert len({line.mark for line in lines}) == 5


async def test_the_dialect_and_the_form_are_those_that_were_asked_for() -> None:
    async with Upstream() as upstream:
        line = upstream.open("C1", (says("hi"),))
        assert b"chat.completion.chunk" in (await ask(upstream, line, stream=True)).body
        assert b'"usage"' not in (await ask(upstream, line, stream=True)).body
        assert b'"usage"' in (await ask(upstream, line, stream=True, stream_options={"include_usage": True})).body
        assert (await ask(upstream, line, "/v1/messages")).json["content"][0]["text"].text == "hi"
        assert b"event: message_stop" in (await ask(upstream, line, "/v1/messages?beta=true", stream=True)).body
        assert (await ask(upstream, line, "/v1/nonsense")).status == 404


async def test_usage_is_what_the_request_may_have_cost() -> None:
    async with Upstream() as upstream:
        line = upstream.open("M1", (says("hi"),))
        answer = await ask(upstream, line, filler="x" * 4000)
        assert answer.json["usage"]["prompt_tokens"].count == len(line.received[0].body) // 4


async def test_an_answer_may_follow_from_the_request() -> None:
    def step(received: Received) -> Says:
        return says(received.json["word"].text)

    async with Upstream() as upstream:
        answer = await ask(upstream, upstream.open("N8", (step,)), word="echo")
        assert answer.json["choices"][0]["message"]["content"].text == "echo"


async def test_lists_and_counts_take_no_step() -> None:
    async with Upstream(models=("a", "b")) as upstream:
        headers = {"anthropic-version": "2023-06-01"}
        plain = await send(compose("GET", upstream.url + "/v1/models", {}, b""), 5)
        assert [each["id"].text for each in plain.json["data"]] == ["a", "b"] and plain.json["object"].text == "list"
        own = await send(compose("GET", upstream.url + "/v1/models", headers, b""), 5)
        assert own.json["data"][0]["type"].text == "model"
        line = upstream.open("A6", ())
        one, other = [await ask(upstream, line, "/v1/messages/count_tokens", filler="x" * size) for size in (4, 404)]
        assert 0 < one.json["input_tokens"].count == other.json["input_tokens"].count - 100
        assert line.received == []


@pytest.mark.parametrize(
    ("manner", "ended", "body"),
    [
        (Manner(), "whole", b"12345"),
        (Manner(until=2, ending="close"), "cut", b"12"),
        (Manner(until=2, ending="reset"), "cut", b"12"),
        (Manner(until=2, ending="hang"), "late", b"12"),
        (Manner(cuts=(1,), pace=0.01), "whole", b"12345"),
        (Manner(wait=0.1, body_wait=0.1), "whole", b"12345"),
    ],
)
async def test_bytes_end_as_chosen(manner: Manner, ended: str, body: bytes) -> None:
    async with Upstream() as upstream:
        line = upstream.open("D1", (Bytes(200, {"x-a": "b"}, b"12345", True, manner),))
        answer = await ask(upstream, line, seconds=1.0)
        assert (answer.ended, answer.body, answer.headers["x-a"]) == (ended, body, "b")
        assert bytes(line.received[0].answer) == body


async def test_status_0_is_no_answer_at_all() -> None:
    async with Upstream() as upstream:
        line = upstream.open("F13", (Bytes(0, manner=Manner(ending="close")),))
        assert (await ask(upstream, line)).ended == "nothing"


async def test_p85_it_sees_the_gateway_leave() -> None:
    async with Upstream() as upstream:
        line = upstream.open("N4", (says("word " * 50, manner=Manner(pace=0.05)), says("whole")))
        wire = compose("POST", upstream.url + CHAT, {}, json.dumps({"stream": True, "x": line.mark}).encode())
        left = await send(Wire(wire.url, wire.head, wire.pieces, leave_after=0.3), 5)
        async with asyncio.timeout(3):
            await line.received[0].over.wait()
        assert line.received[0].left_at is not None and line.received[0].left_at >= left.over_at - 0.01
        await ask(upstream, line)
        assert line.received[1].over.is_set() and line.received[1].left_at is None


async def test_connections_are_kept_and_bodies_may_be_chunked(free_port: Callable[[], int]) -> None:
    port = free_port()
    async with Upstream("127.0.0.1", port) as upstream:
        assert upstream.url == f"http://127.0.0.1:{port}"
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            head = b"POST /v1/chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"
            writer.write(head + b"2\r\n{}\r\n0\r\n\r\n")
            status = await reader.readuntil(b"\r\n\r\n")
            length = int(status.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            assert json.loads(await reader.readexactly(length))["object"] == "chat.completion"
        writer.close()
        await writer.wait_closed()
