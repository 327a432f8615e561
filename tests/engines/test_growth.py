"""Leaks: what is one and what is not, and that an engine with one is replaced without losing a request."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines import growth as module
from landbridge.engines.growth import LOOKS, MIB, SLACK, STEP, Growth, LeakWatch
from tests.engines.bench import Bench, generate

PLANNED = 1000 * MIB
OVER = PLANNED + SLACK


def verdicts(*seen: int) -> list[bool]:
    growth = Growth()
    return [growth.leaks(memory, PLANNED) for memory in seen]


def test_p94_what_grows_with_each_use_beyond_its_plan_leaks() -> None:
    assert verdicts(*(OVER + n * 8 * MIB for n in range(LOOKS + 1))) == [False] * (LOOKS - 1) + [True, True]


@pytest.mark.parametrize(
    "seen",
    [
        [PLANNED + n * 8 * MIB for n in range(20)],
        [OVER + 500 * MIB] * 20,
        [OVER + n // 2 * 8 * MIB for n in range(20)],
        [OVER + n * 8 * MIB for n in range(LOOKS - 1)],
        [OVER + n * (STEP - 1) for n in range(20)],
    ],
    ids=["within its plan", "large, but stays so", "not with each use", "not seen often enough", "hardly"],
)
def test_no_leak(seen: list[int]) -> None:
    assert True not in verdicts(*seen)


@given(st.lists(st.integers(0, 4 * OVER), max_size=30))
def test_who_shrinks_or_stays_within_the_plan_does_not_leak(seen: list[int]) -> None:
    growth = Growth()
    for before, memory in zip([0, *seen], seen, strict=False):
        if growth.leaks(memory, PLANNED):
            assert memory > OVER
            assert memory > before


@pytest.mark.anyio
async def test_it_is_looked_at_now_and_then_only(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def look(pid: int) -> int:
        seen.append(pid)
        return 0

    monkeypatch.setattr(module, "own_memory", look)
    watch = LeakWatch("m")
    for _ in range(5):
        assert not watch.look(7, PLANNED)
    assert seen == [7]


@pytest.mark.io
@pytest.mark.anyio
async def test_p94_an_engine_that_leaks_is_started_anew_when_its_line_is_served(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The memory is really taken, and really measured; only the slack is small."""
    monkeypatch.setattr(module, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(module, "SLACK", 8 * MIB)
    bench.put("m", "--leak 4", memory=8 * MIB)
    async with bench.open() as keeper, asyncio.timeout(20):

        async def ask() -> None:
            async with keeper.lease("m") as lease:
                assert "[DONE]" in await generate(lease)

        uses = 0
        while len(bench.pids()) < 2:
            uses += 1
            await asyncio.gather(ask(), ask())
        assert uses * 2 >= LOOKS
        await ask()
        assert keeper.info("m").last_fault == "", "nobody was told of it"
    assert "grows with each use: it is started anew" in caplog.text
