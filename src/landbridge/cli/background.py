"""A router of one's own, for as long as one session needs it: started, waited for, stopped.

It has a process session of its own, so that Ctrl-C in the client's terminal reaches the client alone; on Linux the
kernel ends it should we be killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..errors import ConfigFault, StartFailed
from ..manage.router import probe
from . import show

READY_WITHIN = 60.0
"""Seconds the router may take to start; it takes less than one."""
STOP_WITHIN = 20.0
"""Seconds it may take to finish what runs (`server.drain_seconds` is 10)."""
PR_SET_PDEATHSIG = 1


@contextmanager
def background_router(command: Sequence[str], url: str, log: Path) -> Generator[None]:
    """Run `command`, which serves `url`, until the block ends; it speaks into `log`.

    Raises `StartFailed`, or `ConfigFault` where the command ends with the exit code for wrong settings.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = start(command, out.fileno())
    try:
        _wait(process, url, log)
        yield
    finally:
        _stop(process)


def serve_command(config_path: Path | None, data_dir: Path) -> list[str]:
    """The router of this very installation, without what a single session does not need."""
    return whole_command(config_path, data_dir, "--no-dashboard", "--no-openai")


def whole_command(config_path: Path | None, data_dir: Path, *flags: str) -> list[str]:
    """The router of this very installation."""
    command = [sys.executable, "-m", "landbridge", "serve", *flags, "--data-dir", str(data_dir)]
    return command if config_path is None else [*command, "--config", str(config_path)]


def start(command: Sequence[str], out: int, *, lasting: bool = False) -> subprocess.Popen[bytes]:
    """Start a router that speaks into the file `out`, and ends with this program unless it is `lasting`."""
    dies = sys.platform == "linux" and not lasting
    return subprocess.Popen(  # noqa: S603 - this program itself
        command,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        # Safe to run between fork and exec: no threads run yet.
        preexec_fn=_end_with_parent if dies else None,
    )


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    with _spinner("starting the router"):
        while probe(url).state != "up":
            if process.poll() is not None:
                raise _failed(process.returncode, log)
            if time.monotonic() > deadline:
                raise StartFailed(f"The router was not ready within {READY_WITHIN:.0f} s.", remedy=f"Its log is {log}.")
            time.sleep(0.05)


@contextmanager
def _spinner(text: str) -> Generator[None]:
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


def _failed(code: int, log: Path) -> StartFailed | ConfigFault:
    said = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    last = said[-1].removeprefix("landbridge: ") if said else f"it ended with code {code}"
    if code == show.USAGE:
        return ConfigFault(last)
    return StartFailed(f"The router did not start: {last}", remedy=f"Its log is {log}.")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
