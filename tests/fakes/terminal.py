"""A terminal that a program runs on, with somebody who types."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


def on_terminal(*words: str, env: Mapping[str, str], typed: str = "", cwd: Path | None = None) -> tuple[int, str]:
    """Run Python with these words; gives the exit code and what was to be seen, without colours."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *words], stdin=theirs, stdout=theirs, stderr=theirs, env={**env, "TERM": "xterm"}, cwd=cwd
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    said = b""
    try:
        while piece := os.read(ours, 65536):
            said += piece
    except OSError:  # the other side is closed
        pass
    finally:
        os.close(ours)
    return process.wait(30), re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said.decode()).replace("\r", "")


def in_conversation(
    *words: str,
    env: Mapping[str, str],
    steps: Sequence[tuple[str, str]],
    cwd: Path | None = None,
    seconds: float = 60.0,
) -> tuple[int, str]:
    """The same with somebody who waits before they type: `steps` are (words that are awaited, what is typed then)."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *words], stdin=theirs, stdout=theirs, stderr=theirs, env={**env, "TERM": "xterm"}, cwd=cwd
    )
    os.close(theirs)
    said, seen, left = b"", 0, list(steps)
    deadline = time.monotonic() + seconds
    try:
        while select.select([ours], [], [], max(0.0, deadline - time.monotonic()))[0]:
            said += os.read(ours, 65536)
            if left and (at := said.find(left[0][0].encode(), seen)) >= 0:
                seen = at + len(left[0][0].encode())
                os.write(ours, left.pop(0)[1].encode())
    except OSError:  # the other side is closed
        pass
    finally:
        os.close(ours)
        process.kill() if time.monotonic() >= deadline else None
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said.decode()).replace("\r", "")
    assert not left, f"nobody said {left[0][0]!r}:\n{shown}"
    return process.wait(30), shown
