"""One call's way: routed, planned, answered, recorded; every error in the client's dialect with the right status."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.caller import Caller, post
from tests.fakes.local import local
from tests.fakes.provider import HTML_ERROR, Answer, Provider, Reply, chat_error, chat_stream, error
from tests.fakes.running import Running

pytestmark = [pytest.mark.anyio, pytest.mark.io]

ASK: dict[str, Any] = {"model": "lab/m", "max_tokens": 50, "messages": [{"role": "user", "content": "Hi 안녕"}]}
MESSAGES = "/anthropic/v1/messages?beta=true"
CHAT = "/v1/chat/completions"


def settings(provider: Provider, dialect: str = "openai_chat", more: str = "") -> str:
    return f"""
        {more}
        [providers.lab]
        dialect = "{dialect}"
        base_url = "{provider.base_url(dialect)}"
        api_key = "${{LAB_KEY}}"
        models = ["m"]
    """


def running(tmp_path: Path, provider: Provider, dialect: str = "openai_chat", more: str = "") -> Running:
    return Running(tmp_path, settings(provider, dialect, more), env={"LAB_KEY": "key-of-the-lab"})


async def test_converted_whole(tmp_path: Path) -> None:
    async with Provider(Reply(text="안녕하세요")) as provider, running(tmp_path, provider) as gateway:
        reply = await gateway.post(MESSAGES, ASK)
        assert reply.status == 200
        assert reply.json["content"] == [{"type": "text", "text": "안녕하세요"}]
        assert reply.json["model"] == "lab/m"
        assert reply.headers["x-landbridge-path"] == "converted"
        sent = provider.requests[0]
        assert sent.json["messages"] == [{"role": "user", "content": "Hi 안녕"}]
        assert sent.headers["authorization"] == "Bearer key-of-the-lab"
        record = gateway.journal.latest[0]
        assert (record.outcome, record.status, record.target, record.usage.output) == ("ok", 200, "lab/m", 7)


async def test_converted_stream(tmp_path: Path) -> None:
    async with Provider(Reply(text="안녕하세요")) as provider, running(tmp_path, provider) as gateway:
        reply = await gateway.post(MESSAGES, {**ASK, "stream": True})
        assert reply.headers["content-type"].startswith("text/event-stream")
        assert reply.headers["x-accel-buffering"] == "no"
        assert "content-encoding" not in reply.headers
        assert reply.body.startswith(b"event: message_start\n")
        assert reply.body.endswith(b'data: {"type":"message_stop"}\n\n')


async def test_message_ids_are_never_repeated(tmp_path: Path) -> None:
    same = Answer(
        headers={"content-type": "application/json"}, body=b'{"id":"one","choices":[{"message":{"content":"a"}}]}'
    )
    async with Provider(same) as provider, running(tmp_path, provider) as gateway:
        ids = {(await gateway.post(MESSAGES, ASK)).json["id"] for _ in range(5)}
    assert len(ids) == 5


async def test_p72_the_model_s_own_arguments_go_back(tmp_path: Path) -> None:
    script = [Reply(tools=(("Edit", '{"new": "b", "file": "a"}'),)), Reply(text="done")]
    async with Provider(script) as provider, running(tmp_path, provider) as gateway:
        tools = [{"name": "Edit", "input_schema": {"type": "object"}}]
        first = await gateway.post(MESSAGES, {**ASK, "tools": tools})
        call = first.json["content"][0]
        changed = {**call, "input": {"replace_all": False, "file": "a", "new": "b"}}
        history = [
            *ASK["messages"],
            {"role": "assistant", "content": [changed]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call["id"], "content": "ok"}]},
        ]
        await gateway.post(MESSAGES, {**ASK, "tools": tools, "messages": history})
        sent = provider.requests[1].json["messages"][1]["tool_calls"][0]["function"]["arguments"]
    assert sent == '{"new": "b", "file": "a"}'


async def test_p77_the_attribution_block_reaches_nobody_but_anthropic(tmp_path: Path) -> None:
    system = [
        {"type": "text", "text": "x-anthropic-billing-header: cc_version=1;"},
        {"type": "text", "text": "Be brief."},
    ]
    async with Provider() as provider, running(tmp_path, provider) as gateway:
        await gateway.post(MESSAGES, {**ASK, "system": system})
        assert provider.requests[0].json["messages"][0] == {"role": "system", "content": "Be brief."}
    async with Provider() as provider, running(tmp_path, provider, "anthropic") as gateway:
        await gateway.post(MESSAGES, {**ASK, "system": system})
        assert provider.requests[0].json["system"] == system


@pytest.mark.parametrize(
    ("answer", "status", "kind", "words"),
    [
        (error(*chat_error(401, "bad key")), 403, "permission_error", "refused its API key"),
        (error(*chat_error(429, "slow down"), retry_after="7"), 429, "rate_limit_error", "slow down"),
        (error(*chat_error(500, "boom")), 502, "api_error", "boom"),
        (error(*chat_error(503, "loading")), 529, "overloaded_error", "loading"),
        (HTML_ERROR, 403, "permission_error", "web page titled 'Attention Required!'"),
        (Answer(body=b"not json", headers={"content-type": "application/json"}), 502, "api_error", "provider:lab"),
        (Answer(raw=True, body=b"garbage\r\n\r\n"), 502, "api_error", "127.0.0.1"),
        (Answer(body=b"", until=0, ending="close", headers={"content-length": "10"}), 502, "api_error", "broke off"),
    ],
)
async def test_p11_p100_upstream_errors_in_the_client_s_words(
    tmp_path: Path, answer: Answer, status: int, kind: str, words: str
) -> None:
    async with Provider(answer) as provider, running(tmp_path, provider) as gateway:
        for stream in (False, True):
            reply = await gateway.post(MESSAGES, {**ASK, "stream": stream})
            assert reply.status == status, reply.body
            assert reply.json["error"]["type"] == kind
            assert words in reply.json["error"]["message"]
            assert "key-of-the-lab" not in reply.body.decode()
        if status == 429:
            assert reply.headers["retry-after"] == "7"


async def test_p65_overflow_in_the_words_that_compact(tmp_path: Path) -> None:
    words = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."
    async with Provider(error(*chat_error(400, words))) as provider, running(tmp_path, provider) as gateway:
        reply = await gateway.post(MESSAGES, ASK)
    assert reply.status == 400
    assert reply.json["error"]["type"] == "invalid_request_error"
    assert reply.json["error"]["message"].startswith("prompt is too long: 9000 tokens > 8192 maximum")


async def test_an_upstream_that_is_not_there(tmp_path: Path) -> None:
    async with Provider() as provider:
        gone = settings(provider)
    async with Running(tmp_path, gone, env={"LAB_KEY": "k"}) as gateway:
        reply = await gateway.post(MESSAGES, ASK)
    assert reply.status == 502
    assert "Cannot connect to 127.0.0.1" in reply.json["error"]["message"]


async def test_an_unset_key_is_a_403_that_names_the_variable(tmp_path: Path) -> None:
    async with Provider() as provider, Running(tmp_path, settings(provider), env={}) as gateway:
        reply = await gateway.post(MESSAGES, ASK)
        assert reply.status == 403
        assert "LAB_KEY" in reply.json["error"]["message"]
        health = await gateway.get("/health")
        assert health.status == 503
        assert "LAB_KEY" in health.json["parts"]["provider lab"]["detail"]


async def test_p20_unknown_models_are_refused_at_once(tmp_path: Path) -> None:
    async with Provider() as provider, running(tmp_path, provider) as gateway:
        reply = await gateway.post(MESSAGES, {**ASK, "model": "lab/n", "stream": True})
        assert (reply.status, reply.json["error"]["type"]) == (404, "not_found_error")
        assert "lab/m" in reply.json["error"]["message"]
        chat = await gateway.post(CHAT, {**ASK, "model": "lab/n"})
        assert (chat.status, chat.json["error"]["code"]) == (404, "model_not_found")


@pytest.mark.parametrize(("first", "last"), [("nowhere", "lab/m"), ("lab/nothing", "lab/m"), ("other/m", "lab/m")])
@pytest.mark.parametrize("path", [MESSAGES, CHAT])
async def test_of_two_names_in_a_body_the_last_counts(tmp_path: Path, first: str, last: str, path: str) -> None:
    """Parsers take the last; the first is only where the search for a target begins."""
    body = f'{{"model":"{first}","max_tokens":5,"messages":[{{"role":"user","content":"Hi"}}],"model":"{last}"}}'
    async with Provider() as provider, Provider() as other:
        more = f'[providers.other]\ndialect = "anthropic"\nbase_url = "{other.base_url("anthropic")}"\nmodels = ["m"]'
        text = settings(provider) + more
        async with Running(tmp_path, text, env={"LAB_KEY": "key-of-the-lab"}) as gateway:
            reply = await gateway.post(path, body.encode())
            assert (reply.status, reply.json["model"]) == (200, "lab/m" if path == MESSAGES else "m")
            assert [request.json["model"] for request in provider.requests] == ["m"]
            assert not other.requests
            assert (gateway.journal.latest[0].model, gateway.journal.latest[0].target) == ("lab/m", "lab/m")


async def test_p81_every_claude_name_goes_to_the_default(tmp_path: Path) -> None:
    more = 'default_model = "lab/m"'
    async with Provider() as provider, running(tmp_path, provider, more=more) as gateway:
        for name in ("claude-haiku-4-5-20251001", "claude-opus-5-5", "claude-sonnet-9-9[1m]", "haiku"):
            assert (await gateway.post(MESSAGES, {**ASK, "model": name})).status == 200
        assert {request.json["model"] for request in provider.requests} == {"m"}


async def test_p9_a_stream_that_breaks_off_ends_in_an_error(tmp_path: Path) -> None:
    whole = Reply(text="It goes on and on.", piece=1)
    async with Provider(whole) as provider, running(tmp_path, provider) as gateway:
        size = len((await gateway.post(CHAT, {**ASK, "stream": True})).body)
    for until in (size // 3, size // 2, size - 300):
        cut = Answer(
            stream=True, headers={"content-type": "text/event-stream"}, body=_stream(), until=until, ending="reset"
        )
        async with Provider(cut) as provider, running(tmp_path, provider) as gateway:
            reply = await gateway.post(MESSAGES, {**ASK, "stream": True})
            assert b"event: error" in reply.body
            assert b"message_stop" not in reply.body
            assert gateway.journal.latest[0].outcome == "cut"


def _stream() -> bytes:
    return chat_stream(text="It goes on and on.", piece=1)


async def test_p12_one_failure_touches_nobody_else(tmp_path: Path) -> None:
    def script(request: Any) -> Answer | Reply:
        bad = "break" in request.body.decode()
        return Answer(body=b"x", until=0, ending="reset") if bad else Reply(text="fine", pace=0.01)

    async with Provider(script) as provider, running(tmp_path, provider) as gateway:
        good = {**ASK, "stream": True}
        bad = {**ASK, "messages": [{"role": "user", "content": "break"}]}
        replies = await asyncio.gather(*(gateway.post(MESSAGES, each) for each in (good, bad, good, bad, good)))
    assert [reply.status for reply in replies] == [200, 502, 200, 502, 200]
    assert all(b"message_stop" in reply.body for reply in replies[::2])


async def test_p82_a_slow_upstream_gets_early_headers_and_pings(tmp_path: Path) -> None:
    more = "[server]\nearly_after = 0.1\nping_every = 0.1\nnudge_every = 0.25"
    async with Provider(Reply(text="late", wait=0.8)) as provider, running(tmp_path, provider, more=more) as gateway:
        old = {"user-agent": "claude-cli/2.1.197 (external, cli)"}
        for headers in ({}, old):
            reply = await gateway.post(MESSAGES, {**ASK, "stream": True}, headers)
            assert reply.body.count(b"event: message_start") == 1
            assert reply.body.count(b"event: ping") >= 3
            assert (b'"text_delta","text":""' in reply.body) is bool(headers)
            assert reply.body.endswith(b'data: {"type":"message_stop"}\n\n')
            assert b'"late"' in reply.body
            assert b'"input_tokens":11' in reply.body


async def test_an_error_after_early_headers_is_an_error_event(tmp_path: Path) -> None:
    more = "[server]\nearly_after = 0.05"
    slow = Answer(status=500, wait=0.4, headers={"content-type": "application/json"}, body=chat_error(500, "boom")[1])
    async with Provider(slow) as provider, running(tmp_path, provider, more=more) as gateway:
        reply = await gateway.post(MESSAGES, {**ASK, "stream": True})
    assert reply.status == 200
    assert b"event: error" in reply.body
    assert b"boom" in reply.body


async def test_p89_silence_ends_with_a_reason(tmp_path: Path) -> None:
    async with Provider(Answer(wait=3600)) as provider:
        silent = settings(provider) + "idle_timeout = 0.3"
        async with Running(tmp_path, silent, env={"LAB_KEY": "k"}) as gateway:
            reply = await gateway.post(MESSAGES, ASK)
    assert reply.status == 504
    assert "silent for 0.3 s" in reply.json["error"]["message"]


async def test_losses_are_counted(tmp_path: Path) -> None:
    more_tools = [{"type": "web_search_20250305", "name": "web_search"}]
    async with Provider() as provider, running(tmp_path, provider) as gateway:
        reply = await gateway.post(MESSAGES, {**ASK, "tools": more_tools})
        assert reply.headers["x-landbridge-losses"] == "1"
        assert len(gateway.journal.latest[0].losses) == 1


async def test_passthrough_off_is_converted(tmp_path: Path) -> None:
    async with Provider(Reply(text="a")) as provider:
        off = settings(provider, "anthropic") + "passthrough = false"
        async with Running(tmp_path, off, env={"LAB_KEY": "k"}) as gateway:
            reply = await gateway.post(MESSAGES, ASK)
            assert reply.headers["x-landbridge-path"] == "converted"
            assert reply.json["content"] == [{"type": "text", "text": "a"}]
            assert provider.requests[0].headers["anthropic-version"] == "2023-06-01"


async def test_nobody_sees_a_defect_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Provider() as provider, running(tmp_path, provider) as gateway:

        def broken(*_: object) -> None:
            raise RuntimeError("inside")

        monkeypatch.setattr(gateway.gateway, "read", broken)
        reply = await gateway.post(MESSAGES, ASK)
    assert reply.status == 500
    assert "defect of landbridge" in reply.json["error"]["message"]
    assert "inside" not in reply.body.decode()


@pytest.mark.parametrize("stream", [False, True])
async def test_tool_ids_are_unique_in_the_conversation(tmp_path: Path, stream: bool) -> None:
    history = [
        *ASK["messages"],
        {"role": "assistant", "content": [{"type": "tool_use", "id": "call_0", "name": "Edit", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_0", "content": "ok"}]},
    ]
    tools = [{"name": "Edit", "input_schema": {"type": "object"}}]
    script = Reply(tools=(("Edit", {"a": 1}), ("Edit", {"a": 2})))
    async with Provider(script) as provider, running(tmp_path, provider) as gateway:
        reply = await gateway.post(MESSAGES, {**ASK, "messages": history, "tools": tools, "stream": stream})
    assert b'"call_0"' not in reply.body
    assert b'"call_1"' in reply.body


async def test_p88_leaving_ends_the_wait_for_a_list_of_models(tmp_path: Path) -> None:
    class Mute(Provider):
        def answer(self, request: Any) -> Answer:
            return Answer(wait=3600) if request.method == "GET" else super().answer(request)

    async with Mute() as provider:
        unlisted = settings(provider).replace('models = ["m"]', "")
        async with Running(tmp_path, unlisted, env={"LAB_KEY": "k"}) as gateway:
            async with Caller(gateway.url) as caller:
                await caller.send(post(MESSAGES, {**ASK, "model": "m"}))
                await asyncio.sleep(0.4)
                assert not gateway.journal.latest
            async with asyncio.timeout(1.0):
                while not gateway.journal.latest:
                    await asyncio.sleep(0.01)
            assert gateway.journal.latest[0].outcome == "cancelled"


async def test_p77_p80_a_local_model_gets_the_same_instructions_in_every_folder_and_a_provider_the_clients_own(
    tmp_path: Path,
) -> None:
    def asked(folder: str, model: str) -> dict[str, Any]:
        system = [{"type": "text", "text": f"Be good.\n<env>\nWorking directory: {folder}\n</env>\nUse tools."}]
        return {**ASK, "model": model, "system": system}

    heard = tmp_path / "heard"
    async with Provider() as provider:
        async with running(tmp_path, provider) as gateway:
            await gateway.post(MESSAGES, asked("/a", "lab/m"))
            assert "/a" in provider.requests[0].json["messages"][0]["content"]
        async with local(tmp_path, m=f"--heard {heard}") as gateway:
            for folder in ("/a", "/b"):
                await gateway.post(MESSAGES, asked(folder, "m"))
    one, two = (json.loads(line)["messages"] for line in heard.read_text().splitlines())
    assert one[0] == two[0] == {"role": "system", "content": "Be good.\nUse tools."}
    assert "/a" in json.dumps(one[1])
    assert "/b" in json.dumps(two[1])


async def test_a_traceparent_is_read_where_traces_are_made_only(tmp_path: Path) -> None:
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    async with Running(tmp_path) as running:
        for traces in (False, True):
            running.gateway.traces = traces
            await running.post("/v1/chat/completions", {"model": "x/y", "messages": []}, {"traceparent": parent})
        assert [record.trace for record in running.journal.latest] == ["", parent]
