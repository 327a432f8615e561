"""Every rule about endings finds what it is for."""

from __future__ import annotations

import pytest

from landbridge.conformance.rules import endings
from tests.fakes.bad_gateway import Fault, Stage, breaks, broken
from tests.fakes.spoils import Event, events, is_text, never_fails, swap, without

pytestmark = pytest.mark.io

OTHERS = (
    ('"end_turn"', '"@"'),
    ('"(max_tokens|tool_use|refusal)"(?=,"stop_s)', '"end_turn"'),
    ('"finish_reason":"stop"', '"finish_reason":"#"'),
    ('"finish_reason":"(length|tool_calls|content_filter)"', '"finish_reason":"stop"'),
    ('"@"', '"max_tokens"'),
    ('"#"', '"length"'),
)
MORE = (
    "content_block_delta",
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": " More!"}},
)


def unfinished(found: list[Event]) -> list[Event]:
    """The error's block was never stopped."""
    return [event for event in found if event[0] != "content_block_stop"]


FAULTS = [
    Fault("answers stop for another reason", ("D1", "D2", "D3", "D4", "D5", "D6", "D13", "D15"), answer=swap(*OTHERS)),
    Fault("something comes after the end", ("D7", "D6"), answer=events(lambda found: [*found, MORE])),
    Fault("the end is late", ("D8",), answer=lambda passing: passing, delay=5.2, holds=True),
    Fault("failures look like good ends", ("D9", "D10", "D11", "D12", "D14", "D16"), answer=never_fails),
    Fault("blocks are open when the error comes", ("D16",), answer=events(unfinished)),
    Fault("refusals have no words", ("D15",), answer=without(is_text)),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in endings.RULES} <= broken(FAULTS)
