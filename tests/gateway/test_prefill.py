"""Prompts nobody would wait for are refused; what an engine has read before costs nothing (P83)."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import pytest

from landbridge.gateway.call import Call
from landbridge.gateway.prefill import CLAUDE_CODE, CLAUDE_CODE_WHOLE, Reading, patience
from landbridge.neutral.progress import Progress
from tests.fakes.local import local
from tests.fakes.running import Reply, Running

CLAUDE = "claude-cli/2.1.330 (external, cli)"


def call(**headers: str) -> Call:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Call("anthropic", b"", raw)


def test_who_waits_how_long() -> None:
    assert patience(call(user_agent=CLAUDE), stream=True) == CLAUDE_CODE == 1800
    assert patience(call(user_agent=CLAUDE), stream=False) == CLAUDE_CODE_WHOLE == 300
    assert patience(call(user_agent=CLAUDE, x_stainless_timeout="1200"), stream=False) == 1200
    assert patience(call(user_agent=CLAUDE, x_stainless_timeout="1200"), stream=True) == 1800, "pings hold that one off"
    assert patience(call(x_stainless_timeout="600"), stream=False) == 600
    assert patience(call(x_stainless_timeout="600"), stream=True) is None
    assert patience(call(x_stainless_timeout="soon"), stream=False) is None
    assert patience(call(), stream=False) is None


# -- over real connections, with a pretend engine that has been slow ---------------------------------------------------

io = pytest.mark.io
SLOW_MODEL = "--window 200000"
PROMPT = "word " * 60_000
"""At ten tokens a second (and slower the longer it gets) hours; at 60 a second some 40 minutes."""


def ask(stream: bool = True, *later: str, words: int = 60_000) -> dict[str, Any]:
    texts = [PROMPT[: words * 5], *later]
    messages = [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts)]
    return {"model": "m", "max_tokens": 3, "stream": stream, "messages": messages}


async def teach(gateway: Running, speed: float) -> None:
    """Let the model have read at `speed` tokens a second."""
    async with gateway.keeper.lease("m", light=True) as lease:
        lease.learn(1000, 1000 / speed)


def refused(reply: Reply) -> str:
    assert (reply.status, reply.json["error"]["type"]) == (400, "invalid_request_error"), reply.body
    assert reply.headers["x-should-retry"] == "false"
    message: str = reply.json["error"]["message"]
    assert "too long" not in message, "that would make the client compact, which reads the same prompt again"
    return message


@io
@pytest.mark.anyio
async def test_p83_a_prompt_nobody_will_wait_for_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    async with local(tmp_path, m=SLOW_MODEL) as gateway:
        await teach(gateway, 10)
        message = refused(await gateway.post("/v1/messages", ask(), {"user-agent": CLAUDE}))
        assert "'m' would need about" in message and "minutes to read this prompt before its first word" in message
        assert "new tokens at" in message and "tokens/s" in message
        assert "waits for 30 minutes at most" in message
        assert "--tools" in message and "smaller model" in message
        message = refused(await gateway.post("/v1/messages", ask(stream=False), {"x-stainless-timeout": "600"}))
        assert "waits for 10 minutes at most" in message
        assert all(record.outcome == "bad_request" for record in gateway.journal.latest)
        async with gateway.keeper.lease("m", light=True) as lease:
            assert await lease.busy_slots() == 0
        small = await gateway.post("/v1/messages", ask(words=50), {"user-agent": CLAUDE})
        assert small.status == 200
        assert "x-landbridge-prefill-seconds" not in small.headers


@io
@pytest.mark.anyio
@pytest.mark.parametrize("stream", [True, False])
async def test_p83_a_long_prompt_is_announced(tmp_path: Path, stream: bool, caplog: pytest.LogCaptureFixture) -> None:
    async with local(tmp_path, m=SLOW_MODEL) as gateway:
        await teach(gateway, 60)
        with caplog.at_level(logging.WARNING, "landbridge.gateway"):
            reply = await gateway.post("/v1/messages", ask(stream, words=20_000))
    assert reply.status == 200
    assert 300 < int(reply.headers["x-landbridge-prefill-seconds"]) < 1800
    assert "model m will read for about" in caplog.text
    assert "tokens/s" in caplog.text


@io
@pytest.mark.anyio
async def test_a_conversation_that_has_grown_is_not_refused_for_its_length(tmp_path: Path) -> None:
    async with local(tmp_path, m=SLOW_MODEL) as gateway:
        assert (await gateway.post("/v1/messages", ask(), {"user-agent": CLAUDE})).status == 200, "nothing is known yet"
        async with gateway.keeper.lease("m", light=True) as lease:
            for _ in range(20):  # what the pretend engine has read in no time, a slow one would not
                lease.learn(60_000, 6000)
        grown = ask(True, "An answer.", "A question.")
        reply = await gateway.post("/v1/messages", grown, {"user-agent": CLAUDE})
        assert reply.status == 200, reply.body
        assert "x-landbridge-prefill-seconds" not in reply.headers
        other = {**grown, "system": "Something else before all that."}
        refused(await gateway.post("/v1/messages", other, {"user-agent": CLAUDE}))


@io
@pytest.mark.anyio
async def test_the_log_follows_long_readings_in_steps(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with local(tmp_path, m="--load-seconds 0") as gateway, gateway.keeper.lease("m") as lease:
        lease.learn(1000, 100.0)
        reading = Reading(lease, b"{}")
        with caplog.at_level(logging.INFO, "landbridge.gateway"):
            for processed in range(0, 1001, 10):
                reading.read_on(Progress(1000, 0, processed, processed / 10))
        lines = [record.getMessage() for record in caplog.records if record.name == "landbridge.gateway"]
        assert 5 <= len(lines) <= 10, lines
        assert re.fullmatch(r"model m has read 1\d % of 1000 tokens, \d\d s left", lines[0]), lines
        caplog.clear()
        short = Reading(lease, b"{}")
        with caplog.at_level(logging.INFO, "landbridge.gateway"):
            for processed in range(0, 101, 10):
                short.read_on(Progress(100, 0, processed, processed / 10))
        assert not [record for record in caplog.records if record.name == "landbridge.gateway"]
        short.end()


@io
@pytest.mark.anyio
@pytest.mark.parametrize("stream", [True, False])
async def test_p83_the_time_a_prompt_took_is_learnt(tmp_path: Path, stream: bool) -> None:
    async with local(tmp_path, m=f"{SLOW_MODEL} --prefill-seconds 0.5 --token-delay 0.1") as gateway:
        await gateway.post("/v1/messages", ask(stream, words=600))
        async with gateway.keeper.lease("m", light=True) as lease:
            predicted = lease.predict(600)
    assert predicted is not None
    assert 0.45 < predicted < 0.75, "the first word's time, not the whole answer's"
