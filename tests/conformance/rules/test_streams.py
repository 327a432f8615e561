"""Every rule about streams finds what it is for."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from landbridge.conformance.rules import streams
from tests.fakes.bad_gateway import Fault, Passing, Spoil, Stage, breaks, broken
from tests.fakes.spoils import Event, events, is_text, swap, without

pytestmark = pytest.mark.io


def blocks_of(kind: str) -> Spoil:
    """Drop the deltas of this kind."""
    return without(lambda name, data: data.get("delta", {}).get("type") == kind)


def nameless(passing: Passing) -> Passing:
    return replace(passing, body=re.sub(rb"event: \w+\n", b"", passing.body)) if passing.is_stream else passing


def twice(found: list[Event]) -> list[Event]:
    return [*found[:1], *found] if found and found[0][0] == "message_start" else found


def startless(found: list[Event]) -> list[Event]:
    return [event for event in found if event[0] != "message_start"]


def stopless(found: list[Event]) -> list[Event]:
    if found and found[-1][1] == "[DONE]":
        return found[:-1]
    return [event for event in found if event[0] != "content_block_stop"]


FAULTS = [
    Fault("blocks are not stopped", ("C1", "C18"), answer=events(stopless)),
    Fault("records have no event line", ("C2", "C3"), answer=nameless),
    Fault("there are two starts", ("C3", "C1"), answer=events(twice)),
    Fault("there is no start", ("C3", "C4", "C11"), answer=events(startless)),
    Fault("messages have no id", ("C4",), answer=swap((r'"id":"msg_\w+",', ""))),
    Fault("messages have no model", ("C4",), answer=swap((r'("role":"assistant",)"model":"[^"]*"', r'\1"model":""'))),
    Fault("characters are lost", ("C5", "C1", "C6", "C8"), answer=swap(("\u4e16|\\\\u4e16", "\ufffd"))),
    Fault(
        "the first words are lost",
        ("C6", "C7", "C8", "C9", "C10", "C12", "C13", "C14", "C15"),
        answer=without(is_text, 1),
    ),
    Fault("thinking is lost", ("C6", "C7", "C8", "C9"), answer=blocks_of("thinking_delta")),
    Fault("everything is held until it is whole", ("C16",), answer=lambda passing: passing, holds=True),
    Fault("signatures are lost", ("C17",), answer=blocks_of("signature_delta")),
    Fault(
        "arguments are lost",
        ("C7", "C9", "C18"),
        answer=swap(("file_path", "file"), ("file_p", "fil"), ("/a/b", "/"), ("command", "x")),
    ),
    Fault(
        "empty deltas are left out",
        ("C19",),
        answer=without(lambda name, data: data.get("delta", {}).get("partial_json") in ("", "{}")),
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in streams.RULES} <= broken(FAULTS)
