"""What a key may use: patterns, names that lead elsewhere, dresses that must not widen it; and when it is over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.access.grant import Grant, check_alive, check_model, forbidden, may_use, permits, state_of, veiled
from landbridge.errors import BadRequest, Forbidden, GatewayError, Unauthorized, UnknownModel


def key(*models: str, expires: float | None = None, revoked: float | None = None) -> Grant:
    return Grant(id="abcd2345", name="ann", models=models, expires=expires, revoked=revoked)


@pytest.mark.parametrize(
    ("patterns", "model", "allowed"),
    [
        ((), "anything/at-all", True),
        (("smollm2",), "smollm2", True),
        (("smollm2",), "local/smollm2", True),
        (("local/smollm2",), "smollm2", True),
        (("local/*",), "smollm2", True),
        (("local/*",), "lab/smollm2", False),
        (("smollm2",), "lab/smollm2", False),
        (("smol*",), "SmolLM2", True),
        (("LAB/*",), "lab/m", True),
        (("lab/*",), "lab/org/m", True),
        (("lab/m", "work/gpt-*"), "work/gpt-7", True),
        (("lab/m", "work/gpt-*"), "work/o9", False),
        (("*",), "lab/m", True),
        (("lab",), "lab/m", False),
    ],
)
def test_patterns_are_those_of_aliases(patterns: tuple[str, ...], model: str, allowed: bool) -> None:
    assert permits(key(*patterns), model) is allowed


def test_without_a_key_there_are_no_limits() -> None:
    assert permits(None, "lab/m")
    assert may_use(None, "claude/lab/m", "lab/m")
    check_model(None, "x", "lab/m")


@pytest.mark.parametrize(
    ("patterns", "asked", "label", "allowed"),
    [
        (("lab/m",), "claude-opus-5", "lab/m", True),  # what it leads to is allowed
        (("claude-*",), "claude-opus-5", "lab/m", True),  # the name is allowed, so is what it leads to
        (("claude-*haiku*",), "claude-haiku-5[1m]", "lab/m", True),
        (("claude-*haiku*",), "claude-opus-5", "lab/m", False),
        (("lab/m",), "claude/lab/m", "lab/m", True),
        (("claude*",), "claude/lab/m", "lab/m", False),  # a dress is no name
        (("anthropic/*",), "anthropic/lab/m", "lab/m", False),
        (("anthropic/*",), "anthropic/claude-opus-5", "anthropic/claude-opus-5", True),
        (("*m*",), "", "lab/x", False),
        (("lab/x",), "", "lab/x", True),
    ],
)
def test_a_name_or_what_it_leads_to(patterns: tuple[str, ...], asked: str, label: str, allowed: bool) -> None:
    assert may_use(key(*patterns), asked, label) is allowed


@given(st.text(max_size=30), st.sampled_from(["claude/", "anthropic/"]))
def test_no_dress_opens_what_the_label_does_not(label: str, dress: str) -> None:
    grant = key("claude*", "anthropic*")
    if not permits(grant, label):
        assert not may_use(grant, dress + label, label)


def test_the_refusal_names_what_is_allowed_and_nothing_else() -> None:
    with pytest.raises(Forbidden) as caught:
        check_model(key("smollm2", "claude-*haiku*"), "work/gpt-9", "work/gpt-9")
    assert caught.value.text == "The key 'ann' may not use the model 'work/gpt-9'. It may use: smollm2, claude-*haiku*."
    many = forbidden(key(*(f"m{number}" for number in range(40))), "x" * 5000)
    assert len(many.text) < 300
    assert many.text.endswith("m4 and more.")


def test_a_key_for_some_models_is_not_told_which_others_there_are() -> None:
    unknown: GatewayError = UnknownModel("There is no model 'x'.", remedy="There are: secret-1.")
    assert veiled(unknown, key("lab/*"), "x") == forbidden(key("lab/*"), "x")
    assert veiled(unknown, key(), "x") is veiled(unknown, None, "x") is unknown
    other = BadRequest("It is no JSON.")
    assert veiled(other, key("lab/*"), "x") is other


def test_over_is_over() -> None:
    check_alive(key(expires=100.0), 99.9)
    with pytest.raises(Unauthorized, match="'ann' has expired"):
        check_alive(key(expires=100.0), 100.0)
    with pytest.raises(Unauthorized, match="'ann' was revoked"):
        check_alive(key(expires=100.0, revoked=50.0), 60.0)
    assert state_of(key(), 1e12) == "active"
    assert state_of(key(expires=1.0), 2.0) == "expired"
    assert state_of(key(expires=1.0, revoked=5.0), 2.0) == "revoked"
