"""Where a router can be reached: its listeners, the control socket and the dashboard, in step with the settings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from ..config import Config, Listener
from .app import App
from .control import Control
from .health import PartHealth
from .listeners import Listeners, Spec
from .pages import Pages


class Openings:
    """Of one router. `faces` are the applications of its listeners."""

    def __init__(
        self, listeners: Listeners, faces: Mapping[str, App], control: Control, config: Callable[[], Config]
    ) -> None:
        self._listeners, self._faces, self._config = listeners, faces, config
        self._control = control
        self._pages = Pages()
        self._applying = asyncio.Lock()
        """Whoever changes settings has them taken up, and the file is seen to change, too: not both at once."""

    async def open(self) -> None:
        """Open all that the settings want. Raises `ConfigFault` for what cannot be had."""
        async with self._applying:
            await self._listen()  # first: whoever can ask at the socket is told of open listeners
            await self._control.open()
            await self._show()

    async def apply(self) -> None:
        """Make them what the settings want now. Raises `ConfigFault` for what cannot be had."""
        async with self._applying:
            await self._show()
            await self._listen()

    async def close(self) -> None:
        """Close all; exchanges get `server.drain_seconds` to finish."""
        await self._pages.close()
        await self._control.close()
        await self._listeners.close(self._config().server.drain_seconds)

    def addresses(self) -> dict[str, tuple[str, int]]:
        """Where the open ones listen."""
        found = self._listeners.addresses()
        return found if self._pages.address is None else {**found, "dashboard": self._pages.address}

    def health(self) -> dict[str, PartHealth]:
        """How each is."""
        open_now = self._listeners.addresses()
        health: dict[str, PartHealth] = {}
        for name, listener in self._wanted().items():
            if name in open_now:
                host, port = open_now[name]
                health[f"listener {name}"] = PartHealth("ok", f"{host}:{port}")
            elif (fault := self._listeners.faults.get(name)) is not None:
                health[f"listener {name}"] = PartHealth("failed", fault.message, fault.remedy)
            elif listener.enabled:
                remedy = f"Free port {listener.port} or choose another in the settings."
                health[f"listener {name}"] = PartHealth("failed", f"port {listener.port} is not open", remedy)
            else:
                health[f"listener {name}"] = PartHealth("off")
        health["dashboard"] = self._pages.health()
        return health

    async def _show(self) -> None:
        await self._pages.apply(self._config().listeners.dashboard, self._control.path)

    async def _listen(self) -> None:
        await self._listeners.apply(
            {
                name: Spec(listener.enabled, listener.host, listener.port, self._faces[name])
                for name, listener in self._wanted().items()
            }
        )

    def _wanted(self) -> dict[str, Listener]:
        chosen = self._config().listeners
        return {"router": chosen.router, "openai": chosen.openai}
