"""Keys in a running router: the doors of its listeners, the gate before its models, and what is said of both."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from ..access.book import Book
from ..access.door import Door
from ..access.gate import Gate
from ..gateway.exchange import Gateway
from ..store.location import locate
from .health import PartHealth

log = logging.getLogger("landbridge.access")

FACES = ("router", "openai")


class Admission:
    """Of one router."""

    def __init__(self, data_dir: Path, gateway: Gateway) -> None:
        self._data_dir, self._gateway = data_dir, gateway
        self.book = Book(data_dir)
        self.gate = Gate(self.book)
        self._doors = {face: self._door(face) for face in FACES}

    def door(self, face: str) -> Door:
        """Of the listener of that name."""
        return self._doors[face]

    async def open(self, env: Mapping[str, str]) -> None:
        """Read the keys. Raises `ConfigFault` where the settings name no database."""
        gateway = self._gateway
        await self.book.start(locate(gateway.config.store.url, self._data_dir, env))
        gateway.gate = self.gate
        gateway.grant_named = self.book.named
        gateway.journal.readers.append(self.book.note)
        await self.take_up(env)

    async def take_up(self, env: Mapping[str, str]) -> None:
        """The settings may be others than before."""
        await self.gate.take_up(self._gateway.config.access, env)

    async def close(self) -> None:
        """Have the rest written."""
        self._gateway.journal.flush()
        await self.gate.close()
        await self.book.close()

    def warnings(self) -> list[str]:
        """What somebody must do before others can be served."""
        if self.book.any:
            return []
        return [
            f"Listener '{face}' on {getattr(self._gateway.config.listeners, face).host} needs a key, and there is none "
            "yet: every request there is refused. Make one: landbridge keys create --name NAME"
            for face in self._guarded()
        ]

    def health(self) -> dict[str, PartHealth]:
        """How keys and limits are."""
        if fault := self.book.fault:
            return {"keys": PartHealth("ok", f"as they were last known: {fault}")}
        if fault := self.gate.fault:
            return {"keys": PartHealth("ok", f"limits are counted in memory, access.limits_url is gone: {fault}")}
        needed = self._guarded()
        return {"keys": PartHealth("ok", f"needed on {' and '.join(needed)}")} if needed else {}

    def _guarded(self) -> list[str]:
        """The listeners that are open to whoever has a key."""
        listeners = self._gateway.config.listeners
        return [face for face, door in self._doors.items() if door.required and getattr(listeners, face).enabled]

    def _door(self, face: str) -> Door:
        gateway = self._gateway
        return Door(self.book, lambda: gateway.config.access, lambda: getattr(gateway.config.listeners, face).host)
