"""Every rule about forwarding finds what it is for."""

from __future__ import annotations

import json

import pytest

from landbridge.conformance.rules import forwarding
from tests.fakes.bad_gateway import Fault, Json, Stage, breaks, broken
from tests.fakes.spoils import body, headers, is_text, status, swap, without

pytestmark = pytest.mark.io

KNOWN = ("model", "messages", "max_tokens", "stream")


def bare(asked: Json) -> Json:
    return {name: asked[name] for name in KNOWN if name in asked}


def signed_anew(asked: Json) -> Json:
    signed: Json = json.loads(json.dumps(asked).replace("EqoBCkgIAxABGAIiQ", "Another"))
    return signed


FAULTS = [
    Fault("headers are those it knows", ("Q1",), ask=headers(anthropic_unheard_of=None), behind=True),
    Fault("fields are those it knows", ("Q2", "Q3", "Q4"), ask=body(bare), behind=True),
    Fault("signatures are made anew", ("Q5",), ask=body(signed_anew), behind=True),
    Fault("errors have its own words", ("Q6", "Q10"), answer=swap((r'"message": ?"[^"{]*"', '"message":"it failed"'))),
    Fault("events are those it knows", ("Q7",), answer=without(lambda name, data: name == "telepathy")),
    Fault("words are lost", ("Q8",), answer=without(is_text, 1)),
    Fault("a provider's refusal is its own", ("Q9",), answer=status((403, 401))),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in forwarding.RULES} <= broken(FAULTS)
