"""What a killed process has counted is known to the next one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from landbridge.store.tally import Tally, read

pytestmark = pytest.mark.io


def test_a_kill_leaves_the_count(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from landbridge.store.tally import Tally\n"
        "tally = Tally('ledger')\n"
        "tally.keep(Path(sys.argv[1]))\n"
        "tally.counts[0] += 7\n"
        "tally.counts[1] += 2\n"
        "print(tally.run, flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        run = process.stdout.readline().strip()
        process.send_signal(signal.SIGKILL)
    tally = Tally("ledger")
    tally.keep(tmp_path)
    [left] = tally.others()
    assert (left.run, left.records, left.unwanted, left.pid) == (run, 7, 2, process.pid)
    tally.forget(run)
    assert tally.others() == []


def test_another_ledgers_counts_are_left_to_it(tmp_path: Path) -> None:
    first, second, third = Tally("a"), Tally("b"), Tally("a")
    for tally in (first, second, third):
        tally.keep(tmp_path)
    assert [left.run for left in second.others()] == []
    assert [left.run for left in third.others()] == [first.run]


def test_counts_before_it_is_kept_are_kept(tmp_path: Path) -> None:
    tally = Tally("a")
    tally.counts[0] += 3
    tally.keep(tmp_path)
    tally.counts[0] += 1
    found = read(tmp_path / tally.run)
    assert found is not None
    assert (found.records, found.started, found.pid) == (4, tally.started, os.getpid())
    assert (tmp_path / tally.run).stat().st_mode & 0o777 == 0o600


def test_what_is_no_tally_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run_x").write_bytes(b"short")
    (tmp_path / "run_y").mkdir()
    tally = Tally("a")
    assert tally.others() == []
    tally.keep(tmp_path)
    assert tally.others() == []
    assert read(tmp_path / "nowhere") is None
    tally.forget("run_nobody")
