"""Runs a client tool in the foreground as a shell would: its keys, its signals, its exit code."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping, Sequence


def run(command: Sequence[str], env: Mapping[str, str], inherited: Sequence[int] = ()) -> int:
    """Run the command to its end. Ctrl-C is its own affair; SIGTERM and SIGHUP are passed on. Gives its exit code.

    `inherited` are file descriptors it keeps open beside the usual three.
    """
    # Handlers, unlike ignored signals, are not inherited: the client gets Ctrl-C from the terminal and decides.
    kept = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        process = subprocess.Popen(command, env=env, pass_fds=inherited)  # noqa: S603 - the user's own program
        for number in (signal.SIGTERM, signal.SIGHUP):
            kept[number] = signal.signal(number, lambda got, _: process.send_signal(got))
        code = process.wait()
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code
