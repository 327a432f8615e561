"""Downloads in threads: they survive pauses, restarts and kills, and a model is there whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from landbridge.config import Config, ModelSettings
from landbridge.engines.library import Library
from landbridge.errors import ConfigFault, UnknownModel
from landbridge.manage.download import Download
from landbridge.manage.downloads import Downloads
from tests.fakes.gguf_model import write_model
from tests.fakes.web import Web

pytestmark = pytest.mark.io
HELD = 1_000_000
"""Bytes after which the server waits."""
CONFIG = Config(models={"house": ModelSettings(source="https://h/x.gguf")})


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_model(tmp_path_factory.mktemp("model") / "m.gguf", tensors=300).read_bytes()


@pytest.fixture
def router(tmp_path: Path) -> Iterator[Callable[[], Downloads]]:
    """What a router that starts has; those before are closed."""
    made: list[Downloads] = []

    def start() -> Downloads:
        for each in made:
            each.close()
        made.append(Downloads(Library(tmp_path / "models"), lambda: CONFIG, tmp_path / "downloads.json"))
        made[-1].start()
        return made[-1]

    yield start
    for each in made:
        each.close()


def until(downloads: Downloads, name: str, state: str) -> Download:
    """The download, once it stands so."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        for each in downloads.all():
            if each.name == name and each.state == state:
                return each
        time.sleep(0.01)
    raise AssertionError(f"{name} is not {state}: {downloads.all()}")


def holding(web: Web, downloads: Downloads, name: str = "tiny") -> None:
    """Wait until the server holds, and what it sent has been taken."""
    assert web.holding.wait(10)
    end = time.monotonic() + 10
    while next(each.done for each in downloads.all() if each.name == name) < HELD:
        assert time.monotonic() < end, downloads.all()
        time.sleep(0.01)


def gone(downloads: Downloads) -> None:
    end = time.monotonic() + 10
    while downloads.all():
        assert time.monotonic() < end, downloads.all()
        time.sleep(0.01)


def test_it_comes_and_is_told(tmp_path: Path, router: Callable[[], Downloads], web: Web, model: bytes) -> None:
    downloads = router()
    begun = downloads.begin(web.put("/Tiny.gguf", model))
    assert begun.name == "tiny"
    done = until(downloads, "tiny", "done")
    assert (done.done, done.total, done.fault) == (len(model), len(model), "")
    assert Library(tmp_path / "models").names() == ("tiny",)
    assert not (tmp_path / "downloads.json").exists(), "nothing is left to do"
    assert downloads.resume("tiny").state == "done"
    downloads.cancel("tiny")
    assert downloads.all() == []
    assert Library(tmp_path / "models").names() == ("tiny",)


def test_a_pause_and_going_on(tmp_path: Path, router: Callable[[], Downloads], web: Web, model: bytes) -> None:
    source = web.put("/tiny.gguf", model, etag='"1"', hold=HELD)
    downloads = router()
    downloads.begin(source)
    holding(web, downloads)
    assert downloads.pause("tiny").state == "stopping"
    assert downloads.resume("tiny").state == "stopping", "the thread sees it when something comes"
    assert downloads.pause("tiny").state == "stopping"
    web.go_on.set()
    until(downloads, "tiny", "paused")
    assert (tmp_path / "downloads.json").stat().st_mode & 0o77 == 0, "addresses may hold passwords"
    downloads.begin(source)  # the same again goes on
    until(downloads, "tiny", "done")
    assert web.of("/tiny.gguf")[1].headers["range"].startswith("bytes=")
    assert (tmp_path / "models/tiny.gguf").read_bytes() == model


def test_thought_better_of_while_it_stops(router: Callable[[], Downloads], web: Web, model: bytes) -> None:
    downloads = router()
    downloads.begin(web.put("/tiny.gguf", model, etag='"1"', hold=HELD))
    holding(web, downloads)
    downloads.pause("tiny")
    downloads.resume("tiny")
    web.go_on.set()
    until(downloads, "tiny", "done")


