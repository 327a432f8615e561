"""Every rule about usage finds what it is for."""

from __future__ import annotations

import pytest

from landbridge.conformance.rules import usage
from tests.fakes.bad_gateway import Fault, Stage, breaks, broken
from tests.fakes.spoils import Event, events, swap

pytestmark = pytest.mark.io

COUNTS = r'"((?:input|output|prompt|completion|cached|cache_\w+_input|ephemeral_\w+_input)_tokens)": ?\d+'
ALL = ("M1", "M2", "M3", "M4", "M5", "M8", "M9", "M10")


def bare_delta(found: list[Event]) -> list[Event]:
    for name, data in found:
        if name == "message_delta":
            data["usage"] = {"output_tokens": data["usage"]["output_tokens"]}
    return found


FAULTS = [
    Fault("counts are 0", ALL, answer=swap((COUNTS, r'"\1":0'))),
    Fault("counts are null", ("M6", "M7", "M1", "M9"), answer=swap((COUNTS, r'"\1":null'))),
    Fault("cached tokens are counted again", ("M5", "M1"), answer=swap(('"input_tokens":700', '"input_tokens":1200'))),
    Fault("caches are not broken down", ("M7",), answer=swap(("ephemeral_", "short_"))),
    Fault("the end repeats nothing", ("M9",), answer=events(bare_delta)),
    Fault(
        "nobody knows at the start", ("M8", "M6"), answer=swap((r'("message_start".*"usage":)\{.*\}\}\}', r"\1{}}}"))
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in usage.RULES} <= broken(FAULTS)
