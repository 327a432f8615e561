"""`count_tokens`: exact for local models, the provider's own where it counts, else an estimate that learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.local import local
from tests.fakes.provider import HTML_ERROR, JSON, Answer, Provider, Reply, Tokens, anthropic_error, error
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

COUNT = "/anthropic/v1/messages/count_tokens?beta=true"
TOOL = {"name": "Read", "description": "Reads a file. " * 40, "input_schema": {"type": "object", "properties": {}}}
ASK: dict[str, Any] = {"model": "lab/m", "messages": [{"role": "user", "content": "one two three " * 40}]}


def settings(provider: Provider, dialect: str) -> str:
    return f"""
        [providers.lab]
        dialect = "{dialect}"
        base_url = "{provider.base_url(dialect)}"
        api_key = "secret"
        models = ["m"]
    """


class Counting(Provider):
    """A provider whose `count_tokens` answers as told."""

    def __init__(self, counts: Answer) -> None:
        super().__init__()
        self.counts = counts

    def answer(self, request: Any) -> Answer:
        answer = super().answer(request)
        return self.counts if request.path.endswith("/count_tokens") else answer


async def test_p74_a_local_model_counts_exactly(tmp_path: Path) -> None:
    async with local(tmp_path, m="") as gateway:
        ask = {**ASK, "model": "m", "system": "Be brief.", "tools": [TOOL]}
        reply = await gateway.post(COUNT, ask)
        assert (reply.status, reply.headers["x-landbridge-count"]) == (200, "exact")
        answer = await gateway.post("/anthropic/v1/messages", {**ask, "max_tokens": 2})
        usage = answer.json["usage"]
        assert reply.json == {"input_tokens": usage["input_tokens"] + (usage["cache_read_input_tokens"] or 0)}


async def test_counting_does_not_wait_for_an_answer_under_way(tmp_path: Path) -> None:
    async with local(tmp_path, m="--token-delay 0.2 --answer-tokens 9999") as gateway:
        ask = {**ASK, "model": "m", "max_tokens": 9999, "stream": True}
        async with gateway.session.post(gateway.url + "/v1/messages", json=ask) as answer:
            await answer.content.readuntil(b"content_block_delta")
            reply = await gateway.post(COUNT, {**ASK, "model": "m"})
            assert reply.status == 200


async def test_p74_the_provider_counts_itself(tmp_path: Path) -> None:
    own = Answer(headers=JSON, body=b'{"input_tokens": 41, "more": {"a": 1.0}}')
    async with Counting(own) as provider, Running(tmp_path, settings(provider, "anthropic")) as gateway:
        reply = await gateway.post(COUNT, ASK, {"anthropic-beta": "token-counting-2024-11-01", "x-api-key": "mine"})
        (asked,) = provider.others
    assert (reply.status, reply.headers["x-landbridge-count"]) == (200, "provider")
    assert reply.body == own.body, "as it came"
    assert asked.json == {**ASK, "model": "m"}
    assert asked.headers["anthropic-beta"] == "token-counting-2024-11-01"
    assert asked.headers["x-api-key"] == "secret"


@pytest.mark.parametrize(
    "counts",
    [
        error(404, b"{}"),
        Answer(status=405),
        error(501, b"{}"),
        Answer(headers=JSON, body=b"<html>"),
        Answer(body=b"{}"),
    ],
)
async def test_a_provider_that_does_not_count_is_estimated_for(tmp_path: Path, counts: Answer) -> None:
    async with Counting(counts) as provider, Running(tmp_path, settings(provider, "anthropic")) as gateway:
        reply = await gateway.post(COUNT, ASK)
    assert (reply.status, reply.headers["x-landbridge-count"]) == (200, "estimated")
    assert 100 < reply.json["input_tokens"] < 300


@pytest.mark.parametrize(
    ("counts", "status", "words"),
    [
        (error(*anthropic_error(401, "authentication_error", "bad key")), 403, "refused its API key"),
        (error(*anthropic_error(429, "rate_limit_error", "slow down"), retry_after="9"), 429, "slow down"),
        (error(*anthropic_error(529, "overloaded_error", "busy")), 529, "busy"),
        (HTML_ERROR, 403, "Attention Required!"),
        (Answer(body=b"{}", until=1, ending="reset"), 502, "broke off"),
    ],
)
async def test_refusals_of_the_provider(tmp_path: Path, counts: Answer, status: int, words: str) -> None:
    async with Counting(counts) as provider, Running(tmp_path, settings(provider, "anthropic")) as gateway:
        reply = await gateway.post(COUNT, ASK)
    assert reply.status == status
    assert reply.json["type"] == "error"
    assert words in reply.json["error"]["message"]
    assert reply.headers.get("retry-after") == ("9" if status == 429 else None)


async def test_p75_system_and_tools_count(tmp_path: Path) -> None:
    async with Provider() as provider, Running(tmp_path, settings(provider, "openai_chat")) as gateway:
        plain = (await gateway.post(COUNT, ASK)).json["input_tokens"]
        for more in ({"system": "s" * 3600}, {"tools": [{**TOOL, "description": "d" * 3600}]}):
            assert (await gateway.post(COUNT, {**ASK, **more})).json["input_tokens"] > plain + 900


@pytest.mark.parametrize("stream", [True, False])
async def test_p75_estimates_learn_from_real_usage(tmp_path: Path, stream: bool) -> None:
    script = Reply(text="a", usage=Tokens(prompt=321, output=1))
    async with Provider(script) as provider, Running(tmp_path, settings(provider, "openai_chat")) as gateway:
        before = (await gateway.post(COUNT, ASK)).json["input_tokens"]
        assert before != 321
        for _ in range(3):
            await gateway.post("/v1/messages", {**ASK, "max_tokens": 5, "stream": stream})
        reply = await gateway.post(COUNT, ASK)
    assert reply.headers["x-landbridge-count"] == "estimated"
    assert abs(reply.json["input_tokens"] - 321) <= 2


async def test_nothing_is_learnt_from_a_provider_that_reports_no_usage(tmp_path: Path) -> None:
    silent = Answer(headers=JSON, body=b'{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}')
    async with Provider(silent) as provider, Running(tmp_path, settings(provider, "openai_chat")) as gateway:
        before = (await gateway.post(COUNT, ASK)).json
        answer = await gateway.post("/v1/messages", {**ASK, "max_tokens": 5})
        assert answer.json["usage"]["input_tokens"] == before["input_tokens"], "the same estimate"
        assert (await gateway.post(COUNT, ASK)).json == before


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"{", 400, "invalid_request_error"),
        (b'{"model": "lab/m", "messages": 5}', 400, "invalid_request_error"),
        (b'{"model": "nobody/has-it", "messages": []}', 404, "not_found_error"),
    ],
)
async def test_what_cannot_be_counted_is_refused(tmp_path: Path, body: bytes, status: int, kind: str) -> None:
    async with Provider() as provider, Running(tmp_path, settings(provider, "openai_chat")) as gateway:
        reply = await gateway.post(COUNT, body)
    assert (reply.status, reply.json["error"]["type"]) == (status, kind)


async def test_p36_tools_that_make_no_grammar_are_counted_all_the_same(tmp_path: Path) -> None:
    odd = {"type": "object", "properties": {"a": {"$ref": "#/$defs/none"}}}
    ask = {**ASK, "model": "m"}
    async with local(tmp_path, m="") as gateway:
        plain = await gateway.post(COUNT, ask)
        counted = await gateway.post(COUNT, {**ask, "tools": [{"name": "odd", "input_schema": odd}]})
    assert (plain.status, counted.status) == (200, 200)
    assert counted.headers["x-landbridge-count"] == "exact"
    assert counted.json["input_tokens"] > plain.json["input_tokens"]


async def test_names_are_those_of_the_client_s_view_and_a_list_is_counted_for_its_first_model(tmp_path: Path) -> None:
    chain = '[aliases]\nfast = ["lab/m", "gone"]\n[views.codex]\nown = "lab/m"\n'
    counting = Counting(error(*anthropic_error(529, "overloaded_error", "busy")))
    async with (
        counting as provider,
        Running(tmp_path, chain + settings(provider, "anthropic")) as gateway,
    ):
        alone = await gateway.post(COUNT, ASK)
        assert alone.status == 529
        reply = await gateway.post(COUNT, {**ASK, "model": "fast"})
        assert (reply.status, reply.headers["x-landbridge-count"]) == (200, "estimated"), "others could answer"
        counting.counts = Answer(headers=JSON, body=b'{"input_tokens":7}')
        assert (await gateway.post(COUNT, {**ASK, "model": "fast"})).json == {"input_tokens": 7}
        own = {**ASK, "model": "own"}
        assert (await gateway.post(COUNT, own)).status == 404
        assert (await gateway.post(COUNT, own, {"user-agent": "codex/1"})).json == {"input_tokens": 7}
