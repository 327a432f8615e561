"""Whatever an upstream does, its client gets its own dialect's error with the right status, or a stream that says so:
never a normal end. Both client dialects, both provider dialects, streamed and not, over real connections.
"""

from __future__ import annotations

import asyncio
import random
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from tests.fakes.caller import Caller, Heard, post
from tests.fakes.provider import (
    HTML_ERROR,
    JSON,
    SSE,
    Answer,
    Provider,
    Tokens,
    anthropic_error,
    anthropic_stream,
    anthropic_whole,
    chat_error,
    chat_stream,
    chat_whole,
    error,
)
from tests.fakes.running import Running
from tests.fakes.script import Received
from tests.laws.clients import HEAR

pytestmark = [pytest.mark.anyio, pytest.mark.io]

PATHS = {"anthropic": "/v1/messages", "openai_chat": "/v1/chat/completions"}
WAYS = pytest.mark.parametrize(
    ("client", "dialect", "stream"),
    [(client, dialect, stream) for client in PATHS for dialect in PATHS for stream in (True, False)],
)
PAIRS = pytest.mark.parametrize(("client", "dialect"), [(client, dialect) for client in PATHS for dialect in PATHS])
ASK: dict[str, Any] = {"model": "lab/m", "max_tokens": 50, "messages": [{"role": "user", "content": "Hi"}]}
TEXT = "Grüße, 안녕 🦜 and more"
CALLS: tuple[tuple[str, dict[str, object]], ...] = (("Read", {"path": "ä/🦜"}), ("Edit", {}))
USAGE = Tokens(prompt=30, output=9)
STREAMS = {
    "anthropic": anthropic_stream(text=TEXT, tools=CALLS, usage=USAGE, piece=5),
    "openai_chat": chat_stream(text=TEXT, tools=CALLS, usage=USAGE, piece=5),
}
WHOLES = {"anthropic": anthropic_whole(text=TEXT, tools=CALLS), "openai_chat": chat_whole(text=TEXT, tools=CALLS)}


def settings(url: str, more: str = "") -> str:
    dialect = "openai_chat" if url.endswith("/v1") else "anthropic"
    return f"""
        [providers.lab]
        dialect = "{dialect}"
        base_url = "{url}"
        models = ["m"]
        {more}
    """


async def ask(gateway: Running, client: str, stream: bool, number: int = 0) -> Heard:
    """The answer to a request that holds `number`."""
    messages = [{"role": "user", "content": str(number)}]
    async with Caller(gateway.url) as caller:
        await caller.send(post(PATHS[client], {**ASK, "messages": messages, "stream": stream}))
        return await caller.listen(20)


def number_in(request: Received) -> int:
    return int(re.findall(r"\d+", str(request.json["messages"]))[-1])


def refused(heard: Heard, client: str) -> str:
    """An error answer of the client's dialect, whole; its message."""
    assert heard.whole and heard.status >= 400, heard
    assert heard.headers["content-type"] == "application/json"
    body = heard.json
    if client == "anthropic":
        assert body["type"] == "error" and isinstance(body["error"]["type"], str)
    message: str = body["error"]["message"]
    assert message
    return message


class Case(Struct, frozen=True):
    """What an upstream does, and what its client gets."""

    step: Answer
    status: int
    words: str


