"""Memory that engines may still take: by a limit, by what the machine has, by what a container has."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from landbridge.engines import room as module
from landbridge.engines.room import RESERVE, Room, own_memory, resident_memory

pytestmark = pytest.mark.io

MEGABYTE = 10**6
TAKE = "import sys; taken = bytearray(b'x' * 60_000_000); print('taken', flush=True); sys.stdin.read()"
NEVER = 2**40


@pytest.fixture
def child() -> Iterator[psutil.Process]:
    """A process that holds 60 MB."""
    with subprocess.Popen([sys.executable, "-c", TAKE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == b"taken\n"
        yield psutil.Process(started.pid)
        started.communicate()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> int:
    """A machine with 8 GB free, and no container."""
    monkeypatch.setattr(module, "available", lambda: 8000 * MEGABYTE)
    return 8000 * MEGABYTE - RESERVE


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which a container's limits stand."""
    monkeypatch.setattr(module, "CGROUP", tmp_path)
    return tmp_path


def test_under_a_limit_promises_count_whole() -> None:
    room = Room(lambda: 10 * MEGABYTE)
    room.reserve("a", 4 * MEGABYTE)
    room.reserve("b", 5 * MEGABYTE)
    assert room.free() == MEGABYTE
    room.release("a")
    assert (room.free(), room.promised("a"), room.promised("b")) == (5 * MEGABYTE, 0, 5 * MEGABYTE)


def test_a_limit_that_was_lowered_leaves_nothing_rather_than_less() -> None:
    limits = [10 * MEGABYTE]
    room = Room(lambda: limits[-1])
    room.reserve("a", 9 * MEGABYTE)
    limits.append(5 * MEGABYTE)
    assert room.free() == 0


def test_releasing_what_was_never_promised_is_nothing() -> None:
    room = Room(lambda: MEGABYTE)
    room.release("x")
    assert room.free() == MEGABYTE


def test_without_a_limit_something_is_left_to_the_machine(machine: int) -> None:
    assert Room(lambda: None).free() == machine


def test_a_promise_not_taken_yet_is_not_free(machine: int) -> None:
    room = Room(lambda: None)
    room.reserve("a", 100 * MEGABYTE)
    assert room.free() == machine - 100 * MEGABYTE


def test_what_an_engine_has_taken_is_not_counted_twice(machine: int, child: psutil.Process) -> None:
    room = Room(lambda: None)
    room.reserve("a", 100 * MEGABYTE)
    room.settle("a", child.pid)
    taken = machine - room.free()
    assert taken < 42 * MEGABYTE, "60 MB of the promise show in what the machine has free"
    room.release("a")
    assert room.free() == machine


def test_an_engine_that_took_more_than_promised_frees_nothing(machine: int, child: psutil.Process) -> None:
    room = Room(lambda: None)
    room.reserve("a", MEGABYTE)
    room.settle("a", child.pid)
    assert room.free() == machine


def test_own_memory_has_what_a_process_holds_and_not_the_files_it_maps(child: psutil.Process) -> None:
    assert 60 * MEGABYTE < own_memory(child.pid) < resident_memory(child.pid)


def test_the_memory_of_children_counts(child: psutil.Process) -> None:
    assert resident_memory(psutil.Process().pid) > resident_memory(child.pid)


