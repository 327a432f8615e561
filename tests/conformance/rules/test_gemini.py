"""Every rule about Gemini finds what it is for."""

from __future__ import annotations

import pytest

from landbridge.conformance.rules import gemini
from tests.fakes.bad_gateway import Fault, Json, Stage, breaks, broken
from tests.fakes.spoils import body, mark_of, refuse, swap

pytestmark = pytest.mark.io


def only_mark(asked: Json) -> None:
    asked["messages"] = [{"role": "user", "content": mark_of(asked)}]


def bare(asked: Json) -> Json:
    return {name: asked[name] for name in ("model", "messages", "stream") if name in asked}


def as_they_came(asked: Json) -> None:
    for tool in asked.get("tools", ()):
        for each in tool.get("functionDeclarations", ()):
            each["parameters"] = {"$schema": "x", "type": "object", "properties": {}}


def unsigned(asked: Json) -> None:
    for turn in asked["contents"]:
        for part in turn["parts"]:
            part.pop("thoughtSignature", None)
            if "functionResponse" in part:
                part["functionResponse"]["name"] = ""


FAULTS = [
    Fault("the messages are lost", ("S1", "S3"), ask=body(only_mark), behind=True),
    Fault("there is one version", ("S2",), ask=refuse(lambda ask: ask.path.startswith("/v1/"), 400)),
    Fault("only the messages are passed on", ("S4", "S5"), ask=body(bare), behind=True),
    Fault("counts are 0", ("S6",), answer=swap((r'"totalTokens": ?\d+', '"totalTokens":0'))),
    Fault("lists are another dialect's", ("S7",), answer=swap(('"models":', '"data":'))),
    Fault("streams are always events", ("S8",), answer=swap((r"^\[", "data: "))),
    Fault("schemas are passed on as they came", ("S9",), ask=body(as_they_came), behind=True),
    Fault("signatures and names are lost", ("S10", "S11"), ask=body(unsigned), behind=True),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in gemini.RULES} <= broken(FAULTS)
