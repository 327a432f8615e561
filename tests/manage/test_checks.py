"""All findings in the order of a request's way, whoever looks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from landbridge.config import Config, Listener, Listeners, ProviderSettings
from landbridge.manage.checks import Looking, examine
from landbridge.manage.router import Health, Part
from tests.fakes.home import Home
from tests.fakes.router import HEALTH, FakeRouter

pytestmark = pytest.mark.io
OFF = Listener(enabled=False)


def looking(home: Home, router: Listener, **more: Any) -> Looking:
    config = Config(listeners=Listeners(router=router, openai=OFF, dashboard=OFF))
    given: dict[str, Any] = {"env": home.env, "folder": home.folder, "config": config, **more}
    return Looking(config_path=home.config, data_dir=home.data, **given)


def found(asked: Looking) -> dict[str, str]:
    return {each.check: each.verdict for each in examine(asked)}


def test_the_model_is_asked_or_only_looked_up(home: Home, router: FakeRouter) -> None:
    here = Listener(port=router.port)
    assert found(looking(home, here))["answer"] == "ok"
    router.asked.clear()
    route = {"target": "smollm2", "targets": [{"local": True, "window": 8192}]}
    router.answer("/api/v1/routes/smollm2", 200, route)
    verdicts = found(looking(home, here, answer=False))
    assert "answer" not in verdicts
    assert verdicts["model"] == "ok"
    assert [path for _, path, _ in router.asked] == ["/health", "/api/v1/routes/smollm2"]
    router.answer("/api/v1/routes/smollm2", 200, b"oh")
    assert found(looking(home, here, answer=False))["model"] == "fail"


def test_a_default_model_that_nobody_chose_is_no_failure_where_there_are_others(home: Home, router: FakeRouter) -> None:
    lab = ProviderSettings(base_url="http://127.0.0.1:9/v1", models=["m"])
    listeners = Listeners(router=Listener(port=router.port), openai=OFF, dashboard=OFF)
    router.answer("/anthropic/v1/models/smollm2", 404, {"error": {"message": "There is no model 'smollm2'."}})
    with_lab = Config(listeners=listeners, providers={"lab": lab})
    for config, verdict in ((Config(listeners=listeners), "fail"), (with_lab, "warn")):
        assert found(looking(home, OFF, config=config))["model"] == verdict
    router.answer("/anthropic/v1/models/mine", 404, {"error": {"message": "There is no model 'mine'."}})
    chosen = Config(listeners=listeners, providers={"lab": lab}, default_model="mine")
    assert found(looking(home, OFF, config=chosen))["model"] == "fail"
    assert found(looking(home, OFF, config=with_lab, model="mine"))["model"] == "fail"


def test_what_is_in_force_counts_and_not_what_the_file_says(home: Home, router: FakeRouter) -> None:
    home.settings(1)
    assert found(looking(home, Listener(port=router.port)))["router"] == "ok"
    assert found(looking(home, Listener(port=1), config=None))["router"] == "fail"


def test_a_router_that_is_switched_off_tells_of_its_parts_itself(home: Home) -> None:
    health = Health("failing", "1", parts={"provider lab": Part("failed", "no key", "Give it one.")})
    verdicts = found(looking(home, Listener(port=0, enabled=False), health=health))
    assert (verdicts["router"], verdicts["provider lab"]) == ("warn", "fail")
    assert "claude points" in verdicts


def test_a_port_that_nobody_knows_is_the_end(home: Home) -> None:
    *_, last = examine(looking(home, Listener(port=0)))
    assert (last.check, last.verdict) == ("router", "fail")


def test_clients_start_with_variables_of_their_own(home: Home, free_port: Callable[[], int]) -> None:
    env = {**home.env, "ANTHROPIC_BASE_URL": "https://elsewhere.example"}
    port = Listener(port=free_port())
    assert found(looking(home, port, env=env))["claude points"] == "warn"
    assert found(looking(home, port, env=env, shell=home.env))["claude points"] == "ok"


def test_a_needed_key_is_missed(home: Home, router: FakeRouter) -> None:
    router.answer("/health", 200, json.loads(json.dumps({**HEALTH, "parts": {"keys": {"status": "ok",
                  "detail": "needed on router"}}})))  # fmt: skip
    env = {**home.env, "ANTHROPIC_BASE_URL": f"{router.url}/anthropic", "ANTHROPIC_AUTH_TOKEN": "landbridge"}
    assert found(looking(home, Listener(port=router.port), env=env))["claude token"] == "fail"
