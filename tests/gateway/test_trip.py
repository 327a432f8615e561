"""A request's way through several targets: no client sees an error that another target could have answered."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from landbridge.access.grant import Grant
from landbridge.gateway.call import Call
from tests.fakes.caller import Caller, post
from tests.fakes.local import local
from tests.fakes.provider import (
    HTML_ERROR,
    JSON,
    SSE,
    Answer,
    Provider,
    Reply,
    anthropic_error,
    chat_error,
    error,
)
from tests.fakes.running import Running
from tests.fakes.script import Script
from tests.fakes.sink import ListSink

pytestmark = [pytest.mark.anyio, pytest.mark.io]

MESSAGES, CHAT = "/anthropic/v1/messages", "/v1/chat/completions"
ASK: dict[str, Any] = {"model": "fast", "max_tokens": 50, "messages": [{"role": "user", "content": "Hi"}]}
GOOD = Reply(text="fine")
FAILED = error(*chat_error(500, "boom"))
BUSY = error(*chat_error(429, "slow down"), retry_after="30")
SILENT = Answer(wait=3600)


def section(name: str, url: str, dialect: str = "openai_chat", more: str = "") -> str:
    return f'[providers.{name}]\ndialect = "{dialect}"\nbase_url = "{url}"\nauth = "none"\nmodels = ["m"]\n{more}\n'


class Lab:
    """A gateway whose model `fast` leads to several scripted providers, `a`, `b`, ... by name; all end together."""

    def __init__(self, folder: Path, *scripts: Script | None, dialects: Sequence[str] = (), more: str = "") -> None:
        self._folder, self._scripts, self._more = folder, scripts, more
        self._dialects = dialects or ["openai_chat"] * len(scripts)
        self._stack = AsyncExitStack()
        self.providers: dict[str, Provider] = {}
        self.gateway: Running

    async def __aenter__(self) -> Lab:
        text, names = "", "abcdef"[: len(self._scripts)]
        for name, script, dialect in zip(names, self._scripts, self._dialects, strict=True):
            provider = Provider(script if script is not None else GOOD)
            if script is None:  # nobody listens there any more
                async with provider:
                    pass
            else:
                await self._stack.enter_async_context(provider)
            self.providers[name] = provider
            text += section(name, provider.base_url(dialect), dialect, "first_byte_timeout = 0.25")
        route = "" if "fast" in self._more else f"[aliases]\nfast = {json.dumps([f'{name}/m' for name in names])}\n"
        self.gateway = await self._stack.enter_async_context(Running(self._folder, f"{self._more}\n{route}{text}"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def asked(self) -> str:
        """How often each was asked."""
        return " ".join(str(len(provider.requests)) for provider in self.providers.values())


@pytest.mark.parametrize(("path", "stream"), [(MESSAGES, True), (CHAT, False)])
async def test_one_of_three_dead_one_failing_one_silent_and_no_client_sees_it(
    tmp_path: Path, path: str, stream: bool
) -> None:
    """The figure: at most 50 ms are added after a failure; what a silent one costs is its `first_byte_timeout`."""
    for bad, least in ((None, 0.0), ([FAILED, BUSY], 0.0), (SILENT, 0.25)):
        async with Lab(tmp_path, bad, GOOD, GOOD) as lab:
            took = []
            for _ in range(3):
                lab.gateway.gateway.world.breakers.clear()
                began = time.monotonic()
                reply = await lab.gateway.post(path, {**ASK, "stream": stream})
                took.append(time.monotonic() - began - least)
                assert reply.status == 200, reply.body
                assert b"fine" in reply.body or b'"fin' in reply.body
                assert reply.headers["x-landbridge-target"] == "b/m"
            record = lab.gateway.journal.latest[-1]
            assert (record.outcome, record.target, record.provider, record.attempts) == ("ok", "b/m", "b", 2)
            assert min(took) < 0.05, f"{took} s were added"


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (None, "unreachable"),
        (FAILED, "500 provider"),
        (error(*chat_error(503, "loading")), "503 overloaded"),
        (BUSY, "429 provider limit"),
        (error(*chat_error(429, "slow down")), "429 provider limit"),
        (error(*chat_error(401, "bad key")), "401 forbidden"),
        (error(*chat_error(402, "no credit")), "402 provider refused"),
        (error(*chat_error(403, "not you")), "403 forbidden"),
        (error(*chat_error(404, "no model")), "404 unknown model"),
        (HTML_ERROR, "403 forbidden"),
        (SILENT, "timed out"),
        (Answer(body=b"", headers=JSON), "garbled"),
        (Answer(body=b"x", until=0, ending="reset"), "cut"),
        (Answer(stream=True, headers=SSE, body=b"", until=0, ending="close"), ""),
    ],
)
async def test_what_another_target_can_answer_it_answers(tmp_path: Path, bad: Script | None, words: str) -> None:
    async with Lab(tmp_path, bad, GOOD) as lab:
        reply = await lab.gateway.post(CHAT, {**ASK, "stream": True})
        assert reply.status == 200 and b"data: [DONE]" in reply.body, reply.body
        route = reply.headers["x-landbridge-route"]
        assert route.startswith("b/m; alias fast; failed a/m (") and words in route
        assert lab.gateway.journal.latest[-1].route == route


@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic"])
async def test_a_request_that_is_wrong_itself_goes_nowhere_else(tmp_path: Path, dialect: str) -> None:
    body = chat_error(400, "no such field") if dialect == "openai_chat" else anthropic_error(400, "x", "no such field")
    async with Lab(tmp_path, error(*body), GOOD, dialects=[dialect, "openai_chat"]) as lab:
        for path in (MESSAGES, CHAT):
            reply = await lab.gateway.post(path, ASK)
            assert reply.status == 400 and b"no such field" in reply.body
            assert reply.headers["x-landbridge-route"] == "a/m; alias fast"
        assert lab.asked() == "2 0"


async def test_where_all_fail_the_last_error_names_the_others(tmp_path: Path) -> None:
    async with Lab(tmp_path, None, FAILED, BUSY, more="[retries]\nmax = 0") as lab:
        for path in (MESSAGES, CHAT):
            reply = await lab.gateway.post(path, ASK)
            assert reply.status == 429 and reply.headers["retry-after"] == "30"
            words = reply.json["error"]["message"]
            assert "slow down" in words and "Before it: a/m (unreachable), b/m (500 provider)" in words
            lab.gateway.gateway.world.breakers.clear()
        record = lab.gateway.journal.latest[-1]
        assert (record.outcome, record.attempts, record.target) == ("provider_limit", 3, "c/m")
        assert "failed a/m (unreachable), b/m (500 provider), c/m (429 provider limit)" in record.route


async def test_a_stream_that_has_begun_early_still_finds_another_target(tmp_path: Path) -> None:
    """Only signs of life have left: the client sees one answer."""
    more = "[server]\nearly_after = 0.05\nping_every = 0.05"
    for dialects in (["openai_chat", "openai_chat"], ["openai_chat", "anthropic"]):
        async with Lab(tmp_path, SILENT, GOOD, dialects=dialects, more=more) as lab:
            reply = await lab.gateway.post(MESSAGES, {**ASK, "stream": True})
            assert reply.body.count(b"event: message_start") == reply.body.count(b"event: message_stop") == 1
            assert b'"fine"' in reply.body
            assert b"event: error" not in reply.body
            record = lab.gateway.journal.latest[-1]
            assert (record.target, record.status, record.outcome) == ("b/m", 200, "ok")
    async with Lab(tmp_path, SILENT, SILENT, more=more) as lab:
        reply = await lab.gateway.post(MESSAGES, {**ASK, "stream": True})
        assert reply.body.count(b"event: message_start") == reply.body.count(b"event: error") == 1
        assert b"Before it: a/m (timed out)" in reply.body
        assert lab.gateway.journal.latest[-1].outcome == "timed_out"


async def test_what_passes_through_untouched_is_looked_at_until_it_says_something(tmp_path: Path) -> None:
    start = b'event: message_start\ndata: {"type":"message_start","message":{"model":"m","usage":{}}}\n\n'
    told = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"busy"}}\n\n'
    ends = b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{}}\n\n'
    ends += b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    for body in (told, start + told, start + ends):
        bad = Answer(stream=True, headers=SSE, body=body)
        async with Lab(tmp_path, bad, GOOD, dialects=["anthropic", "anthropic"]) as lab:
            reply = await lab.gateway.post(MESSAGES, {**ASK, "stream": True})
            assert reply.headers["x-landbridge-path"] == "passthrough"
            assert reply.body.count(b"event: message_start") == reply.body.count(b"event: message_stop") == 1
            assert b"overloaded" not in reply.body and b'"fine"' in reply.body
            last = await lab.gateway.post(MESSAGES, {**ASK, "model": "a/m", "stream": True})
            assert last.body == body, "a plain name passes what there is"


async def test_half_an_answer_is_never_given_twice(tmp_path: Path) -> None:
    cut = Answer(stream=True, headers=SSE, body=b'data: {"choices":[{"delta":{"content":"half"}}]}\n\n', ending="reset")
    async with Lab(tmp_path, cut, GOOD) as lab:
        reply = await lab.gateway.post(MESSAGES, {**ASK, "stream": True})
        assert b"half" in reply.body and b"event: error" in reply.body
        assert lab.asked() == "1 0"


async def test_an_empty_answer_is_asked_of_the_next_and_of_the_last_once_more(tmp_path: Path) -> None:
    async with Lab(tmp_path, Reply(), GOOD) as lab:
        reply = await lab.gateway.post(MESSAGES, ASK)
        assert reply.json["content"] == [{"type": "text", "text": "fine"}]
        assert lab.asked() == "1 1"
    async with Lab(tmp_path, FAILED, [Reply(), GOOD]) as lab:
        reply = await lab.gateway.post(MESSAGES, ASK)
        assert reply.json["content"] == [{"type": "text", "text": "fine"}]
        assert lab.asked() == "1 2"


async def test_who_fails_again_and_again_is_left_alone_and_health_says_so(tmp_path: Path) -> None:
    async with Lab(tmp_path, FAILED, GOOD, more="[breaker]\nrest = 0.2") as lab:
        for _ in range(5):
            reply = await lab.gateway.post(CHAT, ASK)
        assert lab.asked() == "3 5"
        assert reply.headers["x-landbridge-route"] == "b/m; alias fast; skipped a/m (breaker open 1s)"
        assert lab.gateway.journal.latest[-1].attempts == 1
        health = await lab.gateway.get("/health")
        assert health.status == 200 and "500 provider" in health.json["parts"]["target a/m"]["detail"]
        await asyncio.sleep(0.25)
        assert "failed a/m" in (await lab.gateway.post(CHAT, ASK)).headers["x-landbridge-route"]
        assert lab.asked() == "4 6", "one request has tried it"
        await lab.gateway.post(CHAT, ASK)
        assert lab.asked() == "4 7"


async def test_where_all_are_left_alone_nothing_is_sent(tmp_path: Path) -> None:
    async with Lab(tmp_path, FAILED, FAILED, more="[breaker]\nfailures = 1\n[retries]\nmax = 0") as lab:
        assert (await lab.gateway.post(CHAT, ASK)).status == 502
        reply = await lab.gateway.post(CHAT, ASK)
        assert reply.status == 529 and int(reply.headers["retry-after"]) <= 5
        assert "a/m (breaker open 5s), b/m (breaker open 5s)" in reply.json["error"]["message"]
        assert lab.asked() == "1 1"


async def test_a_target_that_comes_back_is_used_again(tmp_path: Path) -> None:
    async with Lab(tmp_path, [FAILED, GOOD], GOOD, more="[breaker]\nfailures = 1\nrest = 0.05") as lab:
        await lab.gateway.post(CHAT, ASK)
        await asyncio.sleep(0.06)
        for _ in range(2):
            reply = await lab.gateway.post(CHAT, ASK)
            assert reply.headers["x-landbridge-route"] == "a/m; alias fast"
        assert "target a/m" not in (await lab.gateway.get("/health")).json["parts"]


async def test_a_client_that_leaves_ends_the_way_and_frees_the_probe(tmp_path: Path) -> None:
    more = "[breaker]\nfailures = 1\nrest = 0.01"
    async with Lab(tmp_path, [FAILED, Reply(text="x", wait=0.2), GOOD], GOOD, more=more) as lab:
        await lab.gateway.post(CHAT, ASK)
        await asyncio.sleep(0.02)
        async with Caller(lab.gateway.url) as caller:
            await caller.send(post(CHAT, ASK))
            await lab.providers["a"].received(2)
            while lab.gateway.gateway.world.breaker("a/m").admits(asyncio.get_running_loop().time()):
                await asyncio.sleep(0.005)
        async with asyncio.timeout(5):
            while not lab.gateway.gateway.world.breaker("a/m").admits(asyncio.get_running_loop().time()):
                await asyncio.sleep(0.01)
        assert (await lab.gateway.post(CHAT, ASK)).headers["x-landbridge-target"] == "a/m"


# -- retries -----------------------------------------------------------------------------------------------------------

SOON = "[retries]\nfirst_pause = 0.01"


async def test_one_target_is_asked_again_only_for_what_passes(tmp_path: Path) -> None:
    passing = (
        error(*chat_error(503, "x")),
        error(*chat_error(502, "x")),
        error(*chat_error(429, "x"), retry_after="0"),
    )
    for bad in passing:
        async with Lab(tmp_path, [bad, GOOD], more=SOON) as lab:
            for_one = {**ASK, "model": "a/m"}
            assert (await lab.gateway.post(MESSAGES, for_one)).status == 200
            assert lab.gateway.journal.latest[-1].attempts == 2
    for bad in (FAILED, BUSY, error(*chat_error(429, "x")), error(*chat_error(401, "x"))):
        async with Lab(tmp_path, [bad, GOOD], more=SOON) as lab:
            assert (await lab.gateway.post(MESSAGES, {**ASK, "model": "a/m"})).status >= 400
            assert lab.asked() == "1"


async def test_what_passes_through_is_the_provider_s_own_error_where_nothing_helps(tmp_path: Path) -> None:
    bad = error(*anthropic_error(529, "overloaded_error", "too busy"))
    async with Lab(tmp_path, bad, dialects=["anthropic"], more=SOON) as lab:
        reply = await lab.gateway.post(MESSAGES, {**ASK, "model": "a/m"})
        assert (reply.status, reply.body) == (529, bad.body)
        assert lab.asked() == "2"
    async with Lab(tmp_path, [bad, GOOD], dialects=["anthropic"], more=SOON) as lab:
        reply = await lab.gateway.post(MESSAGES, {**ASK, "model": "a/m", "stream": True})
        assert reply.status == 200 and b"message_stop" in reply.body


async def test_where_nobody_is_left_the_one_that_may_recover_is_asked_again(tmp_path: Path) -> None:
    async with Lab(tmp_path, [error(*chat_error(503, "x")), GOOD], FAILED, more=SOON) as lab:
        reply = await lab.gateway.post(CHAT, ASK)
        assert reply.status == 200
        route = "a/m; alias fast; failed a/m (503 overloaded), b/m (500 provider)"
        assert reply.headers["x-landbridge-route"] == route
        assert lab.asked() == "2 1"


async def test_who_asks_for_a_moment_gets_it_although_others_could_answer(tmp_path: Path) -> None:
    moment = error(*chat_error(429, "x"), retry_after="0.05")
    async with Lab(tmp_path, [moment, GOOD], GOOD) as lab:
        reply = await lab.gateway.post(CHAT, ASK)
        assert reply.headers["x-landbridge-target"] == "a/m"
        assert lab.asked() == "2 0"


async def test_p88_a_client_that_leaves_ends_a_pause(tmp_path: Path) -> None:
    more = "[retries]\nfirst_pause = 60\nlongest_pause = 60"
    slow = error(*chat_error(429, "x"), retry_after="50")
    async with Lab(tmp_path, slow, more=more) as lab:
        async with Caller(lab.gateway.url) as caller:
            await caller.send(post(CHAT, {**ASK, "model": "a/m"}))
            await lab.providers["a"].received()
            await asyncio.sleep(0.1)
        async with asyncio.timeout(5):
            while not lab.gateway.journal.latest:
                await asyncio.sleep(0.01)
        assert lab.gateway.journal.latest[-1].outcome == "cancelled"
        assert lab.asked() == "1"


# -- routes ------------------------------------------------------------------------------------------------------------


def route(**keys: Any) -> str:
    said = "\n".join(f"{key} = {json.dumps(value)}" for key, value in keys.items())
    return f"[routes.fast]\n{said}\n"


async def test_a_conversation_stays_where_it_was_answered(tmp_path: Path) -> None:
    more = "[breaker]\nfailures = 1\nrest = 0.01\n" + route(targets=["a/m", "b/m"], sticky=True)
    async with Lab(tmp_path, [FAILED, GOOD], GOOD, more=more) as lab:
        one, other = {"x-claude-code-session-id": "one"}, {"x-claude-code-session-id": "other"}
        await lab.gateway.post(MESSAGES, ASK, one)
        await asyncio.sleep(0.02)
        assert (await lab.gateway.post(MESSAGES, ASK, other)).headers["x-landbridge-target"] == "a/m"
        reply = await lab.gateway.post(MESSAGES, ASK, one)
        assert reply.headers["x-landbridge-route"] == "b/m; route fast; its session is there"


async def test_who_keeps_a_response_is_asked_to_go_on_from_it(tmp_path: Path) -> None:
    async with Lab(tmp_path, [FAILED, GOOD], GOOD, dialects=["openai_responses"] * 2) as lab:
        first = await lab.gateway.post("/v1/responses", {"model": "fast", "input": "Hi"})
        assert first.headers["x-landbridge-target"] == "b/m"
        again = {"model": "fast", "input": "And?", "previous_response_id": first.json["id"]}
        reply = await lab.gateway.post("/v1/responses", again)
        assert reply.headers["x-landbridge-route"] == "b/m; alias fast; its session is there"


async def test_weights_share_conversations_out_the_same_way_each_time(tmp_path: Path) -> None:
    said = '[routes.fast]\ntargets = ["a/m", { model = "b/m", weight = 3 }]\npolicy = "weight"\n'
    async with Lab(tmp_path, GOOD, GOOD, more=said) as lab:
        chosen: list[list[str]] = []
        for _ in range(2):
            names = ({"x-claude-code-session-id": str(number)} for number in range(20))
            replies = [await lab.gateway.post(MESSAGES, ASK, name) for name in names]
            chosen.append([reply.headers["x-landbridge-target"] for reply in replies])
    assert chosen[0] == chosen[1] and set(chosen[0]) == {"a/m", "b/m"}
    assert chosen[0].count("b/m") > chosen[0].count("a/m")


async def test_the_fastest_is_found_out(tmp_path: Path) -> None:
    slow = Reply(text="slow", wait=0.08)
    async with Lab(tmp_path, slow, GOOD, more=route(targets=["a/m", "b/m"], policy="least_latency")) as lab:
        replies = [await lab.gateway.post(CHAT, ASK) for _ in range(4)]
        assert lab.asked() == "1 3"
        assert replies[-1].headers["x-landbridge-route"] == "b/m; route fast; by speed"


async def test_a_rate_limit_sends_others_to_the_local_model_first(tmp_path: Path) -> None:
    async with Provider(BUSY) as limited, Provider(GOOD) as other:
        more = route(targets=["a/m", "b/m", "small"], spill="local")
        more += section("a", limited.base_url("openai_chat")) + section("b", other.base_url("openai_chat"))
        async with local(tmp_path, more, small="") as gateway:
            reply = await gateway.post(MESSAGES, {**ASK, "max_tokens": 3})
            assert reply.headers["x-landbridge-target"] == "small"
            assert not other.requests


async def test_a_busy_local_model_sends_others_to_the_cloud(tmp_path: Path) -> None:
    async with Provider(GOOD) as cloud:
        more = route(targets=["small", "a/m"], spill="cloud") + section("a", cloud.base_url("openai_chat"))
        async with local(tmp_path, more, small="--prefill-seconds 30") as gateway, Caller(gateway.url) as caller:
            await caller.send(post(MESSAGES, {**ASK, "model": "small"}))
            async with asyncio.timeout(10):
                while gateway.keeper.place("small") == (0, 0.0):
                    await asyncio.sleep(0.02)
            reply = await gateway.post(MESSAGES, ASK)
            assert reply.headers["x-landbridge-route"].startswith("a/m; route fast; skipped small (busy, number ")


@pytest.mark.parametrize(
    ("flags", "words"), [("--crash-at-load", "start failed"), ("--prefill-seconds 0.1 --crash-reading", "crashed")]
)
async def test_an_engine_that_dies_before_it_answers_is_replaced_by_the_next(
    tmp_path: Path, flags: str, words: str
) -> None:
    async with Provider(GOOD) as cloud:
        more = '[aliases]\nfast = ["small", "a/m"]\n' + section("a", cloud.base_url("openai_chat"))
        async with local(tmp_path, more, small=flags) as gateway:
            reply = await gateway.post(MESSAGES, {**ASK, "stream": True})
            assert b'"fine"' in reply.body and reply.body.count(b"event: message_start") == 1
            record = gateway.journal.latest[-1]
            assert f"failed small ({words})" in record.route and record.retries == 0


async def test_what_is_too_long_for_one_goes_to_the_next_that_holds_it_if_allowed(tmp_path: Path) -> None:
    long = error(*chat_error(400, "This model's maximum context length is 10 tokens, you have 20 tokens."))
    for said, status, asked in (("refuse", 400, "1 0"), ("next", 200, "1 1")):
        async with Lab(tmp_path, long, GOOD, more=route(targets=["a/m", "b/m"], too_long=said)) as lab:
            reply = await lab.gateway.post(MESSAGES, ASK)
            assert reply.status == status
            assert lab.asked() == asked
            assert status == 200 or reply.json["error"]["message"].startswith("prompt is too long")


async def test_names_mean_what_the_client_s_view_says(tmp_path: Path) -> None:
    more = '[aliases]\nfast = "a/m"\n[views.codex]\nfast = ["b/m", "a/m"]\n'
    async with Lab(tmp_path, GOOD, GOOD, more=more) as lab:
        everybody = await lab.gateway.post(CHAT, ASK)
        codex = await lab.gateway.post(CHAT, ASK, {"user-agent": "codex_cli_rs/1.0"})
        named = await lab.gateway.post(CHAT, ASK, {"user-agent": "codex/1.0"})
    assert everybody.headers["x-landbridge-route"] == "a/m; alias fast"
    assert "b/m" in (codex.headers["x-landbridge-target"], named.headers["x-landbridge-target"])


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/v1/responses", {"model": "fast", "input": "Hi"}, "fine"),
        ("/v1beta/models/fast:generateContent", {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}, "fine"),
        ("/v1/completions", {"model": "fast", "prompt": "Hi"}, "fine"),
    ],
)
async def test_clients_of_every_dialect_are_answered(
    tmp_path: Path, path: str, body: dict[str, Any], words: str
) -> None:
    for dialect in ("openai_chat", "anthropic", "gemini"):
        bad = Answer(status=503, headers=JSON, body=b'{"error":{"message":"busy"}}')
        async with Lab(tmp_path, bad, GOOD, dialects=[dialect, dialect]) as lab:
            reply = await lab.gateway.post(path, body)
            assert reply.status == 200 and words in json.dumps(reply.json), reply.body
            assert reply.headers["x-landbridge-route"].startswith("b/m; alias fast; failed a/m (503 overloaded)")


async def test_a_moved_api_is_no_error_of_the_client(tmp_path: Path) -> None:
    moved = Answer(status=308, headers={"location": "https://elsewhere.example/v1"}, body=b"")
    async with Lab(tmp_path, moved, GOOD) as lab:
        assert (await lab.gateway.post(CHAT, ASK)).status == 200


async def test_a_key_gets_the_models_that_are_for_it_and_hears_of_no_others(tmp_path: Path) -> None:
    async with Lab(tmp_path, GOOD, GOOD, GOOD) as lab:
        for models, target in ((("b/*", "c/*"), "b/m"), (("fast",), "a/m"), ((), "a/m")):
            sink, call = ListSink(), Call("openai_chat", json.dumps(ASK).encode(), ())
            call.key = Grant(id="k", name="n", models=models)
            await lab.gateway.gateway.exchange(call, sink)
            assert sink.status == 200 and sink.headers["x-landbridge-route"] == f"{target}; alias fast"
        sink, call = ListSink(), Call("openai_chat", json.dumps(ASK).encode(), ())
        call.key = Grant(id="k", name="n", models=("other",))
        await lab.gateway.gateway.exchange(call, sink)
        assert sink.status == 403 and b"a/m" not in sink.body


async def test_a_name_that_is_its_target_explains_nothing(tmp_path: Path) -> None:
    async with Lab(tmp_path, GOOD) as lab:
        reply = await lab.gateway.post(CHAT, {**ASK, "model": "a/m"})
        assert "x-landbridge-route" not in reply.headers
        record = lab.gateway.journal.latest[-1]
        assert (record.route, record.attempts, record.provider) == ("", 1, "a")
