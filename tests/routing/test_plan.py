"""Straight across where both sides speak the same dialect and nothing has to look inside; else converted, with why."""

from __future__ import annotations

from itertools import product

import pytest

from landbridge.routing.plan import plan
from landbridge.routing.target import Target

DIALECTS = ("anthropic", "openai_chat")


@pytest.mark.parametrize(
    ("client", "target", "local", "allowed"), [*product(DIALECTS, DIALECTS, (False, True), (False, True))]
)
def test_every_pair(client: str, target: str, local: bool, allowed: bool) -> None:
    chosen = plan(client, Target("lab", "m", target, local=local), allowed)
    straight = client == target and allowed and not local
    assert chosen.path == ("passthrough" if straight else "converted")
    assert chosen.target.dialect == target


def test_the_reason_is_said() -> None:
    lab = Target("lab", "m", "openai_chat")
    assert plan("anthropic", lab, True).why == "the client speaks anthropic, the target openai_chat"
    assert "off for this provider" in plan("openai_chat", lab, False).why
    assert "same dialect" in plan("openai_chat", lab, True).why
    assert "local" in plan("openai_chat", Target("local", "m", "openai_chat", local=True), True).why
