"""The child's side by itself: what it runs, how it ends, what it allows, and what it takes with it."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from landbridge.engines.worker import EXIT_MISSING, EXIT_SETTINGS, OOM_SCORE, _set
from tests.engines.bench import alive

pytestmark = pytest.mark.io

WORKER = [sys.executable, "-P", "-m", "landbridge.engines.worker"]
SLEEP = "print('up', flush=True); import time; time.sleep(60)"
FORK = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); " + SLEEP


@contextmanager
def worker(env: dict[str, str] | None = None, **job: object) -> Iterator[subprocess.Popen[bytes]]:
    """A worker with that job; its stdin stays open."""
    with subprocess.Popen(
        WORKER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env={**os.environ, **(env or {})},
    ) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps({"parent": os.getpid(), **job}).encode() + b"\n")
        process.stdin.flush()
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def outcome(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Exit code and output, once it has ended by itself."""
    assert process.stdout is not None
    said = process.stdout.read().decode()
    return process.wait(10), said


def up(process: subprocess.Popen[bytes]) -> list[int]:
    """It has said `up`: all processes there are."""
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    return [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]


def gone(pids: list[int], seconds: float = 2.0) -> bool:
    deadline = time.monotonic() + seconds
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(alive, pids))


# -- a foreign engine --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("raise SystemExit(0)", 0),
        ("raise SystemExit(7)", 7),
        ("import os; os.kill(os.getpid(), 9)", -signal.SIGKILL),
        ("import os; os.abort()", -signal.SIGABRT),
        ("import os; os.kill(os.getpid(), 15)", -signal.SIGTERM),
    ],
)
def test_it_ends_as_the_engine_ended(code: str, expected: int) -> None:
    with worker(command=python(code)) as process:
        assert outcome(process)[0] == expected


def test_what_the_engine_says_is_what_it_says() -> None:
    code = "import sys; print('out', flush=True); print('err', file=sys.stderr); print(sys.stdin.read() == '')"
    with worker(command=python(code)) as process:
        assert outcome(process) == (0, "out\nerr\nTrue\n")


@pytest.mark.parametrize("program", ["/no/llama-server", "/etc/hostname", "/"])
def test_a_program_that_cannot_be_run_is_missing_with_its_name(program: str) -> None:
    with worker(command=[program]) as process:
        code, said = outcome(process)
    assert code == EXIT_MISSING
    assert f"engine missing: cannot run {program}: " in said


def test_told_to_end_it_waits_for_the_engine_which_ends_in_its_own_way() -> None:
    polite = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.3), sys.exit(5))); " + SLEEP
    )
    with worker(command=python(polite)) as process:
        pids = up(process)
        os.killpg(process.pid, signal.SIGTERM)
        assert process.wait(5) == 5
        assert gone(pids)


def test_when_the_router_is_gone_all_are() -> None:
    with worker(command=python(FORK)) as process:
        pids = up(process)
        assert len(pids) == 3
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(2) == -signal.SIGKILL
        assert gone(pids)


def test_what_an_engine_leaves_behind_goes_with_it() -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    leave = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {deaf!r}]).pid)"
    with worker(command=python(leave)) as process:
        code, said = outcome(process)
        assert code == 0
        assert gone([int(said)])


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_killed_alone_it_takes_the_engine_with_it() -> None:
    with worker(command=python(SLEEP)) as process:
        pids = up(process)
        process.kill()
        assert gone(pids)


def test_without_a_job_it_ends() -> None:
    process = subprocess.run(WORKER, input=b"", capture_output=True, timeout=10, check=False)
    assert process.returncode == 1


# -- manners -----------------------------------------------------------------------------------------------------------


def test_an_engine_leaves_no_core_files_and_takes_no_more_than_its_memory() -> None:
    tell = "import resource as r; print(r.getrlimit(r.RLIMIT_CORE)[1], r.getrlimit(r.RLIMIT_AS)[0])"
    with worker(command=python(tell), address_space=3 * 2**30) as process:
        assert outcome(process) == (0, f"0 {3 * 2**30}\n")
    with worker(command=python(tell)) as process:
        assert outcome(process) == (0, f"0 {resource.getrlimit(resource.RLIMIT_AS)[0]}\n")


def test_more_memory_than_the_limit_is_an_error_of_the_engine_not_of_the_machine() -> None:
    with worker(command=python("x = bytearray(2**30)"), address_space=2**29) as process:
        code, said = outcome(process)
    assert code == 1
    assert "MemoryError" in said


@pytest.mark.skipif(sys.platform != "linux", reason="oom_score_adj is Linux's")
def test_when_memory_ends_an_engine_goes_first() -> None:
    with worker(command=python("print(open('/proc/self/oom_score_adj').read())")) as process:
        assert outcome(process)[1].strip() == str(OOM_SCORE)


# -- llama.cpp ---------------------------------------------------------------------------------------------------------


def llama(params: dict[str, object]) -> tuple[int, str]:
    with worker(params={"hostnames": ["127.0.0.1"], "port": 0, "ui": False, **params}) as process:
        return outcome(process)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("no_such_thing", 1, "there is no such parameter"),
        ("model.no_such", 1, "there is no such parameter"),
        ("no.such", 1, "has no attribute 'no'"),
        ("n_ctx", "many", "expected int, got str"),
        ("n_ctx", 2**70, "too large"),
    ],
)
def test_a_parameter_llama_does_not_know_or_take_is_named(name: str, value: object, why: str) -> None:
    code, said = llama({name: value})
    assert code == EXIT_SETTINGS
    assert f"invalid engine setting '{name}': " in said
    assert why in said


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file"),
        (b"", "failed to read magic"),
        (b"GGUF", "failed to read header"),
        (b"\x7fELF" + bytes(5000), "invalid magic"),
    ],
    ids=["missing", "empty", "only-magic", "not-gguf"],
)
def test_llama_ends_soon_and_says_why_for_what_is_no_model(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "m.gguf"
    if content is not None:
        path.write_bytes(content)
    began = time.monotonic()
    code, said = llama({"model.path": str(path)})
    assert code == 1
    assert reason in said
    assert "listening on" not in said
    assert time.monotonic() - began < 15


def test_a_router_that_died_before_it_began_gets_no_llama() -> None:
    with worker(params={"model.path": "/no/model"}, parent=1) as process:
        assert outcome(process) == (1, "")


def test_an_installation_without_llama_says_so(tmp_path: Path) -> None:
    (tmp_path / "xllamacpp.py").write_text("raise ImportError('libgomp.so.1: cannot open shared object file')")
    with worker(env={"PYTHONPATH": str(tmp_path)}, params={"model.path": "m"}) as process:
        code, said = outcome(process)
    assert code == EXIT_MISSING
    assert said == "engine missing: libgomp.so.1: cannot open shared object file\n"


def test_dots_lead_into_parameters() -> None:
    params = SimpleNamespace(n_ctx=0, model=SimpleNamespace(path=""))
    _set(params, "model.path", "/m")
    _set(params, "n_ctx", 5)
    assert params == SimpleNamespace(n_ctx=5, model=SimpleNamespace(path="/m"))
    with pytest.raises(AttributeError):
        _set(params, "n_ctxx", 5)
