"""Looking at the machine: this one, and others as their files and libraries describe them."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from landbridge.engines import machine
from landbridge.engines.hardware import Gpu

pytestmark = pytest.mark.io


def test_this_machine() -> None:
    seen = machine.look()
    assert 1 <= seen.cores <= (psutil.cpu_count() or 1)
    assert 0 < seen.memory <= psutil.virtual_memory().total
    assert seen.threads >= 1
    assert seen.vram == sum(gpu.free for gpu in seen.gpus)


def put(folder: Path, number: int, siblings: str, speed: int) -> None:
    (folder / f"cpu{number}" / "topology").mkdir(parents=True)
    (folder / f"cpu{number}" / "cpufreq").mkdir()
    (folder / f"cpu{number}" / "topology" / "core_cpus_list").write_text(siblings + "\n")
    (folder / f"cpu{number}" / "cpufreq" / "cpuinfo_max_freq").write_text(f"{speed}\n")


def test_fast_cores_are_counted_once_however_many_threads_they_have(tmp_path: Path) -> None:
    for number in range(4):
        put(tmp_path, number, f"{number // 2 * 2}-{number // 2 * 2 + 1}", 5_000_000 + number // 2 * 100_000)
    for number in range(4, 8):
        put(tmp_path, number, str(number), 3_500_000)
    assert machine.fast_cores(tmp_path) == 2


def test_where_all_cores_are_alike_none_is_a_fast_one(tmp_path: Path) -> None:
    assert machine.fast_cores(tmp_path) == 0
    for number in range(4):
        put(tmp_path, number, str(number), 4_000_000)
    assert machine.fast_cores(tmp_path) == 0


class Trouble(Exception):
    """What the library raises."""


class Library:
    """NVIDIA's library, as far as it is asked."""

    NVMLError = Trouble

    def __init__(self, cards: list[tuple[Any, int, int] | None]) -> None:
        self.cards, self.open = cards, 0

    def nvmlInit(self) -> None:
        self.open += 1

    def nvmlShutdown(self) -> None:
        self.open -= 1

    def nvmlDeviceGetCount(self) -> int:
        return len(self.cards)

    def nvmlDeviceGetHandleByIndex(self, number: int) -> Any:
        if self.cards[number] is None:
            raise Trouble("lost")
        return self.cards[number]

    def nvmlDeviceGetName(self, card: Any) -> Any:
        return card[0]

    def nvmlDeviceGetMemoryInfo(self, card: Any) -> Any:
        return SimpleNamespace(total=card[1], free=card[2])


class Driverless(Library):
    def nvmlInit(self) -> None:
        raise Trouble("Driver Not Loaded")


def test_cards_and_what_is_free_of_them() -> None:
    library = Library([("RTX 4090", 24, 20), None, (b"Old one", 8, 8)])
    assert list(machine.nvidia(lambda: library)) == [Gpu("RTX 4090", 24, 20), Gpu("Old one", 8, 8)]
    assert library.open == 0, "it is let go of"


def test_no_library_or_no_driver_is_no_card() -> None:
    def missing() -> Any:
        raise ModuleNotFoundError("pynvml")

    def no_driver() -> Any:
        return Driverless([])

    assert list(machine.nvidia(missing)) == list(machine.nvidia(no_driver)) == []


@pytest.mark.parametrize(("command", "usable", "seen"), [(False, False, 0), (False, True, 1), (True, False, 1)])
def test_a_card_counts_only_for_an_engine_that_can_use_it(
    monkeypatch: pytest.MonkeyPatch, command: bool, usable: bool, seen: int
) -> None:
    monkeypatch.setattr(machine, "nvidia", lambda: iter([Gpu("g", 2, 1)]))
    monkeypatch.setattr(machine, "accelerated", lambda: usable)
    monkeypatch.setattr(sys, "platform", "linux")
    assert len(machine.look(command).gpus) == seen


def test_the_built_in_engine_is_asked_what_it_can_use() -> None:
    machine.accelerated.cache_clear()
    assert machine.accelerated() in (False, True)
    assert machine.accelerated.cache_info().currsize == 1
