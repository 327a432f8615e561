"""Both ways back to back: what is written for a provider is what a client would have sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.neutral.traits import Traits
from landbridge.wire.openai_chat.request import read_request, write_request

CASES = Path(__file__).parents[2] / "cases" / "openai_chat"
TRAITS = Traits(effort="reasoning_effort", reasoning_back="reasoning_content", metadata_user="user")


@pytest.mark.parametrize("case", ["agent_request"])
def test_law_5_a_request_comes_back(case: str) -> None:
    request = read_request((CASES / case / "request.json").read_bytes())
    written = write_request(request, request.model, TRAITS)
    assert written.losses == ()
    assert read_request(written.body) == request


@pytest.mark.parametrize("case", ["agent_request"])
def test_law_7_the_same_request_gives_the_same_bytes(case: str) -> None:
    body = (CASES / case / "request.json").read_bytes()
    first, second = (write_request(read_request(body), "m", TRAITS).body for _ in range(2))
    assert first == second
