"""What is under way, in words."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.dashboard.pages.requests_running import phase_of, row_of
from landbridge.gateway.underway import Standing


def standing(**fields: Any) -> Standing:
    known: dict[str, Any] = {
        "id": "req_1", "client": "codex", "key": "", "session": "", "agent": "", "model": "m", "target": "m",
        "provider": "local", "stream": True, "since": 100.0, "phase": "queued",
    }  # fmt: skip
    return Standing(**{**known, **fields})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Waiting for the engine"),
        ({"provider": "", "target": ""}, "Being routed"),
        ({"phase": "waiting", "provider": "lab"}, "Waiting for lab"),
        ({"phase": "prefill"}, "Reading the prompt"),
        ({"phase": "prefill", "percent": 40}, "Reading the prompt, 40 %"),
        ({"phase": "prefill", "percent": 40, "left": 90.0}, "Reading the prompt, 40 %, 1 min 30 s left"),
        ({"phase": "streaming"}, "Answering"),
        ({"phase": "streaming", "tokens": 12345}, "Answering, about 12.3k tokens"),
    ],
)
def test_what_it_is_doing(fields: dict[str, Any], words: str) -> None:
    assert phase_of(standing(**fields)) == words


def test_a_row() -> None:
    row = row_of(standing(model="fast", phase="prefill", percent=40), 103.0)
    assert (row.model, row.age, row.percent) == ("fast → m", 3.0, 40)
    assert row_of(standing(target="", client=""), 99.0).model == "m → …"
    assert row_of(standing(), 99.0).age == 0.0, "clocks are set"
    assert row_of(standing(phase="streaming", percent=100), 100.0).percent is None
