"""Every rule about tools that are offered finds what it is for."""

from __future__ import annotations

import pytest

from landbridge.conformance.rules import offers
from tests.fakes.bad_gateway import Fault, Json, Stage, breaks, broken
from tests.fakes.spoils import body

pytestmark = pytest.mark.io


def bare(asked: Json) -> Json:
    return {name: asked[name] for name in ("model", "messages", "stream") if name in asked}


def chosen_freely(asked: Json) -> None:
    asked["tool_choice"] = "auto"


def as_they_came(asked: Json) -> None:
    """Tools in Anthropic's own form."""
    asked["tools"] = [
        {"name": "x", "type": "web_search_20250305", "input_schema": {}, "eager_input_streaming": True, **tool}
        | {"type": "custom"}
        for tool in asked.get("tools", [{}])
    ]


def fewer_properties(asked: Json) -> None:
    for tool in asked.get("tools", ()):
        tool["function"]["parameters"].get("properties", {}).pop("properties", None)


FAULTS = [
    Fault("tools are lost", ("J11", "J12", "J14", "J18"), ask=body(bare), behind=True),
    Fault("the choice is the model's", ("J11", "J12", "J13"), ask=body(chosen_freely), behind=True),
    Fault("tools are passed on as they came", ("J19", "J24"), ask=body(as_they_came), behind=True),
    Fault("a property is lost", ("J18",), ask=body(fewer_properties), behind=True),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in offers.RULES} <= broken(FAULTS)
