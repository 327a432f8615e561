"""What is remembered: once made, the same for ever, within bounds; and nobody waits in vain."""

from __future__ import annotations

import asyncio

import pytest

from landbridge.gateway.media.memo import Made, Memo, digest

pytestmark = pytest.mark.anyio


class Maker:
    """Makes values that tell how often it was asked."""

    def __init__(self, *, weight: int = 1, seconds: float = float("inf"), gate: asyncio.Event | None = None) -> None:
        self.asked = 0
        self._weight, self._seconds, self._gate = weight, seconds, gate

    async def __call__(self) -> Made[str]:
        self.asked += 1
        mine = self.asked
        if self._gate is not None:
            await self._gate.wait()
        return Made(f"value {mine}", self._weight, self._seconds)


async def test_a_value_is_made_once() -> None:
    memo, maker = Memo[str](100), Maker()
    assert [await memo.get(("a",), maker) for _ in range(3)] == ["value 1"] * 3
    assert await memo.get(("b",), maker) == "value 2"


async def test_who_comes_meanwhile_waits_for_the_same_value() -> None:
    gate = asyncio.Event()
    memo, maker = Memo[str](100), Maker(gate=gate)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(memo.get(("a",), maker)) for _ in range(5)]
        await asyncio.sleep(0)
        gate.set()
    assert {task.result() for task in tasks} == {"value 1"}
    assert maker.asked == 1


async def test_when_the_first_leaves_the_next_one_makes_it() -> None:
    gate = asyncio.Event()
    memo, maker = Memo[str](100), Maker(gate=gate)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(memo.get(("a",), maker))
        second = group.create_task(memo.get(("a",), maker))
        await asyncio.sleep(0.01)
        first.cancel()
        await asyncio.sleep(0.01)
        gate.set()
    assert first.cancelled() and second.result() == "value 2"


async def test_a_failure_to_make_is_told_and_not_kept() -> None:
    memo = Memo[str](100)

    async def fail() -> Made[str]:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await memo.get(("a",), fail)
    assert await memo.get(("a",), Maker()) == "value 1"


async def test_what_holds_for_a_while_is_made_again_after_it() -> None:
    memo, maker = Memo[str](100), Maker(seconds=0.02)
    assert await memo.get(("a",), maker) == "value 1"
    assert memo.known(("a",)) == "value 1"
    await asyncio.sleep(0.03)
    assert memo.known(("a",)) is None
    assert await memo.get(("a",), maker) == "value 2"


async def test_the_longest_unused_goes_first() -> None:
    memo, maker = Memo[str](10), Maker(weight=4)
    for name in "ab":
        await memo.get((name,), maker)
    await memo.get(("a",), maker)
    await memo.get(("c",), maker)
    assert [memo.known((name,)) for name in "abc"] == ["value 1", None, "value 3"]


async def test_one_that_is_too_heavy_is_kept_alone() -> None:
    memo = Memo[str](10)
    await memo.get(("a",), Maker(weight=4))
    await memo.get(("b",), Maker(weight=400))
    assert (memo.known(("a",)), memo.known(("b",))) == (None, "value 1")
    await memo.get(("c",), Maker(weight=4))
    assert (memo.known(("b",)), memo.known(("c",))) == (None, "value 1")


def test_texts_have_digests_of_their_own() -> None:
    texts = ["", "a", "b", "한글", "\ud800", "a" * 1_000_000]
    assert len({digest(text) for text in texts}) == len(texts)
    assert digest("a") == digest("a")
