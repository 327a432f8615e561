"""Every rule about ids and names finds what it is for."""

from __future__ import annotations

import pytest

from landbridge.conformance.rules import identity
from tests.fakes.bad_gateway import Fault, Json, Stage, breaks, broken
from tests.fakes.spoils import each_message, swap

pytestmark = pytest.mark.io


def results_elsewhere(message: Json) -> list[Json]:
    return [message | {"tool_call_id": "another"}] if message["role"] == "tool" else [message]


CALL_IDS = '"id":"(call|toolu|lbid)_[^"]*"'
FAULTS = [
    Fault("all messages have one id", ("I1",), answer=swap(('"id":"msg_[^"]*"', '"id":"msg_1"'))),
    Fault("ids have any letters", ("I2",), answer=swap((CALL_IDS, '"id":"call:0/1"'))),
    Fault("results have other ids than their calls", ("I3",), ask=each_message(results_elsewhere), behind=True),
    Fault("all calls have one id", ("I4", "I5"), answer=swap((CALL_IDS, '"id":"call_0"'))),
    Fault("long names stay short", ("I6",), answer=swap(("and_a_tool_whose_name_is_long_too", ""))),
    Fault(
        "long names go to the upstream",
        ("I6",),
        ask=swap((r'"name": ?"mcp__[^"]*"', '"name": "' + "m" * 99 + '"')),
        behind=True,
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in identity.RULES} <= broken(FAULTS)
