"""Every rule about fields of requests finds what it is for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landbridge.conformance.rules import conversion
from landbridge.conformance.target import TOKEN
from tests.fakes.bad_gateway import Fault, Json, Passing, Stage, breaks, broken
from tests.fakes.spoils import body, headers, mark_of, refuse

pytestmark = pytest.mark.io


def only_mark(asked: Json) -> None:
    asked["messages"] = [{"role": "assistant", "content": mark_of(asked)}]


def bare(asked: Json) -> Json:
    return {name: asked[name] for name in ("model", "messages", "stream") if name in asked}


def foreign(asked: Json) -> None:
    asked |= {"metadata": {}, "context_management": {}, "cache_control": {}, "thinking": {"type": "adaptive"}}


def hoisted(asked: Json) -> None:
    """System turns are moved to the front."""
    asked["messages"].sort(key=lambda message: "SEVEN" not in str(message["content"]))


def told(passing: Passing) -> Passing:
    """The client's own headers are passed on."""
    return replace(passing, headers={**passing.headers, "authorization": f"Bearer {TOKEN}"})


def strict(passing: Passing) -> bool:
    return any(word in passing.body for word in (b"novelty", b"hologram", b"block_binding"))


FAULTS = [
    Fault("the messages are lost", ("J1", "J2", "J3", "J4", "J22", "J25"), ask=body(only_mark), behind=True),
    Fault("schemas are strict", ("J5", "J6"), ask=refuse(strict)),
    Fault("foreign fields are passed on", ("J7", "J8", "J9", "J10"), ask=body(foreign), behind=True),
    Fault("system turns are moved to the front", ("J4",), ask=body(hoisted), behind=True),
    Fault("only the messages are passed on", ("J15", "J16", "J17", "J20", "J21"), ask=body(bare), behind=True),
    Fault("the client's token is passed on", ("J23",), ask=told, behind=True),
    Fault("cookies are passed on", ("J23",), ask=headers(cookie="a=cookie-word"), behind=True),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in conversion.RULES} <= broken(FAULTS)