def test_given_up(tmp_path: Path, router: Callable[[], Downloads], web: Web, model: bytes) -> None:
    downloads = router()
    downloads.begin(web.put("/tiny.gguf", model, hold=HELD))
    holding(web, downloads)
    downloads.cancel("tiny")
    web.go_on.set()
    gone(downloads)
    assert Library(tmp_path / "models").interrupted() == {}
    assert not (tmp_path / "downloads.json").exists()
    with pytest.raises(UnknownModel):
        downloads.resume("tiny")


def test_what_failed_says_why_and_goes_on_when_told(router: Callable[[], Downloads], web: Web, model: bytes) -> None:
    downloads = router()
    downloads.begin(web.put("/tiny.gguf", status=404))
    assert "404" in until(downloads, "tiny", "failed").fault
    downloads = router()
    assert "404" in until(downloads, "tiny", "failed").fault, "after a restart, too, and it is not tried unasked"
    web.put("/tiny.gguf", model)
    downloads.resume("tiny")
    until(downloads, "tiny", "done")


def test_a_broken_connection_is_made_again(router: Callable[[], Downloads], web: Web, model: bytes) -> None:
    downloads = router()
    downloads.begin(web.put("/tiny.gguf", model, etag='"1"', cut=2_000_000))
    waiting = until(downloads, "tiny", "waiting")
    assert "ended after 2000000" in waiting.fault
    until(downloads, "tiny", "done")


def test_a_router_that_ends_goes_on_with_it(
    tmp_path: Path, router: Callable[[], Downloads], web: Web, model: bytes
) -> None:
    running = web.put("/one.gguf", model, etag='"1"', hold=HELD)
    downloads = router()
    downloads.begin(running)
    holding(web, downloads, "one")
    threading.Timer(0.2, web.go_on.set).start()
    router()  # closes the one before
    downloads = router()
    until(downloads, "one", "done")
    assert (tmp_path / "models/one.gguf").read_bytes() == model


KILLED = """
import sys
from pathlib import Path
from landbridge.config import Config
from landbridge.engines.library import Library
from landbridge.manage.downloads import Downloads
folder = Path(sys.argv[1])
downloads = Downloads(Library(folder / "models"), Config, folder / "downloads.json")
downloads.begin(sys.argv[2])
sys.stdin.read()
"""


def test_a_killed_router_leaves_nothing_half_written(
    tmp_path: Path, router: Callable[[], Downloads], web: Web, model: bytes
) -> None:
    source = web.put("/tiny.gguf", model, etag='"1"', hold=HELD)
    command = [sys.executable, "-c", KILLED, str(tmp_path), source]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env={**os.environ, "NO_PROXY": "127.0.0.1"}) as process:
        assert web.holding.wait(20)
        library, end = Library(tmp_path / "models"), time.monotonic() + 10
        while library.interrupted().get("tiny", 0) < HELD and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert library.names() == ()
    web.go_on.set()
    downloads = router()
    until(downloads, "tiny", "done")
    assert (tmp_path / "models/tiny.gguf").read_bytes() == model
    assert web.of("/tiny.gguf")[1].headers.get("range"), "it went on where the other one was"


def test_what_cannot_be_begun(router: Callable[[], Downloads], web: Web, model: bytes) -> None:
    downloads = router()
    for wanted, said in (("smolm2", "Did you mean smollm2"), ("org/repo", "Did you mean hf:org/repo")):
        with pytest.raises(ConfigFault) as refused:
            downloads.begin(wanted)
        assert said in refused.value.text
    with pytest.raises(ConfigFault, match="cannot be a model's name"):
        downloads.begin("smollm2", name="../x")
    downloads.begin(web.put("/a/tiny.gguf", model, hold=1000))
    with pytest.raises(ConfigFault, match="is being fetched from http"):
        downloads.begin(web.put("/b/tiny.gguf", model))
    web.go_on.set()
    until(downloads, "tiny", "done")


def test_a_damaged_record_is_no_end(
    tmp_path: Path, router: Callable[[], Downloads], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "downloads.json").write_bytes(b"[{]")
    assert router().all() == []
    assert "not known" in caplog.text
