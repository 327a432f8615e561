"""Every rule about context windows finds what it is for."""

from __future__ import annotations

import pytest

from landbridge.conformance.rules import limits
from tests.fakes.bad_gateway import Fault, Json, Stage, breaks, broken
from tests.fakes.spoils import body, mark_of, status, swap

pytestmark = pytest.mark.io


def cut(asked: Json) -> None:
    """The front of a long prompt is lost."""
    for message in asked["messages"]:
        if isinstance(message["content"], str) and len(message["content"]) > 100_000:
            message["content"] = mark_of(asked) + message["content"][50_000:]


WORDS = ("prompt is too long|input length and|maximum context length", "the window is full")
FAULTS = [
    Fault("overflows have words of their own", ("G1", "G2", "G3", "G5"), answer=swap(WORDS)),
    Fault("overflows have neither words nor code", ("G6",), answer=swap(WORDS, ("context_length_exceeded", "oh"))),
    Fault("overflows are failures", ("G1", "G2", "G3", "G5", "G6"), answer=status((400, 500))),
    Fault("the numbers are lost", ("G4",), answer=swap(("41000", "many"))),
    Fault("long prompts are cut", ("G7",), ask=body(cut), behind=True),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in limits.RULES} <= broken(FAULTS)
