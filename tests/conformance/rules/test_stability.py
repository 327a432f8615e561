"""Every rule about requests that look the same finds what it is for."""

from __future__ import annotations

import itertools
import json

import pytest

from landbridge.conformance.rules import stability
from tests.fakes.bad_gateway import Fault, Json, Stage, breaks, broken
from tests.fakes.spoils import body

pytestmark = pytest.mark.io

NUMBERS = itertools.count()


def stamped(asked: Json) -> None:
    """Something new stands at the front each time."""
    first = asked["messages"][0]
    text = first["content"] if isinstance(first["content"], str) else json.dumps(first["content"])
    first["content"] = f"{next(NUMBERS)} {text}"


def billed(asked: Json) -> None:
    asked["messages"].insert(0, {"role": "system", "content": "x-anthropic-billing-header: x"})


def hidden(asked: Json) -> None:
    asked["messages"] = [message for message in asked["messages"] if message["role"] != "system"]


def by_name(asked: Json) -> None:
    asked.get("tools", []).sort(key=lambda tool: tool["function"]["name"])


FAULTS = [
    Fault("something new stands at the front", ("L1", "L2", "L3", "L4", "L5", "L7"), ask=body(stamped), behind=True),
    Fault("the attribution line is kept", ("L6",), ask=body(billed), behind=True),
    Fault("the system prompt is lost", ("L6",), ask=body(hidden), behind=True),
    Fault("tools are sorted by name", ("L8",), ask=body(by_name), behind=True),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in stability.RULES} <= broken(FAULTS)
