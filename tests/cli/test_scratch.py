"""Files of a session go with it, and what a crash left goes with the next one; the user's own are never touched."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from landbridge.agents.session import Setup
from landbridge.cli.scratch import scratch
from landbridge.manage.connecting import lay

pytestmark = pytest.mark.io

HOLDS = """
import os, subprocess, sys
from pathlib import Path
from landbridge.cli.scratch import scratch
with scratch(Path(sys.argv[1])) as place:
    (place.folder / "file").touch()
    client = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=[place.lock])
    print(client.pid, flush=True)
    client.wait()
"""


def test_the_folder_is_private_and_gone_at_the_end(tmp_path: Path) -> None:
    with scratch(tmp_path / "launch") as place:
        assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700
        (place.folder / "file").touch()
    assert list((tmp_path / "launch").iterdir()) == []


def test_it_is_gone_after_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), scratch(tmp_path):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_sessions_at_once_leave_each_other_alone(tmp_path: Path) -> None:
    with scratch(tmp_path) as first, scratch(tmp_path) as second:
        assert first.folder != second.folder
        assert first.folder.is_dir()


def test_what_a_killed_launcher_left_goes_when_its_client_has_ended(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDS, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as launcher:
        assert launcher.stdout is not None
        client = int(launcher.stdout.readline())
        launcher.kill()
    [left] = tmp_path.iterdir()
    try:
        with scratch(tmp_path):
            assert left.is_dir(), "the client still works with it"
    finally:
        os.kill(client, signal.SIGKILL)
    wait_until_gone(client)
    with scratch(tmp_path) as place:
        assert list(tmp_path.iterdir()) == [place.folder]


def wait_until_gone(pid: int) -> None:
    """Until the system has closed the files of a killed process that is not a child of ours."""
    for _ in range(500):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").exists() and ") Z " in Path(f"/proc/{pid}/stat").read_text():
            return
        time.sleep(0.01)
    raise AssertionError("it stays")


def test_files_and_links_are_laid_and_laid_again(tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "commands").mkdir(parents=True)
    (own / "commands/mine").write_text("mine")
    links = {".tool/commands": str(own / "commands"), ".tool/history": str(own / "history")}
    setup = Setup(
        variables={}, arguments=(), files={".tool/settings": b"ours"}, links=links, records=(str(own / "history"),)
    )
    folder = tmp_path / "session"
    lay(setup, folder)
    lay(setup, folder)
    assert (folder / ".tool/settings").read_bytes() == b"ours"
    assert stat.S_IMODE((folder / ".tool/settings").stat().st_mode) == 0o600
    assert (folder / ".tool/commands/mine").read_text() == "mine"
    (folder / ".tool/history/today").write_text("kept")
    assert (own / "history/today").read_text() == "kept"


def test_a_file_is_never_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("mine")
    folder = tmp_path / "session"
    folder.mkdir()
    (folder / "settings").symlink_to(tmp_path / "own")
    lay(Setup(variables={}, arguments=(), files={"settings": b"ours"}), folder)
    assert (folder / "settings").read_bytes() == b"ours"
    assert (tmp_path / "own").read_text() == "mine"


def test_links_are_removed_and_what_they_point_to_stays(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "file").write_text("mine")
    with scratch(tmp_path / "launch") as place:
        lay(Setup(variables={}, arguments=(), links={"own": str(own)}), place.folder)
        assert (place.folder / "own/file").read_text() == "mine"
    assert (own / "file").read_text() == "mine"
