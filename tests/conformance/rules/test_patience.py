"""Every rule about time finds what it is for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landbridge.conformance.rules import patience
from tests.fakes.bad_gateway import Fault, Passing, Stage, breaks, broken

pytestmark = pytest.mark.io


class Mixed:
    """Each client gets the answer to the one before."""

    def __init__(self) -> None:
        self.last: bytes | None = None

    def __call__(self, passing: Passing) -> Passing:
        last, self.last = self.last, passing.body
        return replace(passing, body=last or passing.body)


FAULTS = [
    Fault(
        "everything is held until it is whole",
        ("N1", "N2", "N4", "N5", "N6"),
        answer=lambda passing: passing,
        holds=True,
    ),
    Fault("silence is not waited for", ("N3",), patience=3.0, answer=lambda passing: passing, holds=True),
    Fault("it tries again for nobody", ("N7",), tries=4, answer=lambda passing: passing, holds=True),
    Fault("answers are mixed up", ("N8",), answer=Mixed()),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in patience.RULES} <= broken(FAULTS)
