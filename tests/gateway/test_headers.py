"""Headers of converted answers: what is said always, and what only where there is something to say."""

from __future__ import annotations

from landbridge.gateway.headers import headers_of
from landbridge.gateway.journal import Record
from landbridge.neutral.events import Usage
from landbridge.routing.target import Target

LAB = Target("lab", "m", "openai_chat")
HERE = Target("local", "small", "openai_chat", local=True)


def record(**more: object) -> Record:
    made = Record(id="req_1", dialect="anthropic", model="m")
    for name, value in more.items():
        setattr(made, name, value)
    return made


def test_what_is_always_said() -> None:
    assert headers_of(record(losses=("a", "b")), LAB, "anthropic", Usage(), None) == {
        "x-landbridge-path": "converted",
        "x-landbridge-target": "lab/m",
        "x-landbridge-losses": "2",
        "request-id": "req_1",
    }


def test_what_is_said_where_there_is_something_to_say() -> None:
    said = headers_of(record(route="small; alias f", retries=1), HERE, "openai_chat", Usage(10, 5, cache_read=4), 90.4)
    assert said["x-landbridge-route"] == "small; alias f"
    assert said["x-landbridge-retries"] == "1"
    assert said["x-landbridge-prefill-seconds"] == "90"
    assert said["x-landbridge-cached"] == "4/14"
    assert said["x-request-id"] == "req_1" and "request-id" not in said


def test_the_cache_is_told_of_local_models_that_said_so() -> None:
    assert "x-landbridge-cached" not in headers_of(record(), LAB, "gemini", Usage(10, 5), 0.0)
    assert "x-landbridge-cached" not in headers_of(record(), HERE, "gemini", Usage(10, 5, estimated=True), None)
    assert "x-landbridge-cached" not in headers_of(record(), HERE, "gemini", Usage(10), None)