CASES = {
    "hangs": Case(Answer(wait=3600), 504, "silent for 0.3 s"),
    "nothing after its headers": Case(Answer(stream=True, headers=SSE, ending="hang"), 504, "silent for 0.3 s"),
    "half a body, then nothing": Case(Answer(headers=JSON, body=b'{"id": "x"}', until=4, ending="hang"), 504, "silent"),
    "hangs up before its headers": Case(Answer(raw=True, body=b"HTTP/1.1 20", ending="close"), 502, "broke off"),
    "resets before its headers": Case(Answer(raw=True, body=b"HTTP", ending="reset"), 502, "127.0.0.1"),
    "hangs up after its headers": Case(Answer(stream=True, headers=SSE, ending="close"), 502, "127.0.0.1"),
    "an empty stream": Case(Answer(stream=True, headers=SSE), 502, "provider:lab"),
    "an empty body": Case(Answer(headers=JSON), 502, "provider:lab"),
    "half a body": Case(Answer(headers=JSON, body=b'{"id": "x"}', until=4, ending="close"), 502, "broke off"),
    "a web page": Case(
        Answer(headers={"content-type": "text/html"}, body=b"<html><title>Log in</title>"), 502, "titled 'Log in'"
    ),
    "a web page that refuses": Case(HTML_ERROR, 403, "titled 'Attention Required!'"),
    "a web page of a proxy": Case(
        Answer(status=502, headers={"content-type": "text/html"}, body=b"<html><title>Bad Gateway</title>"),
        502,
        "titled 'Bad Gateway'",
    ),
    "text": Case(Answer(headers={"content-type": "text/plain"}, body=b"go away"), 502, "provider:lab"),
    "JSON of another kind": Case(Answer(headers=JSON, body=b'["no", "answer"]'), 502, "provider:lab"),
    "broken JSON": Case(Answer(headers=JSON, body=b'{"id": "msg_1", "content": ['), 502, "provider:lab"),
    "binary garbage": Case(Answer(headers=JSON, body=bytes(range(256)) * 9), 502, "provider:lab"),
    "garbage for HTTP": Case(Answer(raw=True, body=b"\x16\x03\x01garbage\r\n\r\n", ending="close"), 502, "127.0.0.1"),
    "a redirect": Case(Answer(status=302, headers={"location": "/"}), 400, "redirects are not followed"),
    "garbage for a stream": Case(
        Answer(stream=True, headers=SSE, body=b"event: what\ndata: {{{{\n\n"), 502, "provider:lab"
    ),
}


@WAYS
async def test_it_is_said_with_the_right_status(tmp_path: Path, client: str, dialect: str, stream: bool) -> None:
    cases = list(CASES.items())
    quick = "idle_timeout = 0.3\n[retries]\nmax = 0"
    async with (
        Provider(lambda request: cases[number_in(request)][1].step) as provider,
        Running(tmp_path, settings(provider.base_url(dialect), quick)) as gateway,
    ):
        for number, (name, case) in enumerate(cases):
            heard = await ask(gateway, client, stream, number)
            assert gateway.journal.latest[-1].outcome not in ("ok", "cancelled"), name
            if heard.status == 200:
                # Passed through, the client gets what came of a stream before it is clear that it is none.
                assert client == dialect and stream and name == "garbage for a stream"
                assert not heard.whole or b'"error"' in heard.body
                continue
            assert heard.status == case.status, (name, heard)
            assert case.words in refused(heard, client), name


@WAYS
async def test_refused_connections(tmp_path: Path, client: str, dialect: str, stream: bool) -> None:
    async with Provider() as provider:
        gone = settings(provider.base_url(dialect))
    async with Running(tmp_path, gone) as gateway:
        heard = await ask(gateway, client, stream)
    assert heard.status == 502
    assert "Cannot connect to 127.0.0.1" in refused(heard, client)
    assert heard.headers["x-should-retry"] == "true"


ERRORS = {
    400: ("invalid_request_error", 400),
    401: ("authentication_error", 403),
    403: ("permission_error", 403),
    404: ("not_found_error", 404),
    429: ("rate_limit_error", 429),
    500: ("api_error", 502),
    503: ("overloaded_error", 529),
}
"""A provider's status -> its type in the Messages API, and the status of a converted answer."""


@WAYS
async def test_errors_of_the_provider(tmp_path: Path, client: str, dialect: str, stream: bool) -> None:
    def words(status: int) -> tuple[int, bytes]:
        kind = ERRORS[status][0]
        said = f"their words {status}"
        return anthropic_error(status, kind, said) if dialect == "anthropic" else chat_error(status, said)

    def script(request: Received) -> Answer:
        return error(*words(number_in(request)), retry_after="17")

    async with Provider(script) as provider, Running(tmp_path, settings(provider.base_url(dialect))) as gateway:
        for status, (kind, converted) in ERRORS.items():
            heard = await ask(gateway, client, stream, status)
            assert gateway.journal.latest[-1].outcome != "ok"
            assert f"their words {status}" in refused(heard, client)
            if client == dialect:
                assert heard.status == (403 if status == 401 else status)
                assert heard.body == words(status)[1], "passed through untouched"
            else:
                assert heard.status == converted
                if client == "anthropic":
                    assert heard.json["error"]["type"] == ("permission_error" if status == 401 else kind)
            if status == 429:
                assert heard.headers["retry-after"] == "17"


