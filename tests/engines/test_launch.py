"""From a model's name to a decision how to run it: with the real library and planner, and all that ends it before."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from landbridge.config import ModelSettings
from landbridge.engines import launch
from landbridge.engines.hardware import Gpu, Machine
from landbridge.engines.launch import check_file, read_template, settled
from landbridge.engines.library import Library
from landbridge.engines.plan import Plan, plan
from landbridge.engines.states import State
from landbridge.errors import ConfigFault, ModelUnusable, NoMemory, StartFailed
from tests.engines.bench import FAKE, MEGABYTE, Bench, state, use
from tests.fakes.gguf_model import write_model

pytestmark = [pytest.mark.io, pytest.mark.anyio]

GIGABYTE = 10**9


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "cannot be read"), (b"", "is empty"), (b"GGUF", "is not whole"), (b"PK!!", "not a GGUF")],
)
async def test_an_unusable_file_starts_nothing(bench: Bench, content: bytes | None, why: str) -> None:
    path = bench.put("m").path
    path.unlink() if content is None else path.write_bytes(content)
    async with bench.open() as keeper:
        with pytest.raises(ModelUnusable, match=why) as caught:
            await use(keeper)
        assert caught.value.origin == "engine:m"
        assert "landbridge models" in caught.value.remedy
        assert state(keeper) is State.STOPPED
    assert bench.pids("m") == []


def test_a_sound_file_is_fine_and_both_sizes_of_a_cut_one_are_told(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m.gguf")
    size = path.stat().st_size
    check_file("m", path, size)
    with pytest.raises(ModelUnusable, match=f"{size} bytes of {size + 1}"):
        check_file("m", path, size + 1)


def test_a_model_in_pieces_is_as_large_as_all_of_them(tmp_path: Path) -> None:
    first = write_model(tmp_path / "m.gguf", tensors=5, piece=2)
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    check_file("m", first, size)
    (tmp_path / "m-00003-of-00003.gguf").unlink()
    with pytest.raises(ModelUnusable, match="cannot be read"):
        check_file("m", first, size)


async def test_a_model_that_was_removed_while_its_engine_rested_is_told_so(bench: Bench) -> None:
    async with bench.open() as keeper:
        await use(keeper)
        await keeper.unload("m")
        del bench.models["m"]
        with pytest.raises(ModelUnusable, match="no local model 'm' any more"):
            await use(keeper)


async def test_files_are_read_beside_the_event_loop(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    readers: list[threading.Thread] = []

    def check(name: str, path: Path, size: int) -> None:
        readers.append(threading.current_thread())

    monkeypatch.setattr(launch, "check_file", check)
    async with bench.open() as keeper:
        await use(keeper)
    assert readers
    assert threading.main_thread() not in readers


# -- with the real library and planner ---------------------------------------------------------------------------------


async def test_the_plan_is_what_the_engine_runs(bench: Bench) -> None:
    write_model(bench.folder / "tiny.gguf", llama__context_length=2048)
    bench.set(models={"tiny": ModelSettings(slots=2)}, memory_limit=GIGABYTE)
    async with bench.open(Library(bench.folder), plan) as keeper, keeper.lease("tiny") as lease:
        assert (lease.window, lease.slots) == (2048, 2)


async def test_what_memory_does_not_hold_is_refused_with_both_numbers(bench: Bench) -> None:
    write_model(bench.folder / "tiny.gguf")
    bench.set(memory_limit=10 * MEGABYTE)
    async with bench.open(Library(bench.folder), plan) as keeper:
        with pytest.raises(NoMemory, match=r"needs \d.* free"):
            await use(keeper, "tiny")
        assert state(keeper, "tiny") is State.STOPPED


async def test_a_file_that_is_damaged_while_its_engine_is_known_is_told_and_can_be_mended(bench: Bench) -> None:
    path = write_model(bench.folder / "tiny.gguf", llama__context_length=2048)
    sound = path.read_bytes()
    bench.set(memory_limit=GIGABYTE)
    async with bench.open(Library(bench.folder), plan) as keeper:
        await use(keeper, "tiny")
        await keeper.unload("tiny")
        path.write_bytes(sound[:100])
        for _ in range(2):
            with pytest.raises(ModelUnusable):
                await use(keeper, "tiny")
        path.write_bytes(sound)
        async with keeper.lease("tiny") as lease:
            assert lease.window == 2048


async def test_p91_what_idle_engines_hold_counts_as_free_and_is_freed(bench: Bench) -> None:
    offered: list[int] = []

    def greedy(facts: int, settings: ModelSettings, memory: int, threads: int) -> Plan:
        offered.append(memory)
        return Plan(context=memory // 1000, threads=1, batch=512, gpu_layers=0, memory=memory)

    bench.set(memory_limit=10 * MEGABYTE)
    bench.put("other")
    async with bench.open(planner=greedy) as keeper:
        await use(keeper, "other")
        await use(keeper)
        assert state(keeper, "other") is State.STOPPED
    assert set(offered) == {0, 10 * MEGABYTE}


# -- settings ----------------------------------------------------------------------------------------------------------


async def test_a_template_that_cannot_be_read_is_named_and_costs_no_memory(bench: Bench) -> None:
    bench.put("m", memory=4 * MEGABYTE)
    bench.put("other", memory=4 * MEGABYTE)
    bench.set(models={"m": ModelSettings(template="/no/such.jinja")}, memory_limit=5 * MEGABYTE)
    async with bench.open() as keeper:
        with pytest.raises(ConfigFault, match=r"/no/such\.jinja"):
            await use(keeper)
        await use(keeper, "other")


def test_a_template_is_read_from_where_the_settings_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.jinja").write_text("{{ ümlaut }}", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_template("~/t.jinja") == read_template(str(tmp_path / "t.jinja")) == "{{ ümlaut }}"
    (tmp_path / "b.jinja").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigFault, match=r"b\.jinja cannot be read"):
        read_template(str(tmp_path / "b.jinja"))


async def test_a_failed_launch_gives_its_memory_back(bench: Bench) -> None:
    bench.set(memory_limit=5 * MEGABYTE, command=["/no/llama-server"])
    for name in ("m", "other"):
        bench.put(name, memory=4 * MEGABYTE)
    async with bench.open() as keeper:
        for name in ("m", "other"):
            with pytest.raises(Exception, match="/no/llama-server"):
                await use(keeper, name)


# -- memory that was not enough after all ------------------------------------------------------------------------------

SHORT_OF_MEMORY = """
import runpy, sys
context = int(sys.argv[sys.argv.index("-c") + 1])
if context > {most}:
    sys.exit(f"error: failed to allocate a buffer for {{context}} tokens")
