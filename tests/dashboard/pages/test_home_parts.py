"""What runs, as lines."""

from __future__ import annotations

from typing import Any

from landbridge.dashboard.pages.home_parts import MOST, WORDS, of_engines, of_listeners, of_providers
from landbridge.engines.info import EngineInfo
from landbridge.engines.states import State
from landbridge.server.health import PartHealth, Report


def report(**parts: PartHealth) -> Report:
    return Report("ok", "1", 0.0, {name.replace("_", " "): part for name, part in parts.items()})


def test_listeners_and_what_has_failed() -> None:
    lines = of_listeners(
        report(
            listener_router=PartHealth("off"), listener_openai=PartHealth("ok", "127.0.0.1:8000"),
            ledger=PartHealth("failed", "the disk is full"), settings=PartHealth("ok"),
        )
    )  # fmt: skip
    assert [(line.title, line.word, line.kind) for line in lines] == [
        ("TCP Server", "Off", "calm"),
        ("OpenAI endpoint", "Running", "good"),
        ("Ledger", "Failed", "bad"),
    ]
    assert lines[2].detail == "the disk is full"


def engine(name: str, state: State, **fields: Any) -> EngineInfo:
    return EngineInfo(name=name, state=state, since=0.0, used=0.0, **fields)


def test_models_in_memory() -> None:
    assert [line.word for line in of_engines([engine("m", State.STOPPED)])] == ["None in memory"]
    ready = of_engines([engine("m", State.READY, memory=2_000_000_000, window=8192), engine("n", State.STOPPED)])
    assert [(line.title, line.detail, line.kind) for line in ready] == [
        ("m", "2.0 GB of memory · 8192 tokens of context", "good")
    ]
    failed = of_engines([engine("m", State.FAILED, last_fault="no memory")])
    assert [(line.kind, line.detail) for line in failed] == [("bad", "no memory")]
    many = of_engines([engine(f"m{n}", State.READY) for n in range(MOST + 2)])
    assert (len(many), many[-1].title, len({line.key for line in many})) == (MOST + 1, "and 2 more", MOST + 1)


def test_providers_that_failed_come_first() -> None:
    lines = of_providers(report(provider_a=PartHealth("ok"), provider_b=PartHealth("failed", "no key")))
    assert [(line.title, line.word, line.detail) for line in lines] == [("b", "Failed", "no key"), ("a", "Ready", "")]
    assert [line.target for line in of_providers(report())] == ["/cloud"]
    many = of_providers(Report("ok", "1", 0.0, {f"provider {n}": PartHealth("ok") for n in range(MOST + 1)}))
    assert many[-1].title == "and 1 more"


def test_every_state_of_a_part_has_a_word() -> None:
    assert set(WORDS) == {"ok", "idle", "loading", "resting", "off", "failed"}
