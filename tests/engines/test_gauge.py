"""What of the machine is used: figures that can be true, cards asked beside, and no waiting for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psutil
import pytest

from landbridge.config import EngineSettings
from landbridge.engines import gauge as module
from landbridge.engines.gauge import Gauge
from landbridge.engines.hardware import Gpu

CARD = Gpu("a card", 8000, 3000)


def test_processor_and_memory() -> None:
    load = Gauge(lambda: EngineSettings(memory_limit=5000)).look()
    assert 0 <= load.cpu <= 100
    assert 0 < load.free <= load.memory <= psutil.virtual_memory().total
    assert load.limit == 5000
    assert load.cores >= 1


def test_cards_are_asked_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()

    def cards() -> Iterator[Gpu]:
        answer.wait(5)
        yield CARD

    monkeypatch.setattr(module, "nvidia", cards)
    monkeypatch.setattr(module, "accelerated", lambda: False)
    gauge = Gauge(EngineSettings)
    assert gauge().gpus == (), "it has not answered, and nobody waits"
    assert gauge().gpus == ()
    answer.set()
    assert gauge.look().gpus == (CARD,)
    assert not gauge().used_by_engine


def test_whether_the_engine_uses_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "nvidia", lambda: iter([CARD]))
    monkeypatch.setattr(module, "accelerated", lambda: False)
    assert not Gauge(EngineSettings).look().used_by_engine
    assert Gauge(lambda: EngineSettings(command=["llama-server"])).look().used_by_engine
