"""What the parts of a router are called on the page, and how they are."""

from __future__ import annotations

import pytest

from landbridge.dashboard.pages.api_health import state_of, title_of
from landbridge.server.health import PartHealth


@pytest.mark.parametrize(
    ("part", "title"),
    [
        ("listener router", "TCP Server"),
        ("listener openai", "OpenAI endpoint"),
        ("ledger", "Ledger"),
        ("model lab/m {x}", "Model lab/m {x}"),
        ("provider openai", "Provider openai"),
        ("something new", "something new"),
        ("model", "model"),
    ],
)
def test_titles(part: str, title: str) -> None:
    assert title_of(part) == title


def test_states() -> None:
    assert state_of(PartHealth("ok")) == ("Well", "good")
    assert state_of(PartHealth("failed")) == ("Failed", "bad")
    assert state_of(PartHealth("strange")) == ("strange", "calm")
