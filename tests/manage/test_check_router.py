"""What doctor says of the router, its ports, the model and its answer."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from landbridge.agents.facts import ModelFacts
from landbridge.config import Config, Listener, Listeners, ProviderSettings
from landbridge.manage import check_router
from landbridge.manage.check_router import check_answer, check_listeners, check_model, check_parts, check_pulled, holder
from landbridge.manage.findings import Finding
from landbridge.manage.router import Health, Part, Probe, probe
from tests.fakes.router import ANSWER, FakeRouter

pytestmark = pytest.mark.io
SMOL = ModelFacts(name="smollm2", window=8192, local=True)


def on(port: int, openai: Listener | None = None) -> Listeners:
    off = Listener(enabled=False)
    return Listeners(router=Listener(port=port), openai=openai or off, dashboard=off)


def first(port: int, found: Probe) -> Finding:
    return next(check_listeners(on(port), found))


def test_up_says_version(router: FakeRouter) -> None:
    finding = first(router.port, probe(router.url))
    assert (finding.verdict, "0.1.0" in finding.finding) == ("ok", True)


def test_connection_refused_says_how_to_start(free_port: Callable[[], int]) -> None:
    port = free_port()
    finding = first(port, probe(f"http://127.0.0.1:{port}"))
    assert finding.verdict == "fail"
    assert "connection refused" in finding.finding
    assert "landbridge serve" in finding.remedy


def test_another_program_is_named(router: FakeRouter) -> None:
    router.answer("/health", 404, b"no")
    finding = first(router.port, probe(router.url))
    assert finding.verdict == "fail"
    assert "process" in finding.finding
    assert "listeners.router.port" in finding.remedy


def test_a_silent_one_is_named() -> None:
    finding = first(1, Probe("silent", "did not answer within 5 s."))
    assert finding.verdict == "fail"


def test_switched_off() -> None:
    listeners = Listeners(router=Listener(enabled=False, port=1))
    assert next(check_listeners(listeners, Probe("nobody"))).verdict == "warn"


def test_a_taken_port_of_another_listener_is_named(router: FakeRouter, free_port: Callable[[], int]) -> None:
    listeners = on(free_port(), openai=Listener(port=router.port))
    findings = list(check_listeners(listeners, Probe("nobody")))
    assert findings[1].verdict == "warn"
    assert "is taken by" in findings[1].finding
    assert "listeners.openai.port" in findings[1].remedy


def test_holder_names_this_process(router: FakeRouter) -> None:
    assert "process" in holder(router.port)


def test_a_dead_part_fails_with_its_remedy() -> None:
    parts = {"settings": Part("ok"), "listener openai": Part("failed", "port 8000 is not open", "Free port 8000.")}
    findings = list(check_parts(Probe("up", health=Health("failing", "0.1.0", parts=parts))))
    assert [finding.verdict for finding in findings] == ["ok", "fail"]
    assert findings[1].remedy == "Free port 8000."


def test_model_found(router: FakeRouter) -> None:
    finding, facts = check_model(router.url, "smollm2")
    assert finding.verdict == "ok"
    assert facts is not None
    assert facts.window == 8192


def test_model_not_found(router: FakeRouter) -> None:
    finding, facts = check_model(router.url, "x")
    assert (finding.verdict, finding.finding, facts) == ("fail", "There is no model 'x'.", None)


def test_a_good_answer_has_its_speed(router: FakeRouter) -> None:
    finding = check_answer(router.url, SMOL)
    assert finding.verdict == "ok"
    assert "24 tokens" in finding.finding
    assert "tokens/s" in finding.finding


def test_a_slow_answer_is_explained(router: FakeRouter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_router, "SLOW_RATE", float("inf"))
    finding = check_answer(router.url, SMOL)
    assert finding.verdict == "warn"
    for word in ("threads", "8192", "12,000", "loading"):
        assert word in finding.remedy
    assert check_answer(router.url, ModelFacts(name="smollm2")).verdict == "ok"


def test_an_error_answer_fails_in_its_own_words(router: FakeRouter) -> None:
    router.answer("/anthropic/v1/messages", 503, {"error": {"message": "The model does not fit."}})
    finding = check_answer(router.url, SMOL)
    assert finding.verdict == "fail"
    assert "The model does not fit." in finding.finding


def test_no_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_router, "ANSWER_WITHIN", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        finding = check_answer(f"http://127.0.0.1:{mute.getsockname()[1]}", ModelFacts(name="lab/m"))
    assert finding.verdict == "fail"
    assert "provider" in finding.remedy


def test_an_answer_without_usage_has_no_rate(router: FakeRouter) -> None:
    router.answer("/anthropic/v1/messages", 200, {**ANSWER, "usage": {}})
    assert "0 tokens" in check_answer(router.url, SMOL).finding


def test_without_a_router_the_folder_is_looked_at(tmp_path: Path) -> None:
    finding = check_pulled(Config(), "smollm2", tmp_path)
    assert finding.verdict == "warn"
    assert "models pull smollm2" in finding.remedy
    lab = Config(providers={"lab": ProviderSettings()})
    assert check_pulled(lab, "lab/m", tmp_path).verdict == "ok"
