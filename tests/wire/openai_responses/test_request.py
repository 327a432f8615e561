"""Both ways back to back: what is written for a provider is what a client would have sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from landbridge.neutral.traits import Traits
from landbridge.wire.openai_responses.request import read_request, write_request

CASES = Path(__file__).parents[2] / "cases" / "openai_responses"
REQUESTS = sorted(path.parent.name for path in CASES.glob("*/request.json"))
TRAITS = Traits(efforts=("none", "minimal", "low", "medium", "high", "xhigh"))


def without_ids(value: Any) -> Any:
    """The value without what the API does not want back, or adds itself."""
    if isinstance(value, list):
        return [without_ids(each) for each in value]
    if not isinstance(value, dict):
        return value
    dropped = {"annotations", "status", "logprobs"} | ({"id"} if value.get("type") not in ("reasoning",) else set())
    return {name: without_ids(each) for name, each in value.items() if name not in dropped and each is not None}


@pytest.mark.parametrize("case", REQUESTS)
def test_law_5_a_request_comes_back(case: str) -> None:
    request = read_request((CASES / case / "request.json").read_bytes())
    written = write_request(request, request.model, TRAITS)
    assert written.losses == ()
    again = read_request(written.body)
    assert read_request(write_request(again, again.model, TRAITS).body) == again
    assert (again.messages, again.tool_choice, again.user) == (request.messages, request.tool_choice, request.user)


def test_p54_p55_codex_gets_through_as_it_was() -> None:
    """Reasoning, names in namespaces and patches reach a provider of the dialect byte for byte."""
    given = json.loads((CASES / "codex" / "request.json").read_bytes())
    written = json.loads(write_request(read_request(json.dumps(given).encode()), "local", TRAITS).body)
    history = [item for item in given["input"] if item.get("role") != "developer"]
    assert without_ids(written["input"]) == without_ids(history)
    assert written["tools"] == given["tools"]
    rest = ("tool_choice", "reasoning", "store", "include", "prompt_cache_key", "text", "client_metadata", "stream")
    assert {name: written[name] for name in rest} == {name: given[name] for name in rest}


@pytest.mark.parametrize("case", REQUESTS)
def test_law_7_the_same_request_gives_the_same_bytes(case: str) -> None:
    body = (CASES / case / "request.json").read_bytes()
    first, second = (write_request(read_request(body), "m", TRAITS).body for _ in range(2))
    assert first == second