sys.argv[0] = {fake!r}
runpy.run_path({fake!r}, run_name="__main__")
"""


@pytest.fixture
def large(bench: Bench) -> Bench:
    """A bench whose model `large` could have 128K tokens, and whose engine has no memory for more than 50,000."""
    write_model(bench.folder / "large.gguf", llama__context_length=131_072, llama__block_count=40)
    script = bench.folder / "short.py"
    script.write_text(SHORT_OF_MEMORY.format(most=50_000, fake=str(FAKE)))
    bench.set(models={"large": ModelSettings(slots=1)}, memory_limit=GIGABYTE, command=[sys.executable, str(script)])
    return bench


async def test_less_context_is_tried_where_it_still_serves(large: Bench, caplog: pytest.LogCaptureFixture) -> None:
    async with large.open(Library(large.folder), plan) as keeper, keeper.lease("large") as lease:
        assert 24_576 <= lease.window <= 50_000
        (info,) = keeper.snapshot()
        assert info.memory < GIGABYTE, "what is reserved is what it takes"
    assert "large did not load with" in caplog.text
    assert f"trying {lease.window} in 1" in caplog.text


async def test_where_less_would_not_serve_the_engines_own_words_are_told(large: Bench) -> None:
    large.set(
        models={"large": ModelSettings(slots=1, context=100_000)}, memory_limit=2 * GIGABYTE,
        command=large.config.engine.command,
    )  # fmt: skip
    async with large.open(Library(large.folder), plan) as keeper:
        with pytest.raises(StartFailed, match="failed to allocate a buffer for 100000 tokens"):
            await use(keeper, "large")


async def test_p93_graphics_memory_is_waited_for_until_it_is_all_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "SETTLE_PAUSE", 0.001)
    free = iter([2, 5, 9, 9, 9])
    looks = 0

    def look(command: bool) -> Machine:
        nonlocal looks
        looks += 1
        return Machine(gpus=(Gpu("g", 10, next(free)),))

    assert (await settled(True, look)).vram == 9
    assert looks == 4
    assert await settled(True, lambda command: Machine()) == Machine(), "without a card there is nothing to wait for"
