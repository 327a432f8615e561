"""The whole router in this process, on free ports: asked at its TCP Server, and at its control socket.

async with InProcess(tmp_path, settings) as router:
    reply = await router.control("PATCH", "/api/v1/settings", {...})
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp

from landbridge.server.control import FILE
from landbridge.server.run import ServeOptions, Service
from tests.fakes.landbridge import LISTENERS
from tests.fakes.running import Reply


class InProcess:
    """It; an async context manager. `service` is what runs."""

    def __init__(self, folder: Path, settings: str = "", **flags: Any) -> None:
        self.config = folder / "landbridge.toml"
        self.config.write_text(LISTENERS + settings)
        self.data = folder / "data"
        overrides = {key.replace("__", "."): value for key, value in flags.items()}
        self.service = Service(ServeOptions(self.config, self.data, True, overrides))

    async def __aenter__(self) -> InProcess:
        self._task = asyncio.ensure_future(self.service.run())
        async with asyncio.timeout(10):
            wanted = self.service.config.listeners
            names = {name for name in ("router", "openai") if getattr(wanted, name).enabled}
            while not names <= self.service.doors.addresses().keys() and not self._task.done():
                await asyncio.sleep(0.005)
        assert not self._task.done(), "it could not start"
        self._session = aiohttp.ClientSession()
        self._at_socket = aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(self.data / FILE)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await self._at_socket.close()
        self.service.stop()
        await self._task

    def port(self, name: str = "router") -> int:
        """Where a listener is open; 0 where it is not."""
        return self.service.listeners.addresses().get(name, ("", 0))[1]

    def owner(self) -> dict[str, str]:
        """The header with the router's own key."""
        return {"authorization": f"Bearer {(self.data / 'own.key').read_text()}"}

    async def control(self, method: str, path: str, body: object = None) -> Reply:
        """Ask at the control socket."""
        return await _asked(self._at_socket, method, f"http://localhost{path}", body, {})

    async def tcp(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Reply:
        """Ask at the TCP Server. Raises `aiohttp.ClientError` where it is off."""
        return await _asked(self._session, method, f"http://127.0.0.1:{self.port()}{path}", body, headers or {})


async def _asked(session: aiohttp.ClientSession, method: str, url: str, body: object, headers: dict[str, str]) -> Reply:
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    sent = {"content-type": "application/json", **headers}
    async with session.request(method, url, data=data, headers=sent) as answer:
        return Reply(
            answer.status, {name.lower(): value for name, value in answer.headers.items()}, await answer.read()
        )
