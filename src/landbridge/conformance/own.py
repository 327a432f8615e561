"""A landbridge of our own to try the suite on: a process with settings that point to the suite's upstream.

It is started as a user starts it, on a port of its own, with a folder of its own, and stopped when the suite is done.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import StartFailed
from .client import compose, send
from .target import Target, target_at

START_SECONDS = 30.0
STOP_SECONDS = 10.0

SETTINGS = """default_model = "suite/m"

[providers.suite]
dialect = "openai_chat"
base_url = "{url}/v1"
api_key = "a-key-of-the-provider"
models = ["m"]

[providers.suite-anthropic]
dialect = "anthropic"
base_url = "{url}"
api_key = "a-key-of-the-provider"
models = ["m"]

[providers.suite-responses]
dialect = "openai_responses"
base_url = "{url}/v1"
api_key = "a-key-of-the-provider"
models = ["m"]

[providers.suite-gemini]
dialect = "gemini"
base_url = "{url}/v1beta"
api_key = "a-key-of-the-provider"
models = ["m"]
"""
"""What makes landbridge testable; the page on conformance shows the same."""
MODELS = {
    "openai_chat": "suite/m",
    "anthropic": "suite-anthropic/m",
    "openai_responses": "suite-responses/m",
    "gemini": "suite-gemini/m",
}


@contextlib.asynccontextmanager
async def own_gateway(upstream_url: str) -> AsyncIterator[Target]:
    """A running landbridge whose providers are the suite's upstream. Raises `StartFailed`."""
    with TemporaryDirectory(prefix="landbridge-conformance-") as folder:
        settings, log = Path(folder) / "landbridge.toml", Path(folder) / "log"
        settings.write_text(SETTINGS.format(url=upstream_url))
        settings.chmod(0o600)
        port = free_port()
        words = ["serve", "--config", str(settings), "--data-dir", folder, "--host", "127.0.0.1", "--port", str(port)]
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "landbridge", *words, "--no-openai", "--no-dashboard",
                stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=out, env=_environment(),
            )  # fmt: skip
        try:
            await _wait(process, port, log)
            yield target_at(f"http://127.0.0.1:{port}/anthropic", MODELS)
        finally:
            await _stop(process)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment() -> dict[str, str]:
    """The user's, without what would change our settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LANDBRIDGE_")}


async def _wait(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    wire = compose("GET", f"http://127.0.0.1:{port}/health", {}, b"")
    try:
        async with asyncio.timeout(START_SECONDS):
            while (await send(wire, 1.0)).status != 200:
                if process.returncode is not None:
                    break
                await asyncio.sleep(0.05)
            else:
                return
    except TimeoutError:
        pass
    raise StartFailed(f"landbridge did not start: {_said(log)}")


def _said(log: Path) -> str:
    return log.read_text(errors="replace").strip()[-500:] or "it said nothing"


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
