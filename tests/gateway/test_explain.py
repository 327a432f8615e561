"""Why a name leads where it does: as a real request would find it, with nothing sent anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from landbridge.access.grant import Grant
from landbridge.config import Config
from landbridge.engines.keeper import Keeper
from landbridge.errors import Forbidden, UnknownModel
from landbridge.gateway.explain import Asking, Explanation, Known, explain
from landbridge.gateway.world import World
from landbridge.routing.balance import Bonds, Speeds
from tests.fakes.running import NoModels, no_plan

LAB = {"dialect": "openai_chat", "base_url": "http://127.0.0.1:9/v1", "auth": "none", "models": ["m", "n", "gpt-4o"]}


class Setting:
    """A world and what is known of it, at a time that stands still."""

    def __init__(self, **tree: Any) -> None:
        config = msgspec.convert({"providers": {"lab": LAB}, **tree}, Config)

        async def ask(*_: object) -> tuple[int, bytes]:
            raise AssertionError("nobody is asked")

        self.world = World(config, {}, lambda: ("small",))
        self.known = Known(Keeper(NoModels(), lambda: config, Path(), no_plan, ask), Speeds(), Bonds(), 100.0)

    def explain(self, model: str, grant: Grant | None = None, **who: Any) -> Explanation:
        return explain(self.world, self.known, Asking(model, **who), grant)


def places(found: Explanation) -> list[tuple[str, int | None]]:
    return [(each.target, each.place) for each in found.targets]


def test_a_name_that_leads_to_one_model() -> None:
    found = Setting(aliases={"fast": "lab/m"}).explain("fast")
    assert (found.target, found.why, found.route) == ("lab/m", "alias fast", "lab/m; alias fast")
    assert places(found) == [("lab/m", 1)]
    with pytest.raises(UnknownModel):
        Setting().explain("nope")


def test_one_that_leads_to_several_with_what_is_passed_over() -> None:
    setting = Setting(aliases={"fast": ["lab/m", "gone", "lab/n"]}, breaker={"failures": 1})
    breaker = setting.world.breaker("lab/m")
    ticket = breaker.take(100.0)
    assert ticket is not None
    breaker.fail(ticket, 100.0, "500 provider")
    setting.known.speeds.note("lab/n", True, 0.25, 100.0)
    found = setting.explain("fast")
    assert places(found) == [("lab/n", 1), ("lab/m", None), ("gone", None)]
    assert found.route == "lab/n; alias fast; skipped lab/m (breaker open 5s), gone (There is no model 'gone')"
    resting = found.targets[1]
    assert (resting.breaker, resting.last_failure, resting.why) == ("open", "500 provider", "breaker open 5s")
    assert found.targets[0].begins_after == 0.25


def test_as_its_conversation_its_size_and_its_policy_say() -> None:
    route = {"targets": ["lab/m", "lab/gpt-4o"], "sticky": True, "too_long": "next"}
    setting = Setting(routes={"r": route, "w": {"targets": ["lab/m", "lab/n"], "policy": "weight"}})
    setting.known.bonds.hold("r", "s1", "lab/gpt-4o", 99.0)
    stays = setting.explain("r", session="s1")
    assert (stays.target, stays.why) == ("lab/gpt-4o", "route r; its session is there")
    assert setting.explain("r").target == "lab/m"
    assert places(setting.explain("r", session="s1", tokens=500_000)) == [("lab/m", 1), ("lab/gpt-4o", None)]
    targets = {setting.explain("w", session=str(number)).target for number in range(20)}
    assert targets == {"lab/m", "lab/n"}


def test_as_a_client_or_a_key_sees_it() -> None:
    views = {"codex": {"fast": "small"}, "key:alice": {"fast": ["lab/n", "small"]}}
    setting = Setting(aliases={"fast": ["lab/m", "lab/n"]}, views=views)
    assert setting.explain("fast").view == ""
    codex = setting.explain("fast", client="Codex")
    assert (codex.view, codex.target) == ("codex", "small")
    assert setting.explain("fast", client="codex", key="alice").target == "lab/n"
    grant = Grant(id="k1", name="alice", models=("small",))
    limited = setting.explain("fast", grant)
    assert (limited.view, limited.target) == ("key:alice", "small")
    assert limited.targets[1].why == "the key may not use it"
    with pytest.raises(Forbidden):
        setting.explain("fast", Grant(id="k2", name="bob", models=("lab/g*",)))
