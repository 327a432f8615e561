"""What is said is kept on both sides, word for word and without secrets; off, nothing is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landbridge.config import StoreSettings
from landbridge.gateway.capture import Capture
from landbridge.store.bodies import Bodies, pack
from landbridge.store.queue import Queue
from tests.fakes.provider import Answer, Provider, Reply, chat_error, error
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

ASK: dict[str, Any] = {"model": "lab/m", "max_tokens": 50, "messages": [{"role": "user", "content": "Hi 안녕"}]}
MESSAGES = "/anthropic/v1/messages?beta=true"


def running(folder: Path, provider: Provider, dialect: str, queue: Queue, most: int = 10**6) -> Running:
    settings = f"""
        [providers.lab]
        dialect = "{dialect}"
        base_url = "{provider.base_url(dialect)}"
        api_key = "hush-provider"
        models = ["m"]
    """
    found = Running(folder, settings)
    found.gateway.capture = Capture(queue, lambda: StoreSettings(bodies=True, body_max_bytes=most))
    return found


def said(gateway: Running) -> Bodies:
    found = gateway.journal.latest[-1].bodies
    assert found is not None
    return found.bodies()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic"])
async def test_both_sides_are_kept_as_they_were(tmp_path: Path, dialect: str, stream: bool) -> None:
    async with Provider(Reply(text="안녕하세요")) as provider, running(tmp_path, provider, dialect, Queue()) as gateway:
        secret = {"x-api-key": "hush-client", "anthropic-version": "2023-06-01"}
        reply = await gateway.post(MESSAGES, {**ASK, "stream": stream}, headers=secret)
        found = said(gateway)
        [round] = found.rounds
        assert (found.dialect, found.status, found.answer, found.cut) == ("anthropic", 200, reply.body, 0)
        assert found.request.decode().startswith('{"model": "lab/m"')
        assert round.url == provider.base_url(dialect) + {"openai_chat": "/chat/completions"}.get(
            dialect, "/v1/messages"
        )
        assert (round.sent, round.status) == (provider.requests[0].body, 200)
        assert "안녕하세요" in round.received.decode()
        assert found.headers["anthropic-version"] == "2023-06-01"
        assert b"hush" not in pack(found)
        assert "hush" not in repr(found)


async def test_an_error_is_kept_without_the_key_that_it_repeats(tmp_path: Path) -> None:
    _, words = chat_error(401, "Incorrect API key provided: hush-provider")
    refusal = error(401, words)
    async with Provider(refusal) as provider, running(tmp_path, provider, "openai_chat", Queue()) as gateway:
        reply = await gateway.post(MESSAGES, ASK)
        found = said(gateway)
        assert (found.status, found.answer) == (403, reply.body)
        assert found.rounds[0].status == 401
        assert b"Incorrect API key" in found.rounds[0].received
        assert "hush" not in repr(found)


async def test_a_provider_that_does_not_answer_has_been_asked(tmp_path: Path) -> None:
    async with Provider() as provider:
        gateway = running(tmp_path, provider, "openai_chat", Queue())
    async with gateway:
        assert (await gateway.post(MESSAGES, ASK)).status == 502
        for round in said(gateway).rounds:
            assert b"Hi" in round.sent
            assert (round.status, round.received) == (0, b"")
        assert said(gateway).rounds


async def test_a_request_that_nobody_understands_is_kept_with_its_refusal(tmp_path: Path) -> None:
    async with Provider() as provider, running(tmp_path, provider, "openai_chat", Queue()) as gateway:
        reply = await gateway.post(MESSAGES, b"{nonsense")
        found = said(gateway)
        assert (found.request, found.answer, found.status, found.rounds) == (b"{nonsense", reply.body, 400, [])


async def test_an_answer_that_breaks_off_is_kept_as_far_as_it_came(tmp_path: Path) -> None:
    cut = Answer(
        headers={"content-type": "text/event-stream"}, body=b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'
    )
    async with Provider(cut) as provider, running(tmp_path, provider, "openai_chat", Queue()) as gateway:
        reply = await gateway.post(MESSAGES, {**ASK, "stream": True})
        found = said(gateway)
        assert found.rounds[0].received == cut.body
        assert found.answer == reply.body


async def test_a_bound_holds_for_all_of_it(tmp_path: Path) -> None:
    async with (
        Provider(Reply(text="x" * 1000)) as provider,
        running(tmp_path, provider, "openai_chat", Queue(), most=300) as gateway,
    ):
        reply = await gateway.post(MESSAGES, ASK)
        assert len(reply.body) > 1000, "the client gets all of it"
        found = said(gateway)
        kept = len(found.request) + len(found.answer) + sum(len(each.sent + each.received) for each in found.rounds)
        assert kept == 300
        assert found.cut > 1000


async def test_nothing_more_is_kept_while_too_much_waits(tmp_path: Path) -> None:
    queue = Queue(body_bytes=0)
    async with Provider() as provider, running(tmp_path, provider, "openai_chat", queue) as gateway:
        assert (await gateway.post(MESSAGES, ASK)).status == 200
        assert gateway.journal.latest[-1].bodies is None


async def test_the_url_s_part_of_a_gemini_request_is_kept_without_its_key(tmp_path: Path) -> None:
    async with Provider() as provider, running(tmp_path, provider, "openai_chat", Queue()) as gateway:
        path = "/v1beta/models/lab/m:streamGenerateContent?alt=sse&key=hush"
        await gateway.post(path, {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]})
        found = said(gateway)
        assert (found.model, found.stream, found.status) == ("lab/m", True, 200)
        assert "hush" not in repr(found)


async def test_off_nothing_is_kept(tmp_path: Path) -> None:
    async with Provider() as provider, running(tmp_path, provider, "openai_chat", Queue()) as gateway:
        gateway.gateway.capture = None
        await gateway.post(MESSAGES, ASK)
        assert gateway.journal.latest[-1].bodies is None
