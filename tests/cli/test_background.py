"""A router for one session: waited for, stopped, its failures told in its own words. The command is a real process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from landbridge.cli import background
from landbridge.cli.background import background_router, serve_command
from landbridge.errors import ConfigFault, StartFailed
from landbridge.manage.router import probe

pytestmark = pytest.mark.io
ROOT = Path(__file__).parent.parent.parent


def serving(port: int) -> list[str]:
    """A command that serves a pretend router and ends on SIGTERM."""
    script = f"""
        import signal, sys, threading
        sys.path.insert(0, {str(ROOT)!r})
        from tests.fakes.router import running
        end = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: end.set())
        with running({port}):
            print("ready", flush=True)
            end.wait()
    """
    return [sys.executable, "-c", textwrap.dedent(script)]


def test_it_is_ready_inside_and_gone_afterwards(tmp_path: Path, free_port: Callable[[], int]) -> None:
    port = free_port()
    url, log = f"http://127.0.0.1:{port}", tmp_path / "logs" / "launch.log"
    with background_router(serving(port), url, log):
        assert probe(url).state == "up"
    assert probe(url).state == "nobody"
    assert "ready" in log.read_text()


def test_it_is_stopped_when_the_session_fails(tmp_path: Path, free_port: Callable[[], int]) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with pytest.raises(RuntimeError), background_router(serving(port), url, tmp_path / "log"):
        raise RuntimeError
    assert probe(url).state == "nobody"


@pytest.mark.parametrize(("code", "kind"), [(1, StartFailed), (3, StartFailed), (2, ConfigFault)])
def test_its_last_words_are_the_reason(
    code: int, kind: type[Exception], tmp_path: Path, free_port: Callable[[], int]
) -> None:
    command = [sys.executable, "-c", f"print('landbridge: port taken.'); raise SystemExit({code})"]
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(kind, match=r"port taken\."), background_router(command, url, tmp_path / "log"):
        pytest.fail("must not begin")


def test_one_that_never_gets_ready_is_ended(
    tmp_path: Path, free_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "READY_WITHIN", 0.2)
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(StartFailed, match="not ready"), background_router(command, url, tmp_path / "log"):
        pytest.fail("must not begin")


def test_one_that_ignores_the_end_is_killed(
    tmp_path: Path, free_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "STOP_WITHIN", 0.2)
    port = free_port()
    command = serving(port)
    command[-1] = command[-1].replace("lambda *_: end.set()", "signal.SIG_IGN")
    url = f"http://127.0.0.1:{port}"
    with background_router(command, url, tmp_path / "log"):
        pass
    assert probe(url).state == "nobody"


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_it_does_not_outlive_a_killed_session(tmp_path: Path, free_port: Callable[[], int]) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    script = (
        "import sys, time; from pathlib import Path; from landbridge.cli.background import background_router\n"
        f"with background_router({serving(port)!r}, {url!r}, Path({str(tmp_path / 'log')!r})):\n"
        "    print('up', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as session:
        assert session.stdout is not None
        assert session.stdout.readline() == b"up\n"
        (child,) = psutil.Process(session.pid).children()
        os.kill(session.pid, signal.SIGKILL)
    child.wait(5)
    deadline = time.monotonic() + 5
    while probe(url).state != "nobody" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert probe(url).state == "nobody"


def test_the_command_is_this_installation(tmp_path: Path) -> None:
    command = serve_command(tmp_path / "c.toml", tmp_path)
    assert command[0] == sys.executable
    assert command[-2:] == ["--config", str(tmp_path / "c.toml")]
    assert "--config" not in serve_command(None, tmp_path)
