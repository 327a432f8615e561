"""A real `landbridge serve` as a process of its own, for tests that see it from outside.

    async with Served(tmp_path, settings) as served:
        ... served.router + "/anthropic" ...

It listens on free ports only, keeps its data below the test's folder, and is stopped as a user would stop it.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

START_SECONDS = 30.0

LISTENERS = """
[listeners.router]
port = 0
[listeners.openai]
port = 0
[listeners.dashboard]
port = 0
enabled = false
"""


class Served:
    """The process. `router`, `openai` and, where it is wanted, `dashboard` are its URLs once it is ready."""

    def __init__(
        self,
        folder: Path,
        settings: str = "",
        *,
        models: Path | None = None,
        env: dict[str, str] | None = None,
        dashboard: bool = False,
    ):
        self.folder = folder
        self.config = folder / "landbridge.toml"
        self.data = folder / "data"
        self.data.mkdir(parents=True, exist_ok=True)
        if models is not None:
            (self.data / "models").symlink_to(models)
        self.config.write_text(settings + (LISTENERS.replace("false", "true") if dashboard else LISTENERS))
        self.config.chmod(0o600)
        self._env = {**os.environ, **(env or {})}
        self._log = folder / "landbridge.log"
        self.process: asyncio.subprocess.Process | None = None
        self.router = self.openai = self.dashboard = ""

    @property
    def log(self) -> str:
        """Everything it printed."""
        return self._log.read_text()

    @property
    def pid(self) -> int:
        """Of the router."""
        assert self.process is not None
        return self.process.pid

    async def __aenter__(self) -> Served:
        with self._log.open("wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "landbridge", "serve", "--config", str(self.config), "--data-dir", str(self.data),
                stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL, env=self._env,
            )  # fmt: skip
        async with asyncio.timeout(START_SECONDS):
            while not self._find_urls():
                assert self.process.returncode is None, f"landbridge ended: {self.log}"
                await asyncio.sleep(0.02)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        code = await self.stop()
        if error is None:
            assert code == 0, f"landbridge ended with {code}: {self.log}"
        else:
            print(self.log)

    async def stop(self, number: int = signal.SIGINT, seconds: float = 30.0) -> int:
        """Stop it as Ctrl-C does, or with another signal; gives the exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
            async with asyncio.timeout(seconds):
                await self.process.wait()
        code = self.process.returncode
        assert code is not None
        return 0 if number == signal.SIGKILL else code

    async def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """Status and JSON of a GET at the router."""
        return await asyncio.to_thread(self._fetch, path, headers, None)

    async def post(self, path: str, body: object, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """Status and JSON of a POST at the router."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await asyncio.to_thread(self._fetch, path, headers, data)

    async def put(self, path: str, body: object, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """Status and JSON of a PUT at the router."""
        return await asyncio.to_thread(self._fetch, path, headers, json.dumps(body).encode(), "PUT")

    def _fetch(
        self, path: str, headers: dict[str, str] | None, data: bytes | None, method: str | None = None
    ) -> tuple[int, Any]:
        request = urllib.request.Request(self.router + path, data=data, headers=headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.loads(refusal.read() or b"null")

    def _find_urls(self) -> bool:
        found = re.search(r"Claude Code +(http://\S+)/anthropic", self.log)
        endpoint = re.search(r"OpenAI endpoint +(http://\S+)/v1", self.log)
        if found is None or endpoint is None or "Ctrl-C" not in self.log:
            return False
        self.router, self.openai = found[1], endpoint[1]
        pages = re.search(r"dashboard +(http://\S+)", self.log)
        self.dashboard = pages[1] if pages else ""
        return True
