"""Every rule about the history of requests finds what it is for."""

from __future__ import annotations

import pytest

from landbridge.conformance.rules import history
from tests.fakes.bad_gateway import Fault, Json, Stage, breaks, broken
from tests.fakes.spoils import body, each_message, mark_of

pytestmark = pytest.mark.io


def only_mark(asked: Json) -> None:
    asked["messages"] = [{"role": "assistant", "content": mark_of(asked)}]


def no_results(message: Json) -> list[Json]:
    return [] if message["role"] == "tool" else [message]


def two_results(message: Json) -> list[Json]:
    return [message, message] if message["role"] == "tool" else [message]


def between(message: Json) -> list[Json]:
    """A turn between calls and results."""
    return [message, {"role": "system", "content": "SEVEN tokens left"}] if message.get("tool_calls") else [message]


def stray(message: Json) -> list[Json]:
    return [message, {"role": "tool", "tool_call_id": "stray", "content": "x"}]


def no_assistant(message: Json) -> list[Json]:
    return [] if message["role"] == "assistant" else [message]


def no_notes(message: Json) -> list[Json]:
    """What is no plain text is dropped without a word."""
    if message["role"] not in ("user", "tool"):
        return [message]
    kept = mark_of(message) or "ok"
    return [message | {"content": kept}]


def unmarked(message: Json) -> list[Json]:
    """Nothing says that a tool failed."""
    return [message | {"content": "no such file"}] if message["role"] == "tool" else [message]


def with_thinking(message: Json) -> list[Json]:
    if message["role"] != "assistant":
        return [message]
    return [message | {"content": [{"type": "thinking", "thinking": "secret thoughts"}]}]


def with_empty(message: Json) -> list[Json]:
    return [{"role": "user", "content": ""}, message]


def other_args(message: Json) -> list[Json]:
    for call in message.get("tool_calls", ()):
        call["function"]["arguments"] = "{}"
    return [message]


def all_offered(asked: Json) -> None:
    function = {"name": "Later", "parameters": {"type": "object"}}
    asked["tools"] = [*asked.get("tools", ()), {"type": "function", "function": function}]


def not_offered(asked: Json) -> None:
    asked["tools"] = [tool for tool in asked["tools"] if tool["function"]["name"] != "Bash"]


FAULTS = [
    Fault(
        "the messages are lost", ("K1", "K8", "K9", "K10", "K11", "K13", "K15", "K16"), ask=body(only_mark), behind=True
    ),
    Fault("results are lost", ("K1", "K2", "K4", "K5", "K6", "K7", "K8"), ask=each_message(no_results), behind=True),
    Fault("results are sent twice", ("K1", "K2", "K5"), ask=each_message(two_results), behind=True),
    Fault("turns stand between calls and results", ("K6", "K1"), ask=each_message(between), behind=True),
    Fault("results without a call are sent", ("K3",), ask=each_message(stray), behind=True),
    Fault("assistant turns are lost", ("K12", "K13"), ask=each_message(no_assistant), behind=True),
    Fault("what is no text is dropped", ("K9", "K10", "K11", "K16", "K4"), ask=each_message(no_notes), behind=True),
    Fault("nothing says that a tool failed", ("K7",), ask=each_message(unmarked), behind=True),
    Fault("thinking is a part of messages", ("K12",), ask=each_message(with_thinking), behind=True),
    Fault("empty texts are sent", ("K14",), ask=each_message(with_empty), behind=True),
    Fault("arguments change", ("K8",), ask=each_message(other_args), behind=True),
    Fault("deferred tools are offered", ("K17",), ask=body(all_offered), behind=True),
    Fault("found tools are not offered", ("K16",), ask=body(not_offered), behind=True),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults_are_found(stage: Stage, fault: Fault) -> None:
    breaks(stage, fault)


def test_every_rule_finds_a_fault() -> None:
    assert {rule.id for rule in history.RULES} <= broken(FAULTS)
