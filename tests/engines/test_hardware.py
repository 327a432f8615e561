"""Threads of a machine, and its graphics memory."""

from __future__ import annotations

import pytest

from landbridge.engines.hardware import Gpu, Machine


@pytest.mark.parametrize(("cores", "fast", "threads"), [(1, 0, 1), (2, 0, 1), (8, 0, 7), (14, 6, 6), (8, 8, 7)])
def test_threads(cores: int, fast: int, threads: int) -> None:
    assert Machine(cores=cores, fast_cores=fast).threads == threads


def test_what_is_free_on_all_cards() -> None:
    assert Machine(gpus=(Gpu("a", 10, 4), Gpu("b", 10, 3))).vram == 7
    assert Machine().vram == 0
