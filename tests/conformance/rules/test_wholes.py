"""Every rule about whole answers finds what it is for."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from landbridge.conformance.rules import wholes
from tests.fakes.bad_gateway import Fault, Json, Passing, Stage, breaks, broken
from tests.fakes.spoils import document, swap

pytestmark = pytest.mark.io


def streamed(passing: Passing) -> Passing:
    """Who asked for a whole answer gets a stream."""
    if passing.is_stream or passing.status != 200:
        return passing
    return replace(passing, headers={"content-type": "text/event-stream"}, body=b"data: " + passing.body + b"\n\n")


def fieldless(answer: Json) -> None:
    answer.pop("usage", None)
    answer.pop("stop_sequence", None)


def backwards(answer: Json) -> None:
    answer.get("content", []).reverse()


FAULTS = [
    Fault("fields are missing", ("E1",), answer=document(fieldless)),
    Fault("characters are lost", ("E2",), answer=swap(("\u4e16", "\ufffd"))),
    Fault("blocks come in another order", ("E3",), answer=document(backwards)),
    Fault(
        "whole answers say something else",
        ("E4",),
        answer=document(lambda answer: json.loads(json.dumps(answer).replace("I look.", "I see."))),
    ),
    Fault("whole answers are streams", ("E5", "E1", "E2"), answer=streamed),
    Fault("inputs are missing", ("E6", "E7"), answer=swap((r'"input":\{[^}]*\}+', '"input":null'))),
    Fault("inputs are texts", ("E7",), answer=swap((r'"input":\{[^}]*\}+', '"input":"x"'))),
    Fault("calls are lost", ("E8", "E3"), answer=swap(('"Read"', '"Reed"'))),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in wholes.RULES} <= broken(FAULTS)
