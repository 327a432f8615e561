"""Every rule about tool calls finds what it is for."""

from __future__ import annotations

import pytest

from landbridge.conformance.rules import tools
from tests.fakes.bad_gateway import Fault, Json, Spoil, Stage, breaks, broken
from tests.fakes.spoils import Event, document, events, is_text, swap, without

pytestmark = pytest.mark.io


def args_are(text: str) -> Spoil:
    """All arguments are this, whatever the model wrote."""

    def change(found: list[Event]) -> list[Event]:
        for _, data in found:
            block, delta = data.get("content_block", {}), data.get("delta", {})
            if delta.get("type") == "input_json_delta":
                delta["partial_json"] = ""
            if block.get("type") == "tool_use":
                first = data["index"]
                next(d for _, d in found if d["type"] == "content_block_delta" and d["index"] == first)["once"] = 1
        for _, data in found:
            if data.pop("once", None):
                data["delta"]["partial_json"] = text
        return found

    return events(change)


def emptied(answer: Json) -> None:
    for block in answer["content"]:
        if block["type"] == "tool_use":
            block["input"] = {}


ALL = ("H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8", "H13", "H14", "H16", "H17")
FAULTS = [
    Fault("calls have other names", ALL, answer=swap(('"(Read|Bash)"', '"Other"'))),
    Fault(
        "all ids are the same",
        ("H1", "H4", "H5", "H6", "H7", "H8"),
        answer=swap(('"id":"(call|toolu|lbid)_[^"]*"', '"id":""')),
    ),
    Fault("arguments are joined to an empty object", ("H9", "H10", "H1", "H2"), answer=args_are('{}{"a":1}')),
    Fault("arguments become an empty object", ("H11", "H1", "H3", "H4"), answer=args_are("{}")),
    Fault("whole arguments become an empty object", ("H12",), answer=document(emptied)),
    Fault("words beside calls are lost", ("H13",), answer=without(is_text)),
    Fault("empty parameters are passed on", ("H15",), answer=args_are('{"file_path":"/a.pdf","pages":""}')),
    Fault("markup is shown", ("H14",), answer=swap(("I look", "<tool_call> I look"))),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in tools.RULES} <= broken(FAULTS)