# -- streams in any cut ------------------------------------------------------------------------------------------------


@PAIRS
async def test_events_in_any_cut_give_the_same_answer(tmp_path: Path, client: str, dialect: str) -> None:
    chosen = random.Random(17)
    size = len(STREAMS[dialect])
    cuts: list[tuple[int, ...]] = [(size,), (1,), (2,), (3,), (1, 7, 2, 64), (500,)]
    cuts += [tuple(chosen.randint(1, 40) for _ in range(80)) for _ in range(6)]

    def script(request: Received) -> Answer:
        return Answer(stream=True, headers=SSE, body=STREAMS[dialect], cuts=cuts[number_in(request)])

    async with Provider(script) as provider, Running(tmp_path, settings(provider.base_url(dialect))) as gateway:
        for number in range(len(cuts)):
            heard = await ask(gateway, client, True, number)
            assert heard.whole
            said = HEAR[client](heard.body)
            assert (said.text, said.error, said.ended) == (TEXT, "", True)
            assert [call[1] for call in said.calls] == ["Read", "Edit"]
            assert said.finish in ("tool_use", "tool_calls")
        whole = await ask(gateway, client, True, 0)
        if client == dialect:
            assert whole.body == STREAMS[dialect]


@PAIRS
@pytest.mark.parametrize("ending", ["close", "reset", "whole"])
async def test_p9_p13_a_stream_cut_at_any_byte_is_no_success(
    tmp_path: Path, client: str, dialect: str, ending: Any
) -> None:
    stream = STREAMS[dialect]

    def script(request: Received) -> Answer:
        return Answer(stream=True, headers=SSE, body=stream, until=number_in(request), ending=ending)

    gate = asyncio.Semaphore(16)
    async with Provider(script) as provider, Running(tmp_path, settings(provider.base_url(dialect))) as gateway:

        async def cut_at(place: int) -> None:
            async with gate:
                check_cut(await ask(gateway, client, True, place), client, dialect, stream[:place])

        step = 1 if ending == "whole" else 7
        await asyncio.gather(*(cut_at(place) for place in range(1, len(stream), step)))


def check_cut(heard: Heard, client: str, dialect: str, came: bytes) -> None:
    """Nobody can take the answer for a whole one, unless all of it had come."""
    if heard.status != 200:
        assert heard.status == 502
        refused(heard, client)
        return
    if not heard.whole:
        assert client == dialect, "a converted stream says it in the stream"
        assert LAST[client] not in heard.body
        return
    finished = re.search(rb'"(stop|finish)_reason": ?"tool_', came) is not None
    if client == dialect and finished and b'"error"' not in heard.body:
        return  # only the last frames are missing
    said = HEAR[client](heard.body)
    if said.error:
        assert TEXT.startswith(said.text)
        return
    assert finished, f"a success after {len(came)} bytes"
    assert said.text == TEXT and [call[1] for call in said.calls] == ["Read", "Edit"]


LAST = {"anthropic": b'data: {"type":"message_stop"}\n\n', "openai_chat": b"data: [DONE]\n\n"}


@PAIRS
@pytest.mark.parametrize("ending", ["close", "reset"])
async def test_a_whole_answer_cut_at_any_byte_is_an_error(
    tmp_path: Path, client: str, dialect: str, ending: Any
) -> None:
    whole = WHOLES[dialect]

    def script(request: Received) -> Answer:
        return Answer(headers=JSON, body=whole, until=number_in(request), ending=ending)

    async with Provider(script) as provider, Running(tmp_path, settings(provider.base_url(dialect))) as gateway:
        for place in range(0, len(whole), 7):
            heard = await ask(gateway, client, False, place)
            assert heard.status == 502
            assert "broke off" in refused(heard, client)
