"""A pull that is killed anywhere: nothing half-written is ever in the library, and no byte comes twice."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import time

import pytest

from landbridge.engines.library import Library
from tests.fakes.gguf_model import write_model, write_projector
from tests.fakes.web import Web, serving

from .conftest import Home

PACE = 1_500_000
KILLS = 3
SLACK = 4 * PACE // 50
"""Bytes that may be on their way when a process is killed."""


@pytest.mark.io
def test_killed_at_random_points(home: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    home.settings(1)
    made = tmp_path_factory.mktemp("made")
    write_model(made / "big-Q8_0.gguf", tensors=150, piece=60)
    write_projector(made / "mmproj-F16.gguf")
    files = {path.name: path.read_bytes() for path in sorted(made.iterdir())}
    total = sum(map(len, files.values()))
    chance = random.Random(1)
    with serving() as hub, serving() as cdn:
        hub.put_model("org/Big-GGUF", files, cdn=cdn, pace=PACE)
        kills = 0
        for point in sorted(chance.randrange(1, total) for _ in range(KILLS)):
            with pull(home, hub) as process:
                while process.poll() is None and sum(cdn.sent.values()) < point:
                    time.sleep(0.005)
                process.kill()
                kills += process.wait() != 0
            assert Library(home.data / "models").names() == (), "nothing half-written"
        with pull(home, hub) as process:
            said = process.communicate(timeout=60)[1].decode()
        assert process.returncode == 0, said
        sent = sum(cdn.sent.values())
    assert kills == KILLS
    assert "going on with big" in said
    assert total <= sent <= total + kills * SLACK, "bytes came twice"
    found = Library(home.data / "models").find("big")
    assert found is not None
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found.path.parent.iterdir()} == {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items()
    }
    assert not list((home.data / "models" / ".partial").iterdir())


def pull(home: Home, hub: Web) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "landbridge", "models", "pull", "hf:org/Big-GGUF"]
    env = {**home.env, "HF_ENDPOINT": hub.url, "HF_TOKEN": "", "NO_PROXY": "127.0.0.1"}
    return subprocess.Popen(command, env=env, cwd=home.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
