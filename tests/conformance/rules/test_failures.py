"""Every rule about failures of the upstream finds what it is for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landbridge.conformance.rules import failures
from tests.fakes.bad_gateway import Fault, Passing, Stage, breaks, broken
from tests.fakes.spoils import headers, never_fails, status, swap

pytestmark = pytest.mark.io


def page(passing: Passing) -> Passing:
    if passing.status < 400:
        return passing
    return replace(passing, headers={"content-type": "text/html"}, body=b"<html><body>Blocked</body></html>")


class Sulks:
    """After a failure nothing works any more."""

    def __init__(self) -> None:
        self.failed = False

    def __call__(self, passing: Passing) -> Passing:
        if self.failed:
            return replace(passing, status=500, ending="whole")
        self.failed = passing.status != 200 or passing.ending != "whole" or b'"error"' in passing.body
        return passing


FAILING = ("F1", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12", "F13", "F14", "F15", "F16", "F17")
TYPES = "invalid_request_error|api_error|server_error"
FAULTS = [
    Fault("failures look like good answers", FAILING, answer=never_fails),
    Fault("nobody is told when to come again", ("F1",), answer=headers(retry_after=None)),
    Fault(
        "every refusal is one of the key",
        ("F2", "F3", "F4", "F5", "F6", "F13"),
        answer=status(*((number, 401) for number in (400, 403, 404, 429, 500, 502, 503, 529))),
    ),
    Fault(
        "the upstream's words are lost", ("F3", "F4", "F9", "F11"), answer=swap(("the hamster is tired", "an error"))
    ),
    Fault("web pages are passed on", ("F7",), answer=page),
    Fault("errors have types of their own", ("F10",), answer=swap((TYPES, "very_bad"))),
    Fault(
        "errors have a form of their own",
        ("F17", "F10"),
        answer=swap((r'"error":\{', '"failure":{'), (r'"type":"error"', '"type":"message"')),
    ),
    Fault("it sulks after a failure", ("F16",), answer=Sulks()),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in failures.RULES} <= broken(FAULTS)
