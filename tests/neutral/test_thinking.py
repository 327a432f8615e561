"""Wishes to think, brought to what targets take."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from landbridge.neutral.effort import EFFORTS, budget_of
from landbridge.neutral.request import Reasoning
from landbridge.neutral.thinking import settle
from landbridge.neutral.traits import ThinkingField, Traits

FIVE = ("low", "medium", "high", "xhigh", "max")
KINDS = {
    "budgets": Traits(adaptive=False, budgets=(1024, 64_000), efforts=()),
    "budgets and words": Traits(adaptive=False, budgets=(1024, 64_000), efforts=("low", "medium", "high")),
    "all": Traits(budgets=(1024, 128_000), efforts=("low", "medium", "high", "max")),
    "words": Traits(budgets=None, efforts=FIVE),
    "words, always": Traits(thinks="always", budgets=None, efforts=FIVE),
    "words or none": Traits(budgets=None, efforts=("none", "low", "medium", "high")),
    "numbers or dynamic": Traits(budgets=(1, 24_576), efforts=()),
    "numbers, always": Traits(thinks="always", budgets=(128, 32_768), efforts=()),
    "switch": Traits(budgets=None, efforts=()),
    "never": Traits(thinks="never"),
}
WISHES = st.builds(
    Reasoning,
    mode=st.sampled_from(["unset", "off", "on", "adaptive"]),
    budget=st.none() | st.integers(-1, 200_000),
    effort=st.sampled_from(["", "new", *EFFORTS]),
    display=st.sampled_from(["", "omitted"]),
)
TRAITS = st.sampled_from(list(KINDS.values()))
LIMITS = st.none() | st.integers(1, 200_000)

UNSET, OFF, ADAPTIVE = Reasoning(), Reasoning("off"), Reasoning("adaptive")


def on(budget: int | None = None, effort: str = "") -> Reasoning:
    return Reasoning("on", budget, effort)


def adaptive(effort: str = "") -> Reasoning:
    return Reasoning("adaptive", effort=effort)


@pytest.mark.parametrize(
    ("wish", "kind", "settled"),
    [
        # A number of tokens
        (on(5000), "budgets", on(5000)),
        (on(5000), "budgets and words", on(5000)),
        (on(5000), "all", on(5000)),
        (on(5000), "words", adaptive("medium")),
        (on(31_999), "words", adaptive("max")),
        (on(31_999), "words or none", adaptive("high")),
        (on(100_000), "numbers or dynamic", on(24_576)),
        (on(0), "numbers, always", on(128)),
        # A word
        (on(effort="high"), "budgets", on(16_384)),
        (on(effort="high"), "budgets and words", on(16_384, "high")),
        (on(effort="high"), "all", adaptive("high")),
        (on(effort="xhigh"), "all", adaptive("high")),
        (on(effort="minimal"), "words", adaptive("low")),
        (on(effort="high"), "numbers or dynamic", on(16_384)),
        # Both: the number counts where there can be one
        (on(5000, "max"), "all", on(5000, "max")),
        (on(5000, "max"), "words", adaptive("max")),
        # Its own judgement
        (ADAPTIVE, "budgets", on(8192)),
        (adaptive("high"), "budgets", on(16_384)),
        (ADAPTIVE, "all", ADAPTIVE),
        (ADAPTIVE, "words", ADAPTIVE),
        (ADAPTIVE, "words or none", adaptive("medium")),
        (adaptive("max"), "words or none", adaptive("high")),
        (ADAPTIVE, "numbers or dynamic", ADAPTIVE),
        (adaptive("low"), "numbers or dynamic", on(2048)),
        (adaptive("high"), "switch", ADAPTIVE),
        (adaptive("new"), "words", ADAPTIVE),
        # Effort alone
        (Reasoning(effort="max"), "budgets", UNSET),
        (Reasoning(effort="max"), "budgets and words", Reasoning(effort="high")),
        (Reasoning(effort="max"), "words", Reasoning(effort="max")),
        # Off
        (OFF, "budgets", OFF),
        (OFF, "words", OFF),
        (OFF, "numbers or dynamic", OFF),
        (OFF, "switch", OFF),
        (Reasoning("off", effort="low"), "words", Reasoning("off", effort="low")),
        (Reasoning("off", effort="max"), "words", Reasoning("off", effort="high")),
        (Reasoning("off", effort="low"), "budgets", OFF),
        # Nothing said
        *((UNSET, kind, UNSET) for kind in KINDS),
    ],
)
def test_p51_a_wish_becomes_what_the_target_takes(wish: Reasoning, kind: str, settled: Reasoning) -> None:
    assert settle(wish, KINDS[kind]) == (settled, "")


@pytest.mark.parametrize(
    ("wish", "said"),
    [(on(5000), True), (on(effort="high"), True), (ADAPTIVE, False), (adaptive("high"), False), (OFF, False)],
)
def test_p51_a_model_that_does_not_think_is_asked_nothing(wish: Reasoning, said: bool) -> None:
    """Agents wish for adaptive thinking of every model; only who insisted is told."""
    settled, why = settle(wish, KINDS["never"])
    assert settled == UNSET
    assert bool(why) is said


@pytest.mark.parametrize(
    ("wish", "kind", "settled"),
    [
        (OFF, "words, always", Reasoning(effort="low")),
        (Reasoning("off", effort="medium"), "words, always", Reasoning(effort="medium")),
        (OFF, "numbers, always", replace(on(128), display="omitted")),
    ],
)
def test_who_cannot_stop_thinking_thinks_as_little_as_it_can(wish: Reasoning, kind: str, settled: Reasoning) -> None:
    found, why = settle(wish, KINDS[kind])
    assert found == settled
    assert "cannot be kept from thinking" in why


@pytest.mark.parametrize("wish", [on(5000), on(effort="max"), on(effort="new")])
def test_who_can_only_be_switched_on_is_and_the_measure_is_lost(wish: Reasoning) -> None:
    settled, why = settle(wish, KINDS["switch"])
    assert settled == ADAPTIVE
    assert "not how much" in why
    assert settle(on(effort="new"), KINDS["words or none"]) == (adaptive("medium"), "this model knows no effort 'new'")
    assert settle(on(), KINDS["switch"]) == (ADAPTIVE, "")


@pytest.mark.parametrize(
    ("wish", "max_tokens", "budget"),
    [
        (on(31_999), 32_000, 31_999),
        (on(31_999), 8000, 7999),
        (on(1024), 1025, 1024),
        (on(effort="high"), 40_000, 16_384),
        (on(effort="high"), 8000, 4000),
        (adaptive("max"), 4096, 2048),
        (ADAPTIVE, 2048, 1024),
    ],
)
def test_p39_p63_thinking_leaves_room_for_the_answer(wish: Reasoning, max_tokens: int, budget: int) -> None:
    settled, why = settle(wish, KINDS["budgets"], max_tokens)
    assert (settled.mode, settled.budget, why) == ("on", budget, "")


@pytest.mark.parametrize(("wish", "max_tokens"), [(on(5000), 1024), (on(effort="low"), 2000), (ADAPTIVE, 1)])
def test_p39_without_room_there_is_no_thinking_and_that_is_said(wish: Reasoning, max_tokens: int) -> None:
    settled, why = settle(wish, KINDS["budgets"], max_tokens)
    assert settled == OFF
    assert "max_tokens" in why


def test_p39_who_always_thinks_is_held_to_the_least() -> None:
    settled, why = settle(on(5000), KINDS["numbers, always"], 100)
    assert settled == on(128)
    assert "max_tokens" in why


@pytest.mark.parametrize(
    ("said", "wish", "kind", "settled"),
    [
        ("off", adaptive("high"), "words", OFF),
        ("off", on(5000), "budgets", OFF),
        ("on", OFF, "words", ADAPTIVE),
        ("on", on(5000), "budgets", on(5000)),
        ("low", on(5000, "max"), "words", adaptive("low")),
        ("low", UNSET, "budgets", on(2048)),
        ("max", OFF, "switch", ADAPTIVE),
        ("high", on(5000), "never", UNSET),
    ],
)
def test_the_users_settings_win(said: str, wish: Reasoning, kind: str, settled: Reasoning) -> None:
    assert settle(wish, replace(KINDS[kind], thinking=said))[0] == settled


def test_how_it_is_shown_stays_while_there_is_thinking() -> None:
    wish = Reasoning("adaptive", display="omitted")
    assert settle(wish, KINDS["words"])[0].display == "omitted"
    assert settle(wish, KINDS["budgets"])[0].display == "omitted"
    assert settle(replace(wish, mode="off"), KINDS["words"])[0].display == ""


@given(WISHES, TRAITS, LIMITS)
def test_what_is_settled_is_taken(wish: Reasoning, traits: Traits, max_tokens: int | None) -> None:
    settled, _ = settle(wish, traits, max_tokens)
    assert settled.effort in ("", *traits.efforts) and settled.effort != "none"
    assert settled.mode != "adaptive" or traits.adaptive
    assert settled.mode != "off" or traits.thinks == "can"
    assert (settled.budget is None) or settled.mode == "on"
    if settled.budget is not None:
        assert traits.budgets is not None and traits.budgets[0] <= settled.budget <= traits.budgets[1]
        assert max_tokens is None or settled.budget < max_tokens or traits.thinks == "always"


@given(WISHES, TRAITS, LIMITS)
def test_what_is_settled_stays_so(wish: Reasoning, traits: Traits, max_tokens: int | None) -> None:
    """A second gateway of ours behind the first changes nothing more."""
    settled, _ = settle(wish, traits, max_tokens)
    if settled.mode != "unset":
        assert settle(settled, traits, max_tokens)[0] == settled


@given(WISHES, TRAITS)
def test_a_wish_to_think_never_becomes_off(wish: Reasoning, traits: Traits) -> None:
    settled, _ = settle(wish, traits)
    assert (settled.mode == "off") == (wish.mode == "off" and traits.thinks == "can")


def test_every_number_of_a_word_is_within_what_claude_takes() -> None:
    for word in EFFORTS:
        assert settle(on(effort=word), KINDS["budgets"])[0].budget == budget_of(word)


def test_traits_default_to_no_field() -> None:
    assert Traits().effort == get_args(ThinkingField)[0] == "none"
