"""What a name leads to in the end: members by way of aliases and other forks, unknown ones said, circles harmless."""

from __future__ import annotations

import pytest

from landbridge.errors import UnknownModel
from landbridge.routing.chain import Fork, Member
from landbridge.routing.forks import Leaf, first_of, leaves, with_tiers
from landbridge.routing.names import Aliases, Catalog, Route, resolve

CATALOG = Catalog(local=("small", "big"), providers={"lab": ("m", "n"), "new": None}, open=frozenset({"new"}))


def fork(name: str, *models: str | tuple[str, float]) -> Fork:
    return Fork(name, tuple(Member(each) if isinstance(each, str) else Member(*each) for each in models), why=name)


def labels(found: tuple[Leaf, ...]) -> list[str]:
    return [leaf.label for leaf in found]


def test_members_are_models_aliases_and_other_forks_each_once() -> None:
    inner = fork("inner", "big", "lab/n")
    outer = fork("outer", "lab/m", "short", "inner", "small", "lab/n", "m")
    aliases: Aliases = {"outer": outer, "inner": inner, "short": "new/x"}
    assert labels(leaves(outer, CATALOG, aliases)) == ["lab/m", "new/x", "big", "lab/n", "small"]


def test_unknown_members_are_there_with_the_reason() -> None:
    found = leaves(fork("f", "nowhere", "lab/m", "lab/q"), CATALOG, {})
    assert [(leaf.route is None, leaf.fault) for leaf in found] == [
        (True, "There is no model 'nowhere'"),
        (False, ""),
        (True, "There is no model 'lab/q'"),
    ]


def test_circles_end_and_a_fork_may_name_the_model_of_its_own_name() -> None:
    a, b = fork("a", "b", "small"), fork("b", "a", "big")
    found = leaves(a, CATALOG, {"a": a, "b": b})
    assert labels(found) == ["a", "big", "small"] and found[0].fault == "There is no model 'a'"
    small = fork("small", "lab/m", "small")
    assert labels(leaves(small, CATALOG, {"small": small})) == ["lab/m", "small"]
    claude = fork("claude-*", "claude-big", "lab/m")
    assert labels(leaves(claude, Catalog(providers={"lab": ("m", "claude-big")}), {"claude-*": claude})) == [
        "lab/claude-big",
        "lab/m",
    ]


def test_a_fork_below_shares_the_weight_of_its_place() -> None:
    inner = fork("inner", ("big", 3), ("small", 1))
    found = leaves(fork("outer", ("lab/m", 2), ("inner", 8)), CATALOG, {"inner": inner})
    assert [(leaf.label, leaf.member.weight) for leaf in found] == [("lab/m", 2), ("big", 6), ("small", 2)]
    twice = leaves(fork("outer", ("big", 2), ("inner", 8)), CATALOG, {"inner": inner})
    assert [(leaf.label, leaf.member.weight) for leaf in twice] == [("big", 8), ("small", 2)]
    nothing = fork("none", ("big", 0))
    assert leaves(fork("o", "none"), CATALOG, {"none": nothing})[0].member.weight == 0


def test_where_one_model_is_wanted_it_is_the_first_that_there_is() -> None:
    assert first_of(fork("f", "nowhere", "lab/m", "small"), CATALOG, {}) == Route("lab", "m", "f")
    with pytest.raises(UnknownModel, match="'f' leads nowhere: there is none of nowhere, lab/q"):
        first_of(fork("f", "nowhere", "lab/q"), CATALOG, {})


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("opus", "lab/m"),
        ("claude-opus-4-5-20251101", "lab/m"),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", "lab/m"),
        ("claude-3-opus", "lab/m"),
        ("claude-sonnet-4-5", "small"),
        ("claude-haiku-4-5", "small"),
        ("claude-opus-9-fast", "lab/n"),
        ("lab/m", "lab/m"),
    ],
)
def test_tiers_mean_their_models_unless_an_alias_is_closer(name: str, label: str) -> None:
    tiers: Aliases = {"opus": "lab/m"}
    aliases = with_tiers({"claude-*": "small", "claude-opus-*fast": "lab/n"}, tiers)
    found = resolve(name, CATALOG, aliases, "", tiers=tiers)
    assert isinstance(found, Route) and found.label == label
    assert name != "opus" or found.why == "tier opus"


def test_an_alias_of_a_tiers_own_name_wins() -> None:
    assert with_tiers({"opus": "small"}, {"opus": "lab/m"})["opus"] == "small"
