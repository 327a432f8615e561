"""Names that lead to other names: what can never work is a fault, what may yet work a warning."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from landbridge.config.routes import impossible_routes, members, warn_of_routes
from landbridge.config.schema import Config, RouteTarget

LAB = {"dialect": "openai_chat", "base_url": "http://127.0.0.1:9/v1", "models": ["m", "org/x"]}


def config(**tree: Any) -> Config:
    return msgspec.convert(tree, Config)


def found(**tree: Any) -> list[tuple[tuple[str, ...], str]]:
    return [(path, what) for path, what, _ in impossible_routes(config(**tree))]


def test_members() -> None:
    assert members("a") == ["a"]
    assert members("") == members([]) == []
    assert members(["a", RouteTarget(model="b", weight=3)]) == ["a", "b"]


def test_what_works() -> None:
    tree: dict[str, Any] = {
        "aliases": {"fast": ["lab/m", "fast"], "f": "fast", "claude-*": ["claude-x", "f"]},
        "routes": {"r": {"targets": ["fast", {"model": "lab/m", "weight": 0}], "policy": "weight"}},
        "tiers": {"opus": "r", "haiku": ["r", "lab/m"]},
        "views": {"codex": {"gpt-5": "r"}, "key:alice": {"gpt-5": ["lab/m", "r"]}},
    }
    assert found(**tree) == []
    assert warn_of_routes(config(**tree, providers={"lab": LAB})) == []
    off = warn_of_routes(config(**tree, providers={"lab": {**LAB, "enabled": False}}))
    assert off[0] == "aliases.fast leads to 'lab/m', but 'lab' is turned off."


@pytest.mark.parametrize(
    ("tree", "path", "what"),
    [
        ({"aliases": {"a": ""}}, ("aliases", "a"), "the alias 'a' leads to nothing."),
        ({"aliases": {"a": []}}, ("aliases", "a"), "the alias 'a' leads to nothing."),
        ({"aliases": {"a": ["x", " "]}}, ("aliases", "a"), "the alias 'a' names a model without a name."),
        ({"tiers": {"opus": []}}, ("tiers", "opus"), "the tier 'opus' leads to nothing."),
        ({"views": {"codex": {"a": " "}}}, ("views", "codex", "a"), "the alias 'a' leads to nothing."),
        ({"views": {"key:": {}}}, ("views", "key:"), "'key:' names no access key."),
        ({"routes": {"r": {}}}, ("routes", "r", "targets"), "routes.r.targets names no model."),
        ({"routes": {"r": {"targets": [""]}}}, ("routes", "r", "targets"), "routes.r.targets names no model."),
        (
            {"routes": {"r": {"targets": [{"model": "a", "weight": 0}], "policy": "weight"}}},
            ("routes", "r", "targets"),
            "the weights of 'r' are all 0.",
        ),
        (
            {"routes": {"r": {"targets": ["x"]}}, "aliases": {"r": "y"}},
            ("routes", "r"),
            "'r' is an alias, too.",
        ),
    ],
)
def test_what_can_never_work(tree: dict[str, Any], path: tuple[str, ...], what: str) -> None:
    assert found(**tree) == [(path, what)]


def test_circles_are_shown_with_their_way() -> None:
    tree = {"aliases": {"a": ["x", "b"], "b": "c", "own": ["own", "x"]}, "routes": {"c": {"targets": ["y", "a"]}}}
    assert found(**tree) == [
        (("aliases", "a"), "'a' leads in a circle: 'a' -> 'b' -> 'c' -> 'a'."),
        (("aliases", "b"), "'b' leads in a circle: 'b' -> 'c' -> 'a' -> 'b'."),
        (("routes", "c"), "'c' leads in a circle: 'c' -> 'a' -> 'b' -> 'c'."),
    ]


def test_targets_that_nothing_known_bears_are_warned_of() -> None:
    tree: dict[str, Any] = {
        "providers": {"lab": LAB, "open": {"preset": "openai"}},
        "aliases": {"a": ["lab/m", "lab/n", "lab/m[1m]", "open/x", "local/y", "smollm2"], "b": "gone/z"},
        "routes": {"r": {"targets": ["a", "gone/z", "claude/lab/m"]}},
        "tiers": {"opus": ["gone/t"]},
    }
    assert warn_of_routes(config(**tree)) == [
        "aliases.a leads to 'lab/n', but 'lab' has no model 'lab/n'.".replace("'lab/n'.", "'n'."),
        "aliases.b leads to 'gone/z', but there is no provider 'gone'.",
        "tiers.opus leads to 'gone/t', but there is no provider 'gone'.",
        "routes.r leads to 'gone/z', but there is no provider 'gone'.",
    ]
