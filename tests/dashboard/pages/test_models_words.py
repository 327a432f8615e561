"""What is said of engines, models and downloads."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.dashboard.pages.models_words import (
    address,
    come,
    download_state,
    hits,
    how,
    reading,
    shown,
    state_of,
    stays,
    traits,
    verdict,
    waits,
)
from landbridge.engines.info import EngineInfo
from landbridge.engines.speed import Headway
from landbridge.engines.states import State
from landbridge.manage.download import Download
from landbridge.manage.fits import Verdict
from landbridge.manage.model_list import Row


def engine(state: State = State.READY, **more: Any) -> EngineInfo:
    return EngineInfo(name="m", state=state, since=0.0, used=0.0, **more)


def download(**more: Any) -> Download:
    given: dict[str, Any] = {
        "name": "m", "source": "m", "state": "fetching", "done": 0, "total": None, "speed": None, "left": None,
        "note": "", "fault": "", "begun": 0.0, **more,
    }  # fmt: skip
    return Download(**given)


@pytest.mark.parametrize("state", State)
def test_each_state_has_its_words(state: State) -> None:
    assert state_of(engine(state)).text


def test_states() -> None:
    assert state_of(engine(busy=1)) == ("Working", "good")
    assert state_of(engine(State.STARTING, waits_for_memory=True)).text == "Waits for memory"
    assert state_of(engine(State.STOPPED, failing=True)) == ("Did not load", "bad")
    assert [shown(engine(State.STOPPED, failing=failing)) for failing in (False, True)] == [False, True]
    assert shown(engine(State.STARTING))


def test_work() -> None:
    assert waits(engine(slots=4, busy=2)) == "2 of 4 slots busy"
    assert waits(engine(slots=4, busy=6, waiting=1)) == "4 of 4 slots busy, 1 request waits"
    assert waits(engine(waiting=2)) == "2 requests wait"
    assert waits(engine()) == ""
    assert reading(Headway(43, 12.0)) == "43 %, 12.0 s left"
    assert reading(Headway(43, None)) == "43 %"
    assert hits(engine()) == "no prompts yet"
    assert hits(engine(prompts=20_000, reused=5000)) == "5,000 of 20.0k prompt tokens reused (25 %)"
    assert stays(engine(pinned=True)).startswith("Pinned")
    assert stays(engine(unload_at=1.0)).startswith("Unloads at ")
    assert stays(engine()) == ""


@pytest.mark.parametrize(
    ("fits", "said", "kind"),
    [("yes", "Fits", "good"), ("8192 tokens", "Short context", "warn"), ("not now", "Not now", "warn"),
     ("no", "Too large", "bad"), ("", "-", "calm")],
)  # fmt: skip
def test_verdicts(fits: str, said: str, kind: str) -> None:
    assert verdict(Verdict(fits)) == (said, kind)


def test_how_it_would_be_run() -> None:
    fit = Verdict("yes", planned_context=8192, planned_slots=4, planned_memory=10**9)
    assert how(fit) == "4 × 8,192 tokens, 1.0 GB"
    assert how(Verdict("yes", planned_context=8192, planned_slots=1, planned_memory=10**9)) == "8,192 tokens, 1.0 GB"
    assert how(Verdict("no", "It needs more.")) == "It needs more."
    assert traits(Row(name="m", kind="here", embeds=True, in_place=True)) == ["embeddings", "used where it is"]
    assert address("a b/c?") == "/models/a%20b%2Fc%3F"


def test_downloads() -> None:
    assert come(download()) == ""
    assert come(download(done=10**6)) == "1.0 MB so far"
    said = come(download(done=412_000_000, total=1_100_000_000, speed=12_300_000.0, left=58.2))
    assert said == "412 MB of 1.1 GB · 12.3 MB/s · 58.0 s left"
    for state in ("fetching", "checking", "waiting", "stopping", "paused", "failed", "done"):
        assert download_state(download(state=state)).text
