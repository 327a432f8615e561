"""Two routers never share a data folder; a process that ends, however it ends, gives it free."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from landbridge.errors import ConfigFault
from landbridge.store.owner import Owner

pytestmark = pytest.mark.io

SCRIPT = (
    "import sys\n"
    "from pathlib import Path\n"
    "from landbridge.store.owner import Owner\n"
    "owner = Owner(Path(sys.argv[1]))\n"
    "owner.claim()\n"
    "print('mine', flush=True)\n"
    "sys.stdin.read()\n"
)


def test_another_process_is_named_until_it_is_gone(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "mine\n"
        with pytest.raises(ConfigFault, match=rf"in use by another router \(process {process.pid}\)") as caught:
            Owner(tmp_path).claim()
        assert "--data-dir" in caught.value.remedy
        process.send_signal(signal.SIGKILL)
    owner = Owner(tmp_path)
    owner.claim()
    assert (tmp_path / "router.lock").read_text() == f"{os.getpid()}\n"
    owner.release()
    owner.release()


def test_a_released_folder_can_be_claimed(tmp_path: Path) -> None:
    first, second = Owner(tmp_path / "new"), Owner(tmp_path / "new")
    first.claim()
    with pytest.raises(ConfigFault):
        second.claim()
    first.release()
    second.claim()
    second.release()


def test_a_folder_that_cannot_be_written_is_said_and_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    owner = Owner(tmp_path / "file")
    owner.claim()
    assert "nothing of this run is kept there" in caplog.text
    owner.release()
