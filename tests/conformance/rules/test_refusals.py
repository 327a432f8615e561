"""Every rule about refusals finds what it is for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landbridge.conformance.rules import refusals
from tests.fakes.bad_gateway import Fault, Passing, Stage, breaks, broken
from tests.fakes.spoils import refuse, status, swap

pytestmark = pytest.mark.io


def served(passing: Passing) -> bool:
    return b'"messages":[]' in passing.body.replace(b" ", b"")


PAGE = b"<!DOCTYPE html><html><body>Not found</body></html>"


def page(passing: Passing) -> Passing:
    if passing.status not in (404, 405):
        return passing
    return replace(passing, headers={"content-type": "text/html"}, body=PAGE)


FAULTS = [
    Fault(
        "the client's faults are the server's",
        ("B1", "B4", "B5", "B6", "B7", "B8"),
        answer=status((400, 500), (404, 500), (405, 500)),
    ),
    Fault("the client's faults are its key's", ("B4", "B5", "B7"), answer=status((400, 401))),
    Fault("errors have no words to speak of", ("B2",), answer=swap((r'"message":"[^"]*"', '"message":"no"'))),
    Fault("names are taken as they are", ("B3",), ask=refuse(lambda ask: b"claude-" in ask.body, 404)),
    Fault("errors are web pages", ("B8",), answer=page),
    Fault("errors have a form of their own", ("B9",), answer=swap((r'"error":\{"(type|message)"', '"detail":{"x"'))),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in refusals.RULES} <= broken(FAULTS)