@pytest.mark.skipif(not module.STATUS.exists(), reason="this system says nothing of processes in files")
def test_telling_what_is_in_memory_reads_no_other_processes(
    child: psutil.Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_measured", None)
    assert resident_memory(child.pid) == pytest.approx(child.memory_info().rss, rel=0.05)


def test_a_process_that_is_gone_holds_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    assert (own_memory(gone.pid), resident_memory(gone.pid), own_memory(None)) == (0, 0, 0)


def test_a_container_may_have_less_than_the_machine(container: Path) -> None:
    (container / "memory.max").write_text(f"{RESERVE + 300 * MEGABYTE}\n")
    (container / "memory.current").write_text(f"{100 * MEGABYTE}\n")
    (container / "memory.stat").write_text("anon 1\n")
    assert Room(lambda: None).free() == 200 * MEGABYTE


def test_pages_of_files_read_lately_do_not_fill_a_container(container: Path) -> None:
    (container / "memory.max").write_text(f"{RESERVE + 300 * MEGABYTE}\n")
    (container / "memory.current").write_text(f"{290 * MEGABYTE}\n")
    (container / "memory.stat").write_text(f"anon 5\ninactive_file {250 * MEGABYTE}\nactive_file 7\n")
    assert Room(lambda: None).free() == 260 * MEGABYTE


@pytest.mark.parametrize("limit", ["max\n", "", str(NEVER)])
def test_a_container_without_a_limit_has_what_the_machine_has(container: Path, limit: str) -> None:
    (container / "memory.max").write_text(limit)
    (container / "memory.current").write_text("5\n")
    (container / "memory.stat").write_text("")
    free, available = Room(lambda: None).free() + RESERVE, psutil.virtual_memory().available
    assert free == pytest.approx(available, rel=0.1)


def test_no_container(container: Path) -> None:
    free, available = Room(lambda: None).free() + RESERVE, psutil.virtual_memory().available
    assert free == pytest.approx(available, rel=0.1)


# -- memory on its way back --------------------------------------------------------------------------------------------


def test_p93_what_an_engine_that_is_gone_had_and_is_not_free_yet_is_on_its_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    free = [1000]
    monkeypatch.setattr(module, "available", lambda: free[0])
    monkeypatch.setattr(module, "RESERVE", 0)
    room = Room(lambda: None)
    room.reserve("a", 300)
    assert (room.free(), room.returning()) == (700, 0)
    room.leaving("a")
    assert room.returning() == 0, "it is still there"
    free[0] = 700  # as if it had taken what it was promised, and its memory were not back
    room.release("a")
    assert (room.free(), room.returning()) == (700, 300)
    free[0] = 900
    assert room.returning() == 100
    free[0] = 1000
    assert room.returning() == 0


def test_p93_what_others_were_promised_meanwhile_is_not_on_its_way(machine: int) -> None:
    room = Room(lambda: None)
    room.reserve("a", 300)
    room.leaving("a")
    room.reserve("b", 100)
    room.release("a")
    assert room.returning() == 0, "all of it is back"
    room.reserve("c", 200)
    room.reserve("c", 50)
    assert (room.free(), room.returning()) == (machine - 150, 0)


def test_p93_it_is_on_its_way_for_some_seconds_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "available", lambda: 1000)
    monkeypatch.setattr(module, "RESERVE", 0)
    monkeypatch.setattr(module, "RETURN_WITHIN", 0.0)
    room = Room(lambda: None)
    room.reserve("a", 300)
    room.leaving("a")
    monkeypatch.setattr(module, "available", lambda: 100)
    room.release("a")
    assert room.returning() == 0


def test_under_a_limit_nothing_is_on_its_way() -> None:
    room = Room(lambda: 1000)
    room.reserve("a", 300)
    room.leaving("a")
    room.release("a")
    assert (room.free(), room.returning()) == (1000, 0)


def test_where_the_system_has_no_such_files_psutil_is_asked(
    child: psutil.Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact, resident = own_memory(child.pid), resident_memory(child.pid)
    monkeypatch.setattr(module, "STATUS", tmp_path / "status")
    assert own_memory(child.pid) == pytest.approx(exact, rel=0.2)
    assert resident_memory(child.pid) == pytest.approx(resident, rel=0.05)


def test_p94_what_children_hold_counts_as_their_parents_own(child: psutil.Process) -> None:
    assert own_memory(psutil.Process().pid) > own_memory(child.pid) > 60 * MEGABYTE
