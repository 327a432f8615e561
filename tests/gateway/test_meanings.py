"""What settings say that names mean: lists, routes, tiers, and views of clients and keys."""

from __future__ import annotations

from typing import Any

import msgspec

from landbridge.config import Config
from landbridge.gateway.meanings import meanings_of, view_of
from landbridge.routing.chain import Fork, Member


def config(**tree: Any) -> Config:
    return msgspec.convert(tree, Config)


def test_lists_are_forks_and_single_names_are_not() -> None:
    means = meanings_of(config(aliases={"a": "x", "b": ["x"], "c": ["x", "y"]}))
    assert means.aliases == {"a": "x", "b": "x", "c": Fork("c", (Member("x"), Member("y")), why="alias c")}
    assert means.forks
    assert not meanings_of(config(aliases={"a": "x", "b": ["x"]}, tiers={"opus": "y"})).forks


def test_routes_carry_all_they_say() -> None:
    route = {
        "targets": ["x", {"model": "y", "weight": 3}],
        "policy": "weight",
        "sticky": True,
        "spill": "both",
        "spill_queue": 2,
        "spill_wait": 1.5,
        "too_long": "next",
    }
    assert meanings_of(config(routes={"r": route})).aliases["r"] == Fork(
        "r", (Member("x"), Member("y", 3)), "weight", True, "both", 2, 1.5, True, "route r"
    )


def test_tiers_stand_under_their_names_and_what_an_alias_says_wins() -> None:
    means = meanings_of(config(tiers={"opus": ["x", "y"]}, aliases={"opus": "z"}))
    fork = Fork("opus", (Member("x"), Member("y")), why="tier opus")
    assert means.tiers == {"opus": fork}
    assert means.aliases == {"opus": "z", "claude-*opus*": fork, "*.claude-*opus*": fork}
    assert means.forks


def test_a_view_has_its_own_names_first_and_all_others() -> None:
    settings = config(aliases={"a": "x", "b": "x"}, views={"codex": {"b": "y", "c": ["x", "y"]}})
    assert meanings_of(settings).aliases == {"a": "x", "b": "x"}
    means = meanings_of(settings, "codex")
    assert (means.aliases["a"], means.aliases["b"], means.first) == ("x", "y", frozenset({"b", "c"}))
    assert isinstance(fork := means.aliases["c"], Fork) and fork.why == "view codex, alias c"


def test_the_view_of_a_key_comes_before_that_of_its_client() -> None:
    views: dict[str, object] = {"codex": {}, "key:alice": {}, "key:k7": {}}
    assert view_of(views, "codex", ()) == "codex"
    assert view_of(views, "codex", ("alice", "k1")) == "key:alice"
    assert view_of(views, "codex", ("bob", "k7")) == "key:k7"
    assert view_of(views, "alice", ()) == view_of({}, "codex", ("alice",)) == ""
