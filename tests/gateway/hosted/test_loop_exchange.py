"""Searches through the whole gateway: one answer for the client, however often the model was asked."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest

from tests.fakes.caller import Caller, post
from tests.fakes.provider import Agent, Answer, Received, Reply, Tokens, chat_error
from tests.fakes.search import KEY
from tests.gateway.hosted.setting import (
    ASK,
    FINAL,
    READ,
    SEARCH,
    Setting,
    ask,
    read,
    searching,
    streams,
    types,
)
from tests.laws.clients import hear_anthropic

pytestmark = [pytest.mark.anyio, pytest.mark.io]


@streams
async def test_a_search_is_run_and_answered(tmp_path: Path, stream: bool) -> None:
    async with Setting(tmp_path, searching("cats")) as setting:
        message = await setting.message(ask(stream=stream))
        assert types(message) == ["text", "server_tool_use", "web_search_tool_result", "text"]
        said, use, result, final = message["content"]
        assert (said["text"], final["text"], message["stop_reason"]) == ("I look.", "It is A.", "end_turn")
        assert use["name"] == "web_search" and use["input"] == {"query": "cats"}
        assert use["id"].startswith("srvtoolu_") and result["tool_use_id"] == use["id"]
        assert [each["url"] for each in result["content"]] == ["https://a.example/x", "https://b.example/"]
        assert message["usage"]["server_tool_use"] == {"web_search_requests": 1, "web_fetch_requests": 0}
        assert (message["usage"]["input_tokens"], message["usage"]["output_tokens"]) == (200, 10)
        assert setting.search.queries == ["cats"]
        first, second = (request.json for request in setting.provider.requests)
        assert [tool["function"]["name"] for tool in first["tools"]] == ["web_search"]
        assert second["messages"][: len(first["messages"])] == first["messages"], "the prompt grows at its end (P80)"
        assert second["tools"] == first["tools"]
        called, told = second["messages"][len(first["messages"]) :]
        assert called["content"] == "I look."
        assert called["tool_calls"][0]["function"] == {"name": "web_search", "arguments": '{"query": "cats"}'}
        assert "said this" in told["content"] and "https://b.example/" in told["content"]
        record = setting.gateway.journal.latest[0]
        assert (record.outcome, record.losses, record.usage.searches) == ("ok", (), 1)
        assert KEY not in record.line()


@streams
async def test_web_search_blocks_mirrored_by_the_client_are_the_model_s_own_history(
    tmp_path: Path, stream: bool
) -> None:
    """What the client sends back gives the very prompt the model was asked with (P43, P80)."""
    async with Setting(tmp_path, searching("cats")) as setting:
        message = await setting.message(ask(stream=stream))
        history = [*ASK["messages"], {"role": "assistant", "content": message["content"]}, ASK["messages"][0]]
        again = await setting.gateway.post("/v1/messages", ask(messages=history))
        assert again.status == 200
        assert again.headers["x-landbridge-losses"] == "0"
        before, after = setting.provider.requests[1].json, setting.provider.requests[2].json
        assert after["messages"][: len(before["messages"])] == before["messages"]
        assert after["messages"][len(before["messages"])] == {"role": "assistant", "content": "It is A."}


@streams
async def test_searches_one_after_the_other_add_up(tmp_path: Path, stream: bool) -> None:
    async with Setting(tmp_path, searching("one", "two", "three")) as setting:
        message = await setting.message(ask(stream=stream))
        assert types(message) == ["text", "server_tool_use", "web_search_tool_result"] * 3 + ["text"]
        assert message["usage"]["server_tool_use"]["web_search_requests"] == 3
        assert (message["usage"]["input_tokens"], message["usage"]["output_tokens"]) == (400, 20)
        assert setting.search.queries == ["one", "two", "three"]


@streams
async def test_searches_at_once_are_run_together(tmp_path: Path, stream: bool) -> None:
    calls = tuple(("web_search", {"query": f"q{number}"}) for number in range(3))
    model = Agent(steps=(calls,), final="Done.", says="")
    slow = Answer(wait=0.4, headers={"content-type": "application/json"}, body=b'{"web":{"results":[]}}')
    async with Setting(tmp_path, model, answer=slow) as setting:
        began = time.monotonic()
        message = await setting.message(ask(stream=stream))
        assert time.monotonic() - began < 1.1, "not one after the other"
        assert types(message) == ["server_tool_use"] * 3 + ["web_search_tool_result"] * 3 + ["text"]
        ids = [block["id"] for block in message["content"][:3]]
        assert [block["tool_use_id"] for block in message["content"][3:6]] == ids
        assert len(set(ids)) == 3
        assert sorted(setting.search.queries) == ["q0", "q1", "q2"]
        roles = [turn["role"] for turn in setting.provider.requests[1].json["messages"]]
        assert roles == ["user", "assistant", "tool", "tool", "tool"]


@streams
async def test_a_call_of_the_client_s_ends_the_answer_and_ours_is_run_before(tmp_path: Path, stream: bool) -> None:
    steps = ((("web_search", {"query": "cats"}), ("Read", {"path": "/a"})),)
    async with Setting(tmp_path, Agent(steps=steps, says="Both.", final="Done.")) as setting:
        message = await setting.message(ask(SEARCH, READ, stream=stream))
        assert types(message) == ["text", "server_tool_use", "tool_use", "web_search_tool_result"]
        assert message["stop_reason"] == "tool_use"
        assert message["usage"]["server_tool_use"]["web_search_requests"] == 1
        assert len(setting.provider.requests) == 1
        results = [{"type": "tool_result", "tool_use_id": message["content"][2]["id"], "content": "file"}]
        history = [
            *ASK["messages"],
            {"role": "assistant", "content": message["content"]},
            {"role": "user", "content": results},
        ]
        final = await setting.message(ask(SEARCH, READ, stream=stream, messages=history))
        assert final["content"][0]["text"] == "Done."
        sent = setting.provider.requests[1].json["messages"]
        assert [turn["role"] for turn in sent] == ["user", "assistant", "tool", "tool"]
        assert [call["function"]["name"] for call in sent[1]["tool_calls"]] == ["web_search", "Read"]
        assert "said this" in sent[2]["content"] and sent[3]["content"] == "file"


@streams
async def test_a_client_s_tool_alone_is_the_client_s(tmp_path: Path, stream: bool) -> None:
    async with Setting(tmp_path, Agent(steps=((("Read", {"path": "/a"}),),))) as setting:
        message = await setting.message(ask(SEARCH, READ, stream=stream))
        assert types(message) == ["text", "tool_use"]
        assert "server_tool_use" not in message["usage"]


def for_ever(request: Received) -> Reply:
    """A model that searches as long as it may, and even where it may not."""
    return Reply(text="", tools=(("web_search", {"query": "more"}),), usage=Tokens(10, 1))


@streams
@pytest.mark.parametrize(("most", "searches"), [(2, 2), (0, 0), (None, 9)])
async def test_a_model_that_searches_for_ever_comes_to_an_end(
    tmp_path: Path, stream: bool, most: int | None, searches: int
) -> None:
    async with Setting(tmp_path, for_ever) as setting:
        message = await setting.message(ask({**SEARCH, "max_uses": most}, stream=stream))
        assert len(setting.search.requests) == searches
        results = [block["content"] for block in message["content"] if block["type"] == "web_search_tool_result"]
        assert sum(isinstance(content, list) for content in results) == searches
        refused = {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"}
        assert results[searches:] and all(content == refused for content in results[searches:])
        assert message["stop_reason"] == "end_turn"
        last = setting.provider.requests[-1].json
        assert last["tool_choice"] == "none"
        assert last["tools"] == setting.provider.requests[0].json["tools"], "the prompt keeps its prefix"
        assert len(setting.provider.requests) <= 10


@streams
async def test_one_that_stops_when_told_so_answers(tmp_path: Path, stream: bool) -> None:
    def model(request: Received) -> Reply:
        return FINAL if request.json.get("tool_choice") == "none" else for_ever(request)

    async with Setting(tmp_path, model) as setting:
        message = await setting.message(ask({**SEARCH, "max_uses": 1}, stream=stream))
        assert message["content"][-1] == {"type": "text", "text": "It is A."}
        assert message["usage"]["server_tool_use"]["web_search_requests"] == 1


@streams
async def test_a_model_that_must_search_must_only_once(tmp_path: Path, stream: bool) -> None:
    async with Setting(tmp_path, searching("cats")) as setting:
        await setting.message(ask(stream=stream, tool_choice={"type": "tool", "name": "web_search"}))
        first, second = (request.json for request in setting.provider.requests)
        assert first["tool_choice"] == {"type": "function", "function": {"name": "web_search"}}
        assert second["tool_choice"] == "auto"


FAULTS: list[tuple[Answer, str, str]] = [
    (Answer(status=429), "too_many_requests", "no more requests"),
    (Answer(status=500), "unavailable", "status 500"),
    (Answer(status=401), "unavailable", "did not accept its key"),
    (Answer(status=400), "invalid_tool_input", "refused the query"),
    (Answer(status=414), "query_too_long", "too long"),
    (Answer(headers={"content-type": "text/html"}, body=b"<html>"), "unavailable", "cannot be read"),
    (Answer(wait=30), "unavailable", "did not answer within 0.3 s"),
    (Answer(raw=True, body=b"", ending="reset"), "unavailable", "broke off"),
]


@streams
@pytest.mark.parametrize(("answer", "code", "words"), FAULTS)
async def test_a_search_that_fails_is_said_to_both(
    tmp_path: Path, stream: bool, answer: Answer, code: str, words: str
) -> None:
    async with Setting(
        tmp_path, searching("cats", then="I could not."), answer=answer, more="timeout = 0.3"
    ) as setting:
        message = await setting.message(ask(stream=stream))
        assert message["content"][2]["content"] == {"type": "web_search_tool_result_error", "error_code": code}
        assert message["content"][3]["text"] == "I could not."
        assert "server_tool_use" not in message["usage"], "what failed is not counted"
        told = setting.provider.requests[1].json["messages"][-1]
        assert told["role"] == "tool" and words in told["content"]
        assert KEY not in json.dumps(message) + setting.provider.requests[1].body.decode()


@streams
@pytest.mark.parametrize(
    ("arguments", "code"),
    [({"query": "x" * 401}, "query_too_long"), ({"q": "cats"}, "invalid_tool_input"), ({}, "invalid_tool_input")],
)
async def test_a_call_that_cannot_be_run_is_a_fault(
    tmp_path: Path, stream: bool, arguments: dict[str, str], code: str
) -> None:
    async with Setting(tmp_path, Agent(steps=((("web_search", arguments),),), final="Oh.")) as setting:
        message = await setting.message(ask(stream=stream))
        assert message["content"][2]["content"] == {"type": "web_search_tool_result_error", "error_code": code}
        assert message["content"][3]["text"] == "Oh."
        assert setting.search.requests == []


@streams
async def test_half_a_call_at_the_limit_is_none(tmp_path: Path, stream: bool) -> None:
    """An answer that ends for its length ends so; nothing is made up of what came."""

    def model(request: Received) -> Answer:
        whole = Reply(text="I look.", tools=(("web_search", {"query": "a long question"}),), finish="length", piece=400)
        answer = whole.answer(request, 1)
        return Answer(
            headers=answer.headers,
            stream=answer.stream,
            body=answer.body.replace(b'a long question\\"}', b"a long que"),
        )

    async with Setting(tmp_path, model) as setting:
        message = await setting.message(ask(stream=stream))
        assert types(message) == ["text"]
        assert message["stop_reason"] == "max_tokens"
        assert setting.search.requests == []


# -- the stream --------------------------------------------------------------------------------------------------------

SOON = "\n[server]\nearly_after = 0.05\nping_every = 0.1\n"


async def test_a_stream_lives_while_a_search_runs(tmp_path: Path) -> None:
    slow = Answer(wait=0.6, headers={"content-type": "application/json"}, body=b'{"web":{"results":[]}}')
    async with Setting(tmp_path, searching("cats"), answer=slow, more=SOON) as setting:
        async with Caller(setting.gateway.url) as caller:
            await caller.send(post("/v1/messages", ask(stream=True)))
            await caller.read_to(b'{\\"query\\": \\"cats\\"}')
            assert b"web_search_tool_result" not in caller.raw
            heard = await caller.listen()
        before, _, _ = heard.body.partition(b"web_search_tool_result")
        _, _, during = before.partition(b"server_tool_use")
        assert during.count(b"event: ping") >= 3
        assert hear_anthropic(heard.body).text == "I look.It is A."


@streams
async def test_who_leaves_stops_the_search(tmp_path: Path, stream: bool) -> None:
    async with Setting(tmp_path, searching("cats"), answer=Answer(wait=30)) as setting:
        async with Caller(setting.gateway.url) as caller:
            await caller.send(post("/v1/messages", ask(stream=stream)))
            async with asyncio.timeout(5):
                while not setting.search.requests:
                    await asyncio.sleep(0.01)
        left = await setting.search.requests[0].left(2.0)
        assert left
        async with asyncio.timeout(5):
            while not setting.gateway.journal.latest:
                await asyncio.sleep(0.01)
        assert setting.gateway.journal.latest[0].outcome == "cancelled"
        assert len(setting.provider.requests) == 1


@streams
async def test_a_model_that_fails_after_a_search_fails_the_answer(tmp_path: Path, stream: bool) -> None:
    script = [searching("cats"), Answer(status=500, body=chat_error(500, "boom")[1])]
    async with Setting(tmp_path, script) as setting:
        reply = await setting.gateway.post("/v1/messages", ask(stream=stream))
        if not stream:
            assert reply.status >= 500 and "boom" in reply.json["error"]["message"]
            return
        message = read(reply.body, stream)
        assert "boom" in message["error"] and not message["stop_reason"]
        assert types(message)[-1] == "web_search_tool_result"
        assert setting.gateway.journal.latest[0].outcome == "provider"
