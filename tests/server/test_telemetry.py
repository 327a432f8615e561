"""Spans of real exchanges at a collector: their attributes, their times, the traces they belong to."""

from __future__ import annotations

import importlib.util
import logging
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from landbridge.config import TelemetrySettings
from landbridge.errors import ConfigFault
from landbridge.server.telemetry import Traces, check
from tests.fakes.collector import Collector, Span
from tests.fakes.provider import Provider, Reply, chat_error, error
from tests.fakes.running import Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
ASK = {"model": "lab/m", "max_tokens": 50, "messages": [{"role": "user", "content": "planted-prompt"}]}
CLIENT, ERROR = 3, 2
"""A span's kind and status in OTLP."""


def settings(provider: Provider) -> str:
    return f"""
        [providers.lab]
        dialect = "openai_chat"
        base_url = "{provider.base_url("openai_chat")}"
        api_key = "key-of-the-lab"
    """


def traces(running: Running, env: Mapping[str, str] | None = None) -> Traces:
    return Traces(running.gateway, lambda: env or {})


def to(collector: Collector, **headers: str) -> TelemetrySettings:
    return TelemetrySettings(otlp_endpoint=collector.url, headers=headers, service_name="router")


async def sent(running: Running, watching: Traces, collector: Collector, count: int) -> list[Span]:
    running.journal.flush()
    await watching.close()
    return await collector.wait(count)


async def test_an_exchange_is_a_span_with_the_conventions_attributes(tmp_path: Path) -> None:
    reply = Reply(text="planted-answer")
    async with Collector() as collector, Provider(reply, models=["m"]) as provider:
        config = settings(provider)
        async with Running(tmp_path, config) as running:
            watching = traces(running, {"OTLP_KEY": "planted-otlp"})
            await watching.take_up(to(collector, authorization="Bearer ${OTLP_KEY}"))
            before = time.time_ns()
            headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "x-claude-code-session-id": "session-1"}
            await running.post("/v1/messages", ASK, headers)
            (span,) = await sent(running, watching, collector, 1)
            (request,) = provider.requests
    found = span.attributes
    assert span.name == "chat m" and span.kind == CLIENT and span.status != ERROR
    assert (span.trace, span.parent) == (TRACE, PARENT)
    assert before - 10**9 < span.start < span.end < time.time_ns() + 10**9
    assert found["gen_ai.operation.name"] == "chat"
    assert found["gen_ai.provider.name"] == found["landbridge.provider"] == "lab"
    assert (found["gen_ai.request.model"], found["gen_ai.response.model"]) == ("lab/m", "m")
    assert found["gen_ai.usage.input_tokens"] > 0 and found["gen_ai.usage.output_tokens"] > 0
    assert found["gen_ai.conversation.id"] == "session-1"
    assert found["server.address"] == "127.0.0.1" and f":{found['server.port']}/" in provider.base_url("openai_chat")
    assert (found["landbridge.dialect"], found["landbridge.path"]) == ("anthropic", "converted")
    assert "error.type" not in found
    assert span.resource["service.name"] == "router"
    assert collector.headers[0]["authorization"] == "Bearer planted-otlp"
    assert "planted" not in repr(span)
    assert "traceparent" not in request.headers, "providers are not told"


async def test_errors_are_told(tmp_path: Path) -> None:
    async with Collector() as collector, Provider(error(*chat_error(400, "no such thing"))) as provider:
        config = settings(provider)
        async with Running(tmp_path, config) as running:
            watching = traces(running)
            await watching.take_up(to(collector))
            await running.post("/v1/messages", ASK)
            await running.post("/v1/messages", {**ASK, "model": "nobody/knows"}, {"traceparent": "00-rubbish-01"})
            refused, unknown = await sent(running, watching, collector, 2)
    assert (refused.status, refused.attributes["error.type"]) == (ERROR, "provider_refused")
    assert "no such thing" in refused.message
    assert (unknown.name, unknown.attributes["error.type"]) == ("chat", "unknown_model")
    assert unknown.parent == "" and unknown.trace not in ("", refused.trace), "a trace of its own"
    assert "server.address" not in unknown.attributes and "gen_ai.response.model" not in unknown.attributes


async def test_settings_change_while_it_runs(tmp_path: Path) -> None:
    async with Collector() as one, Collector() as other, Running(tmp_path) as running:
        watching = traces(running)
        for collector in (one, other, None, other):
            await watching.take_up(TelemetrySettings() if collector is None else to(collector))
            assert running.gateway.traces is (collector is not None)
            await running.post("/v1/messages", ASK)
            running.journal.flush()
        await watching.close()
        assert (len(one.spans), len(other.spans)) == (1, 2)
        assert not running.gateway.traces


async def test_nobody_waits_for_a_collector_that_is_away(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with Collector(status=400) as collector, Running(tmp_path) as running:
        watching = traces(running)
        await watching.take_up(to(collector))
        began = time.monotonic()
        assert (await running.post("/v1/messages", ASK)).status == 404
        running.journal.flush()
        assert time.monotonic() - began < 3
        await watching.close()
    assert "400" in caplog.text
    assert [record.levelno for record in caplog.records if "opentelemetry" in record.name] == [logging.ERROR]


@pytest.mark.parametrize("path", ["", "/", "/v1/traces"])
async def test_the_endpoint_is_taken_with_and_without_its_path(tmp_path: Path, path: str) -> None:
    async with Collector() as collector, Running(tmp_path) as running:
        watching = traces(running)
        await watching.take_up(TelemetrySettings(otlp_endpoint=collector.url + path))
        await running.post("/v1/messages", ASK)
        assert len(await sent(running, watching, collector, 1)) == 1


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    check(TelemetrySettings(), {})
    with pytest.raises(ConfigFault, match="not installed") as caught:
        check(TelemetrySettings(otlp_endpoint="http://127.0.0.1:4318"), {})
    assert "landbridge[otel]" in caught.value.remedy


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(ConfigFault, match=r"telemetry\.headers\.authorization needs OTLP_KEY"):
        check(TelemetrySettings(otlp_endpoint="http://h", headers={"authorization": "Bearer ${OTLP_KEY}"}), {})


async def test_broken_settings_leave_the_ones_before_in_force(tmp_path: Path) -> None:
    async with Collector() as collector, Running(tmp_path) as running:
        watching = traces(running)
        await watching.take_up(to(collector))
        with pytest.raises(ConfigFault):
            await watching.take_up(to(collector, authorization="${NOT_SET}"))
        await running.post("/v1/messages", ASK)
        assert len(await sent(running, watching, collector, 1)) == 1
