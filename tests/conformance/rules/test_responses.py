"""Every rule about clients of the Responses API finds what it is for."""

from __future__ import annotations

import pytest

from landbridge.conformance.rules import responses
from tests.fakes.bad_gateway import Fault, Json, Stage, breaks, broken
from tests.fakes.spoils import body, document, each_message, mark_of, refuse

pytestmark = pytest.mark.io


def only_mark(asked: Json) -> None:
    asked["messages"] = [{"role": "user", "content": mark_of(asked)}]


def results_elsewhere(message: Json) -> list[Json]:
    return [message | {"tool_call_id": "another"}] if message["role"] == "tool" else [message]


def as_they_came(asked: Json) -> None:
    asked["tools"] = [*asked.get("tools", ()), {"type": "web_search"}]
    asked |= {"store": False, "include": [], "reasoning": {"encrypted_content": "c2VjcmV0IHRob3VnaHRz"}}


def fieldless(answer: Json) -> None:
    answer.pop("parallel_tool_calls", None)


FAULTS = [
    Fault("the messages are lost", ("R1", "R2", "R5"), ask=body(only_mark), behind=True),
    Fault("texts are no input", ("R3",), ask=refuse(lambda ask: b'"input":"' in ask.body)),
    Fault("fields are missing", ("R4",), answer=document(fieldless)),
    Fault("results have other ids than their calls", ("R5",), ask=each_message(results_elsewhere), behind=True),
    Fault("all is passed on as it came", ("R6", "R7", "R8"), ask=body(as_they_came), behind=True),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in responses.RULES} <= broken(FAULTS)
