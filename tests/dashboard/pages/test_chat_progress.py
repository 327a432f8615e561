"""What is done for a model before its first word, in words."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.dashboard.pages.chat_progress import doing
from landbridge.engines.info import EngineInfo
from landbridge.engines.states import State
from landbridge.gateway.underway import Standing
from landbridge.server.admin import Engines
from landbridge.server.onlookers import Running


def words(state: State = State.READY, **given: Any) -> dict[str, str]:
    plain: dict[str, Any] = {
        "id": "req_1", "client": "", "key": "", "session": "talk", "agent": "", "model": "m", "target": "local/m",
        "provider": "local", "stream": True, "since": 0.0, "phase": "queued",
    }  # fmt: skip
    engines = Engines([EngineInfo(name="m", state=state, since=0.0, used=0.0)])
    return doing("talk", engines, Running([Standing(**{**plain, **given})], 1))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Waiting for its turn"),
        ({"state": State.STARTING}, "Loading the model"),
        ({"state": State.STARTING, "model": "alias"}, "Loading the model"),
        ({"phase": "prefill"}, "Reading the prompt"),
        ({"phase": "prefill", "percent": 42}, "Reading the prompt: 42 %"),
        ({"phase": "prefill", "percent": 42, "left": 0.2}, "Reading the prompt: 42 %, 1.0 s left"),
        ({"phase": "prefill", "percent": 42, "left": 200.0}, "Reading the prompt: 42 %, 3 min 20 s left"),
    ],
)
def test_what_is_said(given: dict[str, Any], said: str) -> None:
    assert words(**given) == {given.get("model", "m"): said}


@pytest.mark.parametrize("given", [{"phase": "waiting"}, {"phase": "streaming"}, {"session": "another"}])
def test_nothing_is_said_of_the_rest(given: dict[str, Any]) -> None:
    assert words(**given) == {}
