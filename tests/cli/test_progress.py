"""A bar on a terminal, now and then a line elsewhere; neither shows a password."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from landbridge.cli import progress, show
from landbridge.cli.progress import _Lines, pull_with_progress, size_text, time_text
from landbridge.engines.library import Library
from landbridge.engines.sources import Progress
from landbridge.errors import Unreachable
from tests.fakes.gguf_model import write_model
from tests.fakes.terminal import on_terminal
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


@pytest.mark.io
def test_a_broken_connection_is_made_again(
    model: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as it brings something; each time it goes on where it stopped."""
    monkeypatch.setattr(progress, "PAUSES", (0.0, 0.0))
    with serving() as web:
        source = web.put("/tiny.gguf", model, cut=1_000_000, etag='"1"')
        assert pull_with_progress(Library(tmp_path), source).path.read_bytes() == model
        assert [asked.headers.get("range") for asked in web.asked] == [None, "bytes=1000000-", "bytes=2000000-"]
    said = capsys.readouterr().err
    assert said.count("bytes. Trying again in 0 s.") == 2


@pytest.mark.io
def test_trying_in_vain_ends(model: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PAUSES", (0.0, 0.0))
    with serving() as web:
        source = web.put("/tiny.gguf", model, cut=1_000_000, etag='"1"')

        def leave(said: str) -> None:
            if "Trying again" in said:
                web.files["/tiny.gguf"].cut = 0  # from now on it answers and breaks at once

        monkeypatch.setattr(show, "say", leave)
        with pytest.raises(Unreachable):
            pull_with_progress(Library(tmp_path), source)
        assert len(web.asked) == 3
        web.asked.clear()
        with pytest.raises(Unreachable):
            pull_with_progress(Library(tmp_path / "other"), source)
        assert len(web.asked) == 1, "nothing has come: it is said at once"


class Clock:
    """A clock that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_speed_and_time_left_are_said_as_soon_as_they_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    report = _Lines("m", clock)
    for now, done in ((0.0, 0), (1.0, 100), (10.0, 500), (20.0, 1000)):
        clock.now = now
        report(Progress(done * 10**6, 10**9))
    assert [line.removeprefix("landbridge: fetching m: ") for line in capsys.readouterr().err.splitlines()] == [
        "0% of 1.00 GB",
        "10% of 1.00 GB",
        "50% of 1.00 GB, 50 MB/s, 10 s left",
        "100% of 1.00 GB",
    ]


def test_what_came_before_is_not_counted_as_speed(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    report = _Lines("m", clock)
    report(Progress(800 * 10**6, 10**9))
    clock.now = 10.0
    report(Progress(900 * 10**6, 10**9))
    assert capsys.readouterr().err.splitlines() == [
        "landbridge: going on with m from 800 MB",
        "landbridge: fetching m: 80% of 1.00 GB",
        "landbridge: fetching m: 90% of 1.00 GB, 10 MB/s, 10 s left",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59, "59 s"), (90, "2 min"), (5399, "90 min"), (9000, "2.5 h")]
)
def test_times(seconds: float, text: str) -> None:
    assert time_text(seconds) == text


PULL = """
import sys
from pathlib import Path
from landbridge.cli.progress import pull_with_progress
from landbridge.engines.library import Library
pull_with_progress(Library(Path(sys.argv[1])), sys.argv[2])
"""


@pytest.mark.io
def test_the_bar_says_where_it_goes_on(model: bytes, tmp_path: Path) -> None:
    with serving() as web:
        source = web.put("/tiny.gguf", model, cut=2_000_000, etag='"1"')
        with pytest.raises(Unreachable):
            Library(tmp_path).pull(source, lambda _: None)
        web.put("/tiny.gguf", model, etag='"1"')
        code, said = on_terminal("-c", PULL, str(tmp_path), source, env={**os.environ, "COLUMNS": "120"})
    assert code == 0, said
    assert "going on from 2 MB" in said


@pytest.mark.io
@pytest.mark.parametrize("sized", [True, False])
def test_a_bar_on_a_terminal(model: bytes, tmp_path: Path, sized: bool) -> None:
    with serving() as web:
        source = web.put("/tiny.gguf", model, sized=sized)
        code, said = on_terminal("-c", PULL, str(tmp_path), source, env={**os.environ, "COLUMNS": "120"})
    assert code == 0, said
    assert "tiny: 127.0.0.1" in said
    assert "checking sha256" in said
    assert "2.5/2.5 MB" in said
    assert "Traceback" not in said
