"""A terminal that a program runs on, with somebody who types."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
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
