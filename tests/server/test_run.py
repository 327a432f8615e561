"""`landbridge serve` from outside: how it starts, takes up settings, and ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from landbridge.providers.probe import Finding
from landbridge.providers.probed import Probe, keep
from landbridge.server.run import ServeOptions, Service
from tests.engines.bench import FAKE
from tests.fakes.caller import Caller, post
from tests.fakes.gguf_model import write_model
from tests.fakes.landbridge import LISTENERS, Served
from tests.fakes.provider import Answer, Provider, Reply

pytestmark = [pytest.mark.anyio, pytest.mark.io, pytest.mark.timeout(60)]

ASK: dict[str, Any] = {"model": "lab/m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
STREAM = post("/v1/messages", {**ASK, "stream": True})
LONG = Reply(text="It goes on and on. " * 20, pace=0.02)
ENDLESS = Reply(text="It goes on and on. " * 10_000, pace=0.02)


def settings(provider: Provider, drain: float = 10.0, more: str = "") -> str:
    return f"""
        {more}
        [server]
        drain_seconds = {drain}
        [providers.lab]
        dialect = "openai_chat"
        base_url = "{provider.base_url("openai_chat")}"
        models = ["m"]
    """


def serve(*options: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """`landbridge serve` that ends by itself."""
    command = [sys.executable, "-m", "landbridge", "serve", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, env={**os.environ, **(env or {})})


async def until_health(served: Served, true: Callable[[int, Any], bool], seconds: float = 10.0) -> Any:
    """Wait until status and report are what is wanted."""
    async with asyncio.timeout(seconds):
        while True:
            status, report = await served.get("/health")
            if true(status, report):
                return report
            await asyncio.sleep(0.05)


# -- start -------------------------------------------------------------------------------------------------------------


async def test_it_says_where_it_is_and_serves_there(tmp_path: Path) -> None:
    async with Provider() as provider, Served(tmp_path, settings(provider)) as served:
        for base in (served.router, served.openai):
            async with Caller(base) as caller:
                await caller.send(b"GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n")
                assert (await caller.listen()).json["data"][0]["id"] == "lab/m"
        assert "providers          lab" in served.log
        assert "local models       none yet" in served.log
        assert "smollm2 (not here yet: landbridge models pull smollm2)" in served.log
        assert str(served.config) in served.log


@pytest.mark.parametrize("name", ["router", "openai"])
def test_a_port_in_use_is_one_clear_sentence_and_exit_3(tmp_path: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        config = tmp_path / "landbridge.toml"
        config.write_text(LISTENERS.replace(f"[listeners.{name}]\nport = 0", f"[listeners.{name}]\nport = {port}"))
        ended = serve("--config", str(config), "--data-dir", str(tmp_path / "data"))
    assert ended.returncode == 3
    assert ended.stdout == ""
    (line,) = ended.stderr.strip().splitlines()
    assert line.startswith(f"landbridge could not start: Port {port} on 127.0.0.1 is in use by another program.")
    assert f"listeners.{name}.port" in line


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[providers.lab\n", "is not TOML"),
        ('default_modl = "m"\n', "Did you mean 'default_model'?"),
        ("[server]\ndrain_seconds = 'soon'\n", "server.drain_seconds"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (None, "There is no settings file"),
    ],
)
def test_a_broken_settings_file_is_one_clear_sentence_and_exit_2(
    tmp_path: Path, text: str | bytes | None, words: str
) -> None:
    config = tmp_path / "landbridge.toml"
    if text is not None:
        config.write_bytes(text if isinstance(text, bytes) else text.encode())
    ended = serve("--config", str(config), "--data-dir", str(tmp_path / "data"))
    assert ended.returncode == 2
    (line,) = ended.stderr.strip().splitlines()
    assert words in line
    assert str(config) in line


async def test_a_second_router_on_the_same_data_folder_is_one_clear_sentence_and_exit_3(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(LISTENERS)
    async with Served(tmp_path) as served:
        ended = await asyncio.to_thread(serve, "--config", str(other), "--data-dir", str(served.data))
        assert ended.returncode == 3
        (line,) = ended.stderr.strip().splitlines()
        assert line.startswith(f"landbridge could not start: The data folder {served.data} is in use by another router")
        assert f"process {served.pid}" in line


# -- the end -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_idle_it_ends_at_once(tmp_path: Path, number: int) -> None:
    served = await Served(tmp_path).__aenter__()
    async with Caller(served.router):
        began = time.monotonic()
        assert await served.stop(number) == 0
        assert time.monotonic() - began < 2
    assert "Traceback" not in served.log


async def test_told_to_end_as_soon_as_it_greets(tmp_path: Path) -> None:
    served = Served(tmp_path)
    started = asyncio.ensure_future(served.__aenter__())
    while "Ctrl-C" not in (served.log if served.process else ""):
        await asyncio.sleep(0)
    assert await served.stop() == 0
    await asyncio.wait([started])
    assert started.exception() is None or isinstance(started.exception(), AssertionError)


async def test_ctrl_c_lets_what_runs_finish_and_accepts_no_more(tmp_path: Path) -> None:
    async with Provider(LONG) as provider:
        served = await Served(tmp_path, settings(provider)).__aenter__()
        async with Caller(served.router) as caller:
            await caller.send(STREAM)
            await caller.read_to(b"content_block_delta")
            stopping = asyncio.ensure_future(served.stop())
            async with asyncio.timeout(2):
                while "stopping" not in served.log:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.3)
            with pytest.raises(ConnectionRefusedError):
                await Caller(served.router).__aenter__()
            heard = await caller.listen()
            assert heard.whole and heard.body.endswith(b'data: {"type":"message_stop"}\n\n')
            assert await stopping == 0


async def test_ctrl_c_cancels_what_does_not_finish_in_time(tmp_path: Path) -> None:
    async with Provider(ENDLESS) as provider:
        served = await Served(tmp_path, settings(provider, drain=0.5)).__aenter__()
        async with Caller(served.router) as caller:
            await caller.send(STREAM)
            await caller.read_to(b"content_block_delta")
            began = time.monotonic()
            assert await served.stop() == 0
            assert 0.5 <= time.monotonic() - began < 20
            heard = await caller.listen()
        assert not heard.whole and b"message_stop" not in heard.body
        assert await provider.requests[0].left(1.0) > began


async def test_a_second_ctrl_c_ends_at_once(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    write_model(models / "tiny.gguf")
    stubborn = json.dumps(
        [sys.executable, str(FAKE), "--ignore-term", "--token-delay", "0.05", "--answer-tokens", "9999"]
    )
    async with Provider(Answer(wait=3600)) as provider:
        more = f"[engine]\ncommand = {stubborn}"
        served = await Served(tmp_path, settings(provider, 60, more), models=models).__aenter__()
        async with Caller(served.router) as local, Caller(served.router) as waiting, Caller(served.router) as deaf:
            await local.send(post("/v1/messages", {**ASK, "model": "tiny", "max_tokens": 9999, "stream": True}))
            await local.read_to(b"content_block_delta", 20)
            await waiting.send(post("/v1/messages", ASK))
            await provider.received()
            await deaf.send(post("/v1/messages", b"{", length=5000))
            engines = psutil.Process(served.pid).children(recursive=True)
            assert engines
            assert served.process is not None
            served.process.send_signal(signal.SIGINT)
            async with asyncio.timeout(2):
                while "stopping" not in served.log:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.3)
            assert served.process.returncode is None, "the first one waits"
            began = time.monotonic()
            assert await served.stop() == 0
            assert time.monotonic() - began < 2
            assert not (await local.listen()).whole
            assert (await waiting.listen()).status == 503
        assert not psutil.wait_procs(engines, timeout=2)[1]
        assert "Traceback" not in served.log


# -- the parts, in this process ----------------------------------------------------------------------------------------


def options(folder: Path, text: str = LISTENERS, overrides: dict[str, Any] | None = None) -> ServeOptions:
    path = folder / "landbridge.toml"
    path.write_text(text)
    return ServeOptions(config_path=path, data_dir=folder / "data", config_explicit=True, overrides=overrides or {})


async def test_flags_win_and_what_is_wrong_inside_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service(options(tmp_path, overrides={"listeners.openai.enabled": False, "default_model": "lab/m"}))
    running = asyncio.ensure_future(service.run())
    async with asyncio.timeout(5):
        while not service.listeners.addresses():
            await asyncio.sleep(0.01)
    assert list(service.listeners.addresses()) == ["router"]
    assert service.config.default_model == "lab/m"
    (tmp_path / "landbridge.toml").write_text(LISTENERS + "[server]\nping_every = 3\n")
    await service.reload()
    assert (service.config.server.ping_every, service.config.default_model) == (3.0, "lab/m")
    assert service.gateway.config is service.config

    def broken(*_: object) -> None:
        raise RuntimeError("inside")

    with monkeypatch.context() as patch:
        patch.setattr(service.settings, "read", broken)
        await service.reload()
    assert "RuntimeError" in service.settings.fault
    assert "inside" in caplog.text
    await service.reload()
    assert service.settings.fault == ""
    service.stop()
    assert await running == 0


async def test_a_new_idle_time_reaches_a_model_that_is_idle_already(tmp_path: Path) -> None:
    text = f"{LISTENERS}[engine]\ncommand = {json.dumps([sys.executable, str(FAKE)])}\n[models.tiny]\nidle_unload = "
    service = Service(options(tmp_path, f"{text} 'never'"))
    models = tmp_path / "data" / "models"
    models.mkdir(parents=True)
    write_model(models / "tiny.gguf")
    running = asyncio.ensure_future(service.run())
    async with asyncio.timeout(15):
        while not service.listeners.addresses():
            await asyncio.sleep(0.01)
        async with service.keeper.lease("tiny"):
            pass
        assert service.keeper.info("tiny").unload_at is None
        (tmp_path / "landbridge.toml").write_text(f"{text} '0.1s'")
        await service.reload()
        while service.keeper.info("tiny").pid is not None:
            await asyncio.sleep(0.01)
    service.stop()
    assert await running == 0


async def test_it_greets_with_what_there_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = LISTENERS.replace("[listeners.router]", '[listeners.router]\nhost = "::1"')
    service = Service(options(tmp_path, text))
    models = tmp_path / "data" / "models"
    models.mkdir(parents=True)
    write_model(models / "tiny.gguf")
    running = asyncio.ensure_future(service.run())
    async with asyncio.timeout(5):
        while len(service.listeners.addresses()) < 2:
            await asyncio.sleep(0.01)
    service.stop()
    assert await running == 0
    said = capsys.readouterr().out
    port = said.partition("http://[::1]:")[2].partition("/")[0]
    assert port.isdigit()
    assert "local models       tiny" in said
    assert "providers          none yet" in said


# -- settings taken up while it runs -----------------------------------------------------------------------------------


async def test_a_broken_file_changes_nothing_and_is_said(tmp_path: Path) -> None:
    async with Provider(Reply(text="Hello")) as provider, Served(tmp_path, settings(provider)) as served:
        good = served.config.read_text()
        for broken in ("[server]\nping_evry = 1\n", "[[[", "default_model = 5\n", "\0"):
            served.config.write_text(broken)
            report = await until_health(served, lambda status, _: status == 503)
            assert report["parts"]["settings"]["status"] == "failed"
            assert str(served.config) in report["parts"]["settings"]["detail"]
            assert "stays so until it is mended" in report["parts"]["settings"]["remedy"]
            assert (await served.post("/v1/messages", ASK))[0] == 200
            served.config.write_text(good)
            await until_health(served, lambda status, _: status == 200)
        served.config.unlink()
        report = await until_health(served, lambda status, _: status == 503)
        assert "There is no settings file" in report["parts"]["settings"]["detail"]
        assert (await served.post("/v1/messages", ASK))[0] == 200


async def test_new_settings_take_effect_and_exchanges_under_way_keep_theirs(tmp_path: Path) -> None:
    async with Provider(LONG) as old, Provider(Reply(text="new")) as new, Served(tmp_path, settings(old)) as served:
        async with Caller(served.router) as caller:
            await caller.send(STREAM)
            await caller.read_to(b"content_block_delta")
            served.config.write_text(settings(new, more="default_model = 'lab/m'") + LISTENERS)
            async with asyncio.timeout(10):
                while "new" not in str(await served.post("/v1/messages", {**ASK, "model": "claude-opus-5-5"})):
                    await asyncio.sleep(0.05)
            heard = await caller.listen()
        assert heard.whole and heard.body.endswith(b'data: {"type":"message_stop"}\n\n')


PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}


async def test_what_a_probe_finds_is_heeded_by_a_router_that_runs(tmp_path: Path) -> None:
    ask = {**ASK, "messages": [{"role": "user", "content": [PICTURE]}]}
    async with Provider() as provider, Served(tmp_path, settings(provider)) as served:
        await served.post("/v1/messages", ask)
        assert "image_url" in provider.requests[-1].body.decode()
        findings = {"answers": Finding("yes"), "images": Finding("no")}
        keep(served.data, [Probe("lab", provider.base_url("openai_chat"), "m", "", findings)])
        async with asyncio.timeout(20):
            while "image_url" in provider.requests[-1].body.decode():
                await asyncio.sleep(0.2)
                await served.post("/v1/messages", ask)
        assert "cannot see images" in provider.requests[-1].body.decode()


async def test_a_port_that_cannot_be_had_is_said_and_the_listener_stays(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    async with Served(tmp_path) as served:
        with socket.create_server(("127.0.0.1", 0)) as other:
            taken = other.getsockname()[1]
            moved = LISTENERS.replace("[listeners.openai]\nport = 0", f"[listeners.openai]\nport = {taken}")
            served.config.write_text(moved)
            report = await until_health(served, lambda status, _: status == 503)
            assert f"Port {taken}" in report["parts"]["settings"]["detail"]
            assert report["parts"]["listener openai"]["status"] == "ok"
        port = free_port()
        served.config.write_text(moved.replace(str(taken), str(port)))
        report = await until_health(served, lambda status, _: status == 200)
        assert report["parts"]["listener openai"]["detail"] == f"127.0.0.1:{port}"
        served.config.write_text(moved.replace(f"port = {taken}", "enabled = false"))
        report = await until_health(served, lambda _, report: report["parts"]["listener openai"]["status"] == "off")
        assert report["status"] == "ok"


async def test_the_log_becomes_quieter_at_once(tmp_path: Path) -> None:
    async with Provider() as provider, Served(tmp_path, settings(provider)) as served:
        await served.post("/v1/messages", ASK)
        async with asyncio.timeout(5):
            while "anthropic lab/m -> lab/m" not in served.log:
                await asyncio.sleep(0.05)
        served.config.write_text(settings(provider).replace("[server]", '[server]\nlog_level = "error"') + LISTENERS)
        await asyncio.sleep(1.0)
        before = served.log
        await served.post("/v1/messages", ASK)
        await asyncio.sleep(0.6)
        assert served.log == before
