"""Every rule about OpenAI's clients finds what it is for."""

from __future__ import annotations

import pytest

from landbridge.conformance.rules import openai
from tests.fakes.bad_gateway import Fault, Json, Stage, breaks, broken
from tests.fakes.spoils import Event, body, events, mark_of, without

pytestmark = pytest.mark.io


def only_mark(asked: Json) -> None:
    asked["messages"] = [{"role": "user", "content": mark_of(asked)}]


def bare(asked: Json) -> Json:
    return {name: asked[name] for name in ("model", "messages", "stream", "stream_options") if name in asked}


def counted(found: list[Event]) -> list[Event]:
    """Usage that nobody asked for."""
    return [*found[:-1], ("", {**found[0][1], "choices": [], "usage": {"prompt_tokens": 1}}), *found[-1:]]


def named(found: list[Event]) -> list[Event]:
    return [("chunk", data) for _, data in found]


FAULTS = [
    Fault("usage is left out", ("O1",), answer=without(lambda name, data: bool(data.get("usage")))),
    Fault("usage comes unasked", ("O2", "O1"), answer=events(counted)),
    Fault("fields are lost", ("O3",), ask=body(bare), behind=True),
    Fault("the history is lost", ("O4", "O6"), ask=body(only_mark), behind=True),
    Fault("records are named", ("O5",), answer=events(named)),
    Fault("there is no [DONE]", ("O5", "O1", "O2"), answer=events(lambda found: found[:-1])),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in openai.RULES} <= broken(FAULTS)
