"""A bar on a terminal, now and then a line elsewhere; neither shows a password."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from landbridge.cli.progress import pull_with_progress, size_text
from landbridge.engines.library import Library
from tests.fakes.gguf_model import write_model
from tests.fakes.web import serving


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_model(tmp_path_factory.mktemp("model") / "m.gguf", tensors=300).read_bytes()


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 kB"),
        (999, "1 kB"),
        (98_362_432, "98 MB"),
        (1_117_320_768, "1.12 GB"),
        (10**6, "1 MB"),
        (10**9, "1.00 GB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.io
def test_lines_at_each_tenth(model: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving() as web:
        pull_with_progress(Library(tmp_path), web.put("/tiny.gguf", model).replace("//", "//me:secret@"))
    out, err = capsys.readouterr()
    assert out == ""
    assert "secret" not in err
    lines = err.splitlines()
    assert lines[0] == "landbridge: fetching tiny: 0% of 2 MB"
    assert "landbridge: fetching tiny: 100% of 2 MB" in lines
    assert lines[-1] == "landbridge: checking tiny: 100% of 2 MB"
    assert len(lines) == len(set(lines)) <= 22


@pytest.mark.io
def test_lines_where_the_whole_is_not_known(model: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving() as web:
        pull_with_progress(Library(tmp_path), web.put("/tiny.gguf", model, sized=False), name="mine")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "landbridge: fetching mine: 0 kB so far"
    assert sum("fetching" in line for line in lines) == 1


PULL = """
import sys
from pathlib import Path
from landbridge.cli.progress import pull_with_progress
from landbridge.engines.library import Library
pull_with_progress(Library(Path(sys.argv[1])), sys.argv[2])
"""


@pytest.mark.io
@pytest.mark.parametrize("sized", [True, False])
def test_a_bar_on_a_terminal(model: bytes, tmp_path: Path, sized: bool) -> None:
    with serving() as web:
        said = on_terminal("-c", PULL, str(tmp_path), web.put("/tiny.gguf", model, sized=sized))
    assert "tiny: 127.0.0.1" in said
    assert "checking sha256" in said
    assert "2.5/2.5 MB" in said
    assert "Traceback" not in said


def on_terminal(*words: str) -> str:
    """What a program writes to the terminal it runs on."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    process = subprocess.Popen([sys.executable, *words], stdin=theirs, stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    said = b""
    try:
        while piece := os.read(ours, 65536):
            said += piece
    except OSError:  # the other side is closed
        pass
    finally:
        os.close(ours)
    assert process.wait(30) == 0, said.decode()
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said.decode())
