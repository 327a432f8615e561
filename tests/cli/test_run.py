"""A client in the foreground keeps Ctrl-C for itself, gets other signals passed on, and its exit code is ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from landbridge.cli.run import run

pytestmark = pytest.mark.io

RUN = """
import sys
from landbridge.cli.run import run
sys.exit(run([sys.executable, "-c", sys.argv[1]], {"PATH": ""}))
"""
WAITS = """
import signal, sys, time
def leave(number, frame): sys.exit(40 + number)
for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, leave)
print("waiting", flush=True)
time.sleep(30)
"""


@pytest.mark.parametrize(
    ("number", "to_group"),
    [(signal.SIGINT, True), (signal.SIGQUIT, True), (signal.SIGTERM, False), (signal.SIGHUP, False)],
)
def test_signals_are_the_clients_and_its_exit_code_is_ours(number: int, to_group: bool) -> None:
    command = [sys.executable, "-c", RUN, WAITS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as session:
        assert session.stdout is not None
        assert session.stdout.readline() == b"waiting\n"
        os.killpg(session.pid, number) if to_group else session.send_signal(number)
        assert session.wait(10) == 40 + number


def test_a_killed_client_gives_the_shells_exit_code() -> None:
    assert run([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], {}) == 137


def test_it_gets_the_environment_and_open_files_it_is_given() -> None:
    reading, writing = os.pipe()
    script = f"import os; os.write({writing}, os.environ['GIVEN'].encode())"
    assert run([sys.executable, "-c", script], {"GIVEN": "this"}, [writing]) == 0
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"this"


def test_our_own_handlers_come_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    run([sys.executable, "-c", ""], {})
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
