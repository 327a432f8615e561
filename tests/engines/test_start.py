"""From a decided run to a ready engine, or to the reason why there is none and no trace of it."""

from __future__ import annotations

import asyncio
import stat
import sys
import time
from pathlib import Path

import aiohttp
import psutil
import pytest

from landbridge.config import ModelSettings
from landbridge.engines.llamacpp import Run
from landbridge.engines.start import Starter, write_private
from landbridge.errors import ConfigFault, EngineMissing, StartFailed
from tests.engines.bench import MEGABYTE, Bench, alive, asking, until, until_gone, use

pytestmark = [pytest.mark.io, pytest.mark.anyio]

OTHER = f"""#!{sys.executable}
import http.server, os, signal

class Other(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            self.answer(200)
        else:
            ASKED

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

server = http.server.HTTPServer(("127.0.0.1", 0), Other)
print(f"listening on http://127.0.0.1:{{server.server_port}}", flush=True)
server.serve_forever()
"""
"""A program that listens and is well, and is no llama-server."""


def script(bench: Bench, code: str) -> list[str]:
    """A program of the user's to run models with."""
    program = bench.folder / "llama-server"
    program.write_text(code)
    program.chmod(0o755)
    return [str(program)]


async def start(bench: Bench, run: Run | None = None) -> None:
    async with bench.start(run=run):
        pass


async def test_ready_is_asked_not_assumed(bench: Bench) -> None:
    bench.put("m", "--load-seconds 0.5")
    began = time.monotonic()
    async with bench.start() as live:
        assert time.monotonic() - began >= 0.5
        assert await live.control.healthy()


async def test_its_process_is_told_at_once(bench: Bench) -> None:
    bench.put("m", "--unhealthy")
    bench.run_dir.mkdir()
    told: list[int] = []
    async with asking() as ask:
        starter = Starter(lambda: bench.config.engine, bench.run_dir, ask)
        starting = asyncio.ensure_future(starter.start("m", bench.run(), MEGABYTE, told.append))
        await until(lambda: bool(told))
        assert alive(told[0])
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await until_gone(*told)


async def test_the_engine_is_private(bench: Bench) -> None:
    async with bench.start() as live:
        async with aiohttp.ClientSession() as session, session.get(live.control.url + "/props") as answer:
            assert answer.status == 401
        key = live.control.headers["authorization"].removeprefix("Bearer ")
        assert len(key) >= 32
        supervisor = psutil.Process(live.process.pid)
        for process in (supervisor, *supervisor.children()):
            assert key not in " ".join(process.cmdline())
            assert key not in str(process.environ())


async def test_its_files_are_private_and_exist_only_while_it_starts(bench: Bench) -> None:
    bench.put("m", "--load-seconds 0.3")
    run = Run(bench.models["m"].path, 4096, 1, 512, 0, template="{{ template }}", settings=ModelSettings())
    seen: dict[str, tuple[int, str]] = {}

    def look() -> bool:
        for path in bench.run_dir.glob("*"):
            seen[path.suffix] = stat.S_IMODE(path.stat().st_mode), path.read_text()
        return len(seen) == 2

    starting = asyncio.ensure_future(start(bench, run))
    await until(look)
    await starting
    assert {mode for mode, _ in seen.values()} == {0o600}
    assert seen[".jinja"][1] == "{{ template }}"
    assert not list(bench.run_dir.iterdir())


def test_a_private_file_is_a_new_one(tmp_path: Path) -> None:
    write_private(tmp_path / "a", "key")
    with pytest.raises(FileExistsError):
        write_private(tmp_path / "a", "other")
    (tmp_path / "b").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write_private(tmp_path / "b", "key")


async def test_an_engine_that_never_becomes_ready_is_stopped_at_its_deadline(bench: Bench) -> None:
    bench.set(start_timeout=1.5)
    bench.put("m", "--unhealthy --fork")
    with pytest.raises(StartFailed, match=r"not ready after 1\.5 s"):
        await start(bench)
    assert bench.pids()
    await until_gone(*bench.pids())


async def test_an_engine_that_never_says_where_it_listens_is_stopped_at_its_deadline(bench: Bench) -> None:
    bench.set(command=script(bench, "#!/bin/sh\nexec sleep 60\n"), start_timeout=0.5)
    with pytest.raises(StartFailed, match="not ready"):
        await start(bench)


async def test_the_reason_of_a_failed_load_is_the_engines_own(bench: Bench) -> None:
    bench.put("m", "--crash-at-load")
    with pytest.raises(StartFailed, match=r"exit code 1.*the fake was told to fail") as caught:
        await start(bench)
    assert caught.value.origin == "engine:m"


async def test_one_that_dies_without_a_word(bench: Bench) -> None:
    bench.set(command=script(bench, "#!/bin/sh\nexit 5\n"))
    with pytest.raises(StartFailed, match=r"exit code 5.*gave no reason"):
        await start(bench)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", r"did not start \(signal SIGKILL\)"),
        ("self.answer(404)", r"did not become ready\. The engine answered 404 at /props"),
        ("self.connection.close()", r"did not become ready\. The engine does not answer at /props"),
    ],
)
async def test_one_that_is_well_but_cannot_say_what_it_can_has_failed_to_start(
    bench: Bench, asked: str, words: str
) -> None:
    bench.set(command=script(bench, OTHER.replace("ASKED", asked)))
    with pytest.raises(StartFailed, match=words):
        await start(bench)


async def test_a_program_that_is_not_there_is_named(bench: Bench) -> None:
    bench.set(command=["/no/llama-server"])
    with pytest.raises(EngineMissing, match="/no/llama-server"):
        await start(bench)


async def test_a_program_that_cannot_be_run_is_named(bench: Bench) -> None:
    bench.set(command=script(bench, "#!/no/interpreter\n"))
    with pytest.raises(EngineMissing, match="llama-server"):
        await start(bench)


async def test_a_full_disk_is_told_with_the_systems_reason(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("landbridge.engines.start.write_private", full)
    with pytest.raises(StartFailed, match="No space left on device"):
        await start(bench)
    assert bench.pids() == []


@pytest.mark.parametrize("setting", ["api-key", "host", "port"])
async def test_extra_settings_cannot_open_the_engine_to_others(bench: Bench, setting: str) -> None:
    with pytest.raises(ConfigFault, match=setting):
        await start(bench, bench.run(extra={setting: "x"}))


async def test_an_engine_that_dies_at_once_counts_as_a_failure_in_a_row(bench: Bench) -> None:
    bench.set(command=script(bench, "#!/bin/sh\nexit 5\n"), max_restarts=1)
    async with bench.open() as keeper:
        with pytest.raises(StartFailed, match="exit code 5"):
            await use(keeper)
        with pytest.raises(StartFailed, match="1 times in a row"):
            await use(keeper)


async def test_prompts_are_kept_beside_the_engines_files_unless_none_shall_be(bench: Bench) -> None:
    folder = bench.folder / "prompts"
    bench.set(prompt_cache=0)
    async with bench.start():
        assert not folder.exists()
    bench.set()
    async with bench.start():
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    async with bench.start(run=bench.run(pooling="mean")) as live:
        assert live.slots.sent == 0
