"""How targets stand: what is missing, forbidden, resting, too small, busy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from landbridge.access.grant import Grant
from landbridge.config import Config
from landbridge.engines.keeper import Keeper
from landbridge.gateway.branches import first_of, resting, stands, tokens_of, window_of
from landbridge.gateway.call import Call
from landbridge.gateway.world import World
from landbridge.routing.chain import Branch, Fork
from tests.fakes.running import NoModels, no_plan

LAB = {"dialect": "openai_chat", "base_url": "http://127.0.0.1:9/v1", "auth": "none", "models": ["m", "gpt-4o"]}
KEYED = {**LAB, "auth": "bearer", "api_key": "${GONE}"}


def made(**tree: Any) -> tuple[World, Keeper]:
    config = msgspec.convert({"providers": {"lab": LAB, "keyed": KEYED}, **tree}, Config)

    async def ask(*_: object) -> tuple[int, bytes]:
        raise AssertionError("nobody is asked")

    return World(config, {}, lambda: ("small",)), Keeper(NoModels(), lambda: config, Path(), no_plan, ask)


def branches(grant: Grant | None = None, now: float = 0.0, **tree: Any) -> list[Branch]:
    chain = ["lab/m", "lab/gpt-4o", "keyed/m", "small", "nowhere"]
    world, keeper = made(aliases={"fast": chain}, **tree)
    fork = world.find("fast")
    assert isinstance(fork, Fork)
    return [stand.branch for stand in stands(world, keeper, "fast", world.leaves(fork, ""), grant, now)]


def test_each_with_what_hinders_it() -> None:
    lab, known, keyed, small, nowhere = branches(models={"small": {"context": 4096}})
    assert lab == Branch("lab/m")
    assert known.window == 128_000
    assert "GONE" in keyed.fault
    assert (small.local, small.window, small.waiting) == (True, 4096, 0)
    assert nowhere.fault == "There is no model 'nowhere'"


def test_a_key_may_use_what_its_names_lead_to_and_else_only_its_own() -> None:
    assert not branches(Grant(id="k", name="n", models=("fast",)))[0].fault
    some = branches(Grant(id="k", name="n", models=("lab/g*",)))
    assert [branch.fault == "the key may not use it" for branch in some] == [True, False, True, True, False]


def test_who_rests_says_how_long() -> None:
    world, _ = made(breaker={"failures": 1})
    breaker = world.breaker("lab/m")
    ticket = breaker.take(0.0)
    assert ticket is not None and resting(world, "lab/m", 0.0) == ""
    breaker.fail(ticket, 0.0, "500 provider")
    assert resting(world, "lab/m", 1.2) == "breaker open 4s"
    assert resting(world, "lab/m", 5.0) == ""
    breaker.take(5.0)
    assert resting(world, "lab/m", 5.0) == "breaker half-open, one request tries it"
    assert resting(world, "other/m", 0.0) == ""


def test_windows_are_those_that_are_known() -> None:
    world, keeper = made()
    assert window_of(world, keeper, world.target(world.route("small"))) is None
    assert window_of(world, keeper, world.target(world.route("lab/gpt-4o"))) == 128_000


def test_tokens_are_guessed_only_where_they_matter_and_can_be() -> None:
    longer = Fork("f", (), longer=True)
    assert tokens_of(Fork("f", ()), b"x" * 400) is None
    assert tokens_of(longer, b"x" * 400) == 100
    assert tokens_of(longer, b'{"type":"base64","data":"' + b"x" * 400) is None


def test_mostly_the_first_is_asked_without_a_look_at_the_others() -> None:
    def first(grant: Grant | None = None, dialect: str = "openai_chat", **tree: Any) -> str:
        world, _ = made(**{"aliases": {"fast": ["lab/m", "small"], "keys": ["keyed/m", "small"]}, **tree})
        call = Call(dialect, b"{}", ())
        call.key = grant
        found = {name: world.find(name) for name in world.forks()}
        stand = first_of(world, found.get("fast") or found["r"], call)  # type: ignore[arg-type]
        return "" if stand is None else stand.branch.label

    assert first() == "lab/m"
    assert first(Grant(id="k", name="n")) == "lab/m"
    assert first(Grant(id="k", name="n", models=("small",))) == ""
    assert first(dialect="openai_responses") == "", "somebody may keep the response before"
    assert first(aliases={"fast": ["gone", "lab/m"]}) == ""
    assert first(aliases={"fast": ["keyed/m", "lab/m"]}) == ""
    assert first(aliases={"fast": ["small", "lab/m"]}) == "small"
    for more in ({"policy": "weight"}, {"sticky": True}, {"spill": "cloud"}, {"too_long": "next"}):
        assert first(aliases={}, routes={"r": {"targets": ["lab/m", "small"], **more}}) == ""
