"""The child's side: `python -m landbridge.engines.worker`. One JSON line on stdin says what to run; it runs until told.

Either llama.cpp inside this process (`params`), or beneath it a program of the system's (`command`). Its output is the
log; one line of it says `listening on URL`. Whatever happens to the router, nothing stays behind: stdin is held open by
it, and its end is ours. Linux kills us by itself as well (PR_SET_PDEATHSIG), also while a model loads: llama.cpp keeps
Python from running then. Elsewhere an orphan ends when its model is loaded.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

EXIT_MISSING = 3
"""Exit code: there is no engine to run. Starting again does not help."""
EXIT_SETTINGS = 4
"""Exit code: an engine parameter does not exist or does not take that value."""
PR_SET_PDEATHSIG = 1
OOM_SCORE = 500
"""Of 1000: when memory ends, an engine goes before the router and before the user's programs."""


def main() -> int:
    """Run what stdin says. The exit code is the engine's."""
    job = json.loads(sys.stdin.buffer.readline())
    _be_modest(job.get("address_space"))
    if job.get("command"):
        return run_command(job["command"])
    return run_llama(job["params"], job["parent"])


def run_llama(params: Mapping[str, object], parent: int) -> int:
    """llama.cpp's server in this process; returns only if it does not start."""
    die_with_parent()
    if os.getppid() != parent:
        return 1
    _when_stdin_ends(lambda: os._exit(1))
    try:
        import xllamacpp
    except ImportError as error:
        print(f"engine missing: {error}", file=sys.stderr)
        return EXIT_MISSING
    settings = xllamacpp.CommonParams()
    for name, value in params.items():
        try:
            _set(settings, name, _adapters(value) if name == "lora_adapters" else value)
        except (AttributeError, TypeError, ValueError, OverflowError) as error:
            print(f"invalid engine setting '{name}': {error}", file=sys.stderr)
            return EXIT_SETTINGS
    try:
        server = xllamacpp.Server(settings)
    except RuntimeError as error:
        print(f"engine did not start: {error}", file=sys.stderr)
        return 1
    os.write(1, f"listening on {server.listening_address}\n".encode())  # at once: the server's threads write, too
    threading.Event().wait()
    return 0


def _set(settings: Any, name: str, value: object) -> None:
    """`a.b` is attribute b of attribute a. A name the engine does not have is an error, not a new attribute."""
    *path, last = name.split(".")
    for part in path:
        settings = getattr(settings, part)
    if not hasattr(settings, last):
        raise AttributeError("there is no such parameter")
    setattr(settings, last, value)


def _adapters(value: object) -> list[Any]:
    """Paths with scales, as the engine's own objects."""
    import xllamacpp

    if not isinstance(value, list):
        raise TypeError("it is a list of paths with scales")
    return [xllamacpp.CommonAdapterLoraInfo(path, scale) for path, scale in value]


def run_command(command: list[str]) -> int:
    """A foreign engine beneath this process, and everything it starts, as one process group with it."""
    import subprocess  # whoever loads a model here does without, and without all else that takes time to import

    signal.signal(signal.SIGTERM, _leave_to_child)
    try:
        child = subprocess.Popen(  # noqa: S603 - the command is the user's own setting
            command, stdin=subprocess.DEVNULL, stdout=sys.stderr.fileno(), preexec_fn=die_with_parent
        )
    except OSError as error:
        print(f"engine missing: cannot run {command[0]}: {error.strerror}", file=sys.stderr)
        return EXIT_MISSING
    _when_stdin_ends(lambda: os.killpg(0, signal.SIGKILL))
    code = child.wait()
    _end_the_others()
    if code < 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), -code)  # end as the engine ended, so that whoever waits for us sees its signal
    return code


def _end_the_others() -> None:
    """SIGKILL for what the engine started and left behind. The router does so, too, unless it dies in this moment."""
    for _ in range(10):  # whatever forks meanwhile is met the next time
        others = [pid for pid in _group() if pid != os.getpid()]
        if not others:
            return
        for pid in others:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _group() -> list[int]:
    """The living processes of our group. Linux only; elsewhere none are found."""
    from pathlib import Path

    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            state, _, group = path.read_text(errors="replace").rpartition(")")[2].split()[:3]
            if state not in "ZX" and int(group) == os.getpgrp():
                found.append(int(path.parent.name))
    return found


def _leave_to_child(_signal: int, _frame: object) -> None:
    """SIGTERM goes to the whole group; this process ends after the engine, with its exit code."""


def die_with_parent() -> None:
    """Linux: SIGKILL for this process when the one that started it ends, however that ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _when_stdin_ends(end: Callable[[], None]) -> None:
    def watch() -> None:
        while os.read(0, 1024):
            pass
        end()

    threading.Thread(target=watch, daemon=True, name="stdin").start()


def _be_modest(address_space: int | None) -> None:
    """Limits for this process and its children: no core dumps, first to go when memory ends, bounded memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if address_space is not None:
        with suppress(ValueError, OSError):  # a lower hard limit stands already, or the system has no such limit
            resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
    if sys.platform == "linux":
        with suppress(OSError):  # a container may not allow it
            number = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
            os.write(number, str(OOM_SCORE).encode())
            os.close(number)


if __name__ == "__main__":
    sys.exit(main())
