"""Requests that take turns in an engine's slots: nothing is read twice, whatever is moved, refused or cancelled."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landbridge.engines import slots as module
from landbridge.engines.lanes import WORTH
from landbridge.engines.prompt_files import PromptFiles
from landbridge.engines.slots import Slots
from tests.engines.bench import until
from tests.engines.slotted import Slotted, body

pytestmark = [pytest.mark.io, pytest.mark.anyio]

SYSTEM = "You are an agent. " * 300


@pytest.fixture
def files(tmp_path: Path) -> PromptFiles:
    return PromptFiles(tmp_path / "prompts", lambda: 10**9)


async def turn(engine: Slotted, slots: Slots, *texts: str, who: str = "") -> int:
    """One request; how many letters had to be read."""
    async with slots.take(body(*texts), who) as given:
        return await engine.read(given, body(*texts))


def saved(files: PromptFiles) -> list[Path]:
    return sorted(files.folder.glob("*.kv"))


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_p79_two_conversations_and_a_background_caller_read_only_what_is_new(
    files: PromptFiles, count: int
) -> None:
    engine = Slotted(files.folder, count)
    said = {name: [SYSTEM, f"I am {name}"] for name in "AB"}
    async with engine.slots(files) as slots:
        for now in range(4):
            for name, texts in said.items():
                new = await turn(engine, slots, *texts)
                assert new <= len(body(f"turn {now}", "answer")) if now else True
                texts += ["answer", f"turn {now}"]
                await turn(engine, slots, "Make a title. " * 40, f"for {name} {now}")
        assert slots.sent > 8 * len(SYSTEM)
        assert slots.sent - slots.reused < 2.2 * len(SYSTEM)


async def test_what_two_conversations_share_is_read_once(files: PromptFiles) -> None:
    engine = Slotted(files.folder, 2)
    async with engine.slots(files) as slots:
        await turn(engine, slots, SYSTEM, "I am A")
        assert await turn(engine, slots, SYSTEM, "I am B") < 100
        assert engine.has[0].endswith('I am A"}'), "and A is still there"


async def test_after_a_restart_only_what_is_new_is_read(files: PromptFiles, tmp_path: Path) -> None:
    engine = Slotted(files.folder)
    async with engine.slots(files) as slots:
        await turn(engine, slots, SYSTEM, "I am A")
        await turn(engine, slots, SYSTEM * 2, "I am B")
    assert len(saved(files)) == 2
    engine = Slotted(files.folder)
    async with engine.slots(PromptFiles(files.folder, lambda: 10**9)) as slots:
        assert slots.knows(body(SYSTEM, "I am A", "more")) > 0.9
        assert await turn(engine, slots, SYSTEM, "I am A", "more") < 100
        assert await turn(engine, slots, SYSTEM * 2, "I am B", "more") < 100
        assert slots.knows(body("something else")) == 0


async def test_another_engine_takes_none_of_them(files: PromptFiles) -> None:
    engine = Slotted(files.folder)
    async with engine.slots(files) as slots:
        await turn(engine, slots, SYSTEM)
    async with Slotted(files.folder).slots(files, engine="other settings") as slots:
        assert slots.knows(body(SYSTEM)) == 0
    async with Slotted(files.folder).slots(files, window=100) as slots:
        assert slots.knows(body(SYSTEM)) == 0, "it would not fit"


async def test_a_damaged_file_is_removed_and_the_prompt_read(files: PromptFiles) -> None:
    engine = Slotted(files.folder)
    async with engine.slots(files) as slots:
        await turn(engine, slots, SYSTEM)
    (file,) = saved(files)
    file.write_text(file.read_text()[:-1] + "?")
    engine = Slotted(files.folder)
    async with engine.slots(PromptFiles(files.folder, lambda: 10**9)) as slots:
        assert await turn(engine, slots, SYSTEM, "more") > len(SYSTEM)
        assert not file.exists()


async def test_a_file_that_the_engine_refuses_is_removed(files: PromptFiles) -> None:
    engine = Slotted(files.folder)
    async with engine.slots(files) as slots:
        await turn(engine, slots, SYSTEM)
    engine = Slotted(files.folder)
    engine.refuses = 400
    async with engine.slots(files) as slots:
        assert await turn(engine, slots, SYSTEM, "more") > len(SYSTEM)
        assert saved(files) == []


@pytest.mark.parametrize("status", [404, 501])
async def test_an_engine_that_saves_nothing_is_not_asked_again(files: PromptFiles, status: int) -> None:
    engine = Slotted(files.folder, 1)
    engine.refuses = status
    async with engine.slots(files) as slots:
        for name in "ABC":
            await turn(engine, slots, name * 3000)
    assert engine.moves == ["save 0"]
    async with engine.slots(files) as slots:
        await turn(engine, slots, SYSTEM)
    assert engine.moves == ["save 0"] * 2, "at its end, too"
    assert list(files.folder.iterdir()) == []


async def test_without_files_every_conversation_still_has_its_lane(tmp_path: Path) -> None:
    engine = Slotted(tmp_path)
    async with engine.slots(None) as slots:
        await turn(engine, slots, SYSTEM, "I am A")
        await turn(engine, slots, SYSTEM, "I am B")
        assert await turn(engine, slots, SYSTEM, "I am A", "more") < 100
        assert slots.knows(body(SYSTEM, "I am A", "more")) > 0.9
    assert engine.moves == []


async def test_an_idle_lane_is_saved_and_only_once(files: PromptFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDLE", 0.05)
    engine = Slotted(files.folder)
    async with engine.slots(files) as slots:
        await turn(engine, slots, SYSTEM)
        await until(lambda: len(saved(files)) == 1)
        await turn(engine, slots, SYSTEM, "more")
        await until(lambda: engine.moves == ["save 0"] * 2 and len(saved(files)) == 1)
    assert engine.moves == ["save 0"] * 2, "nothing had changed since"


async def test_what_is_being_saved_at_the_end_is_saved_once(
    files: PromptFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IDLE", 0.0)
    engine = Slotted(files.folder)
    async with engine.slots(files) as slots:
        engine.gate.clear()
        await turn(engine, slots, SYSTEM)
        await until(lambda: engine.moves == ["save 0"])
        asyncio.get_running_loop().call_later(0.05, engine.gate.set)
    assert engine.moves == ["save 0"]
    assert len(saved(files)) == 1


async def test_nothing_is_saved_while_somebody_is_answered(files: PromptFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDLE", 0.02)
    engine = Slotted(files.folder)
    async with engine.slots(files) as slots:
        await turn(engine, slots, SYSTEM)
        async with slots.take(body("long answer")):
            await asyncio.sleep(0.2)
            assert engine.moves == []
        await until(lambda: engine.moves == ["save 0"])


async def test_the_usual_prompt_is_brought_in_at_the_start(files: PromptFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SETTLE", 0.0)
    engine = Slotted(files.folder)
    async with engine.slots(files) as slots:
        await turn(engine, slots, SYSTEM)
    engine = Slotted(files.folder)
    async with engine.slots(files) as slots:
        await until(lambda: SYSTEM in engine.has[0])
        assert await turn(engine, slots, SYSTEM, "more") < 100
    assert engine.moves == ["restore 0", "save 0"]


async def test_who_waits_for_a_lane_gets_it_when_one_comes_back(tmp_path: Path) -> None:
    engine = Slotted(tmp_path, 1)
    async with engine.slots(None) as slots:
        async with slots.take(body("one")):
            waiting = asyncio.ensure_future(turn(engine, slots, "two"))
            await asyncio.sleep(0.02)
            assert not waiting.done()
        assert await waiting > 0


async def test_who_leaves_during_a_move_leaves_the_lane(files: PromptFiles) -> None:
    engine = Slotted(files.folder, 1)
    async with engine.slots(files) as slots:
        await turn(engine, slots, SYSTEM)
        engine.gate.clear()
        leaving = asyncio.ensure_future(turn(engine, slots, "else " * 100))
        await until(lambda: engine.moves == ["save 0"])
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        assert list(files.folder.iterdir()) == [], "nothing half-written stays"
        engine.gate.set()
        assert await turn(engine, slots, SYSTEM, "more") < 100, "nothing was lost"


async def test_who_leaves_while_its_prompt_is_read_finds_its_lane_again(files: PromptFiles) -> None:
    engine = Slotted(files.folder, 3)
    async with engine.slots(files) as slots:
        async with slots.take(body(SYSTEM)) as first:
            pass  # it never heard that the prompt was read
        async with slots.take(body(SYSTEM)) as again:
            assert again.lane == first.lane
        assert slots.sent == 0
    assert engine.moves == [], "nobody knows what it holds"


async def test_p78_an_engine_that_begins_anew_is_found_out(files: PromptFiles) -> None:
    engine = Slotted(files.folder, 2, goes_back=False)
    async with engine.slots(files) as slots:
        await turn(engine, slots, SYSTEM, "I am A")
        assert await turn(engine, slots, SYSTEM, "I am B") > len(SYSTEM), "copied for nothing"
        engine.moves.clear()
        await turn(engine, slots, SYSTEM, "I am C")
        assert "restore" not in " ".join(engine.moves), "not again"
        assert await turn(engine, slots, SYSTEM, "I am B", "more") < 100
        assert await turn(engine, slots, SYSTEM, "I am A", "more") < 100, "whole ones are brought in"


async def test_p78_what_many_prompts_begin_with_is_saved_by_itself_where_an_engine_cannot_go_back(
    files: PromptFiles,
) -> None:
    engine = Slotted(files.folder, 2, goes_back=False)
    async with engine.slots(files, cuts=False) as slots:
        assert await turn(engine, slots, SYSTEM, "I am A") > len(SYSTEM)
        assert engine.moves == ["save 0"], "system prompt and tools"
        for name in ("B", "C", "D"):
            assert await turn(engine, slots, SYSTEM, f"I am {name}") < 100
        assert await turn(engine, slots, SYSTEM, "I am B", "more") < 100
        assert await turn(engine, slots, "short", "I am E") < 100
    engine = Slotted(files.folder, 2, goes_back=False)
    async with engine.slots(PromptFiles(files.folder, lambda: 10**9), cuts=False) as slots:
        assert await turn(engine, slots, SYSTEM, "I am F") < 100, "after a restart, too"
        assert await turn(engine, slots, SYSTEM, "I am A", "more") < 100


async def test_a_beginning_that_cannot_be_told_is_read_with_the_prompt(files: PromptFiles) -> None:
    engine = Slotted(files.folder, 1, goes_back=False)
    engine.refuses_templates = True
    async with engine.slots(files, cuts=False) as slots:
        assert await turn(engine, slots, SYSTEM, "I am A") > len(SYSTEM)
    assert engine.moves == ["save 0"], "at the end"


async def test_what_its_file_lost_is_saved_again_before_it_is_lost(files: PromptFiles) -> None:
    engine = Slotted(files.folder, 1)
    async with engine.slots(files) as slots:
        await turn(engine, slots, SYSTEM)
        await turn(engine, slots, "else " * 100)
        await turn(engine, slots, SYSTEM)
        for each in list(files.prompts._all.values()):  # as if others had taken all the room
            await files.remove(each)
        await turn(engine, slots, "else " * 100)
        assert await turn(engine, slots, SYSTEM, "more") < 100


async def test_a_dead_engine_is_not_waited_for(files: PromptFiles) -> None:
    engine = Slotted(files.folder, 1)
    async with engine.slots(files) as slots:
        await turn(engine, slots, SYSTEM)
        engine.alive = False
        await turn(engine, slots, "else " * 100)
    assert saved(files) == []


async def test_saving_at_the_end_has_its_time(files: PromptFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_END", 0.05)
    engine = Slotted(files.folder, 1)
    async with engine.slots(files) as slots:
        await turn(engine, slots, SYSTEM)
        engine.gate.clear()
    assert engine.moves == ["save 0"]
    assert saved(files) == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 3), st.lists(st.lists(st.integers(0, 3), max_size=10), max_size=4))
async def test_whatever_happens_only_new_letters_are_read(
    tmp_path_factory: pytest.TempPathFactory, count: int, runs: list[list[int]]
) -> None:
    """Each run is an engine process of its own; the numbers are conversations that take turns."""
    folder = tmp_path_factory.mktemp("prompts")
    said: dict[int, list[str]] = {}
    for conversations in runs:
        engine, files = Slotted(folder, count), PromptFiles(folder, lambda: 10**9)
        async with engine.slots(files) as slots:
            for number in conversations:
                begun = bool(said)
                texts = said.setdefault(number, [SYSTEM, f"I am {number}. " * 20])
                new = await turn(engine, slots, *texts)
                assert not begun or new <= len(body(*texts[-2:])) + WORTH
                texts += ["answer " * 30, "go on " * 30]
