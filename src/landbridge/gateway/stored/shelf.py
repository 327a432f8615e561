"""All kept responses: in memory at once, on the disk soon after, each for as long as the settings say.

Memory holds the latest ones and never too many; what falls out is read from the disk. Of responses that a provider
keeps only its name is remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from ...config import ResponsesSettings
from .disk import LONGEST, Disk, Limits
from .entry import Entry

MEMORY = 64 * 1024 * 1024
"""Bytes of entries in memory."""
MAX_NOTED = 20_000
"""Ids whose provider is remembered."""
DAY = 86400.0


class Stored:
    """What is kept. Without a `path` nothing is written to the disk, whatever the settings say."""

    def __init__(self, path: Path | None = None, settings: Callable[[], ResponsesSettings] = ResponsesSettings) -> None:
        self._settings = settings
        self._latest: OrderedDict[str, Entry] = OrderedDict()
        self._bytes = 0
        self._providers: OrderedDict[str, str] = OrderedDict()
        self.disk = None if path is None else Disk(path, self._limits)

    @property
    def keeps(self) -> bool:
        """Whether responses are kept at all."""
        return self._settings().store != "off"

    def keep(self, entry: Entry) -> None:
        """Keep a response; it can be found as soon as this returns."""
        if not self.keeps:
            return
        self._remember(entry)
        if (file := self._file) is not None:
            file.put(entry)

    async def chain(self, id: str) -> list[Entry]:
        """The conversation that ends with `id`, oldest first; empty where it is not kept.

        An oldest entry that still goes on from another one says that this one is not kept (any more).
        """
        chain: list[Entry] = []
        while id and len(chain) < LONGEST:
            entry = self._latest.get(id)
            if entry is None:
                break
            self._latest.move_to_end(id)
            chain.insert(0, entry)
            id = entry.previous
        if (file := self._file) is None:
            return chain
        if chain:
            file.use([entry.id for entry in chain])
        return await file.chain(id) + chain if id else chain

    async def find(self, id: str) -> Entry | None:
        """The response of that id."""
        if (known := self._latest.get(id)) is not None:
            return known
        chain = [] if (file := self._file) is None else await file.chain(id)
        return chain[-1] if chain else None

    async def delete(self, id: str) -> bool:
        """Forget a response, here and on the disk; whether there was one."""
        known = self._latest.pop(id, None)
        if known is not None:
            self._bytes -= known.size
        gone = self.disk is not None and self.disk.exists and await self.disk.delete(id)
        return known is not None or gone

    def note(self, id: str, provider: str) -> None:
        """A provider has answered, and keeps the response itself."""
        self._providers[id] = provider
        self._providers.move_to_end(id)
        if len(self._providers) > MAX_NOTED:
            self._providers.popitem(last=False)

    def provider_of(self, id: str) -> str:
        """The provider that keeps the response; empty where nobody is known to."""
        return self._providers.get(id, "")

    async def close(self) -> None:
        """Have everything written."""
        if self.disk is not None:
            await self.disk.close()

    @property
    def _file(self) -> Disk | None:
        """The disk, where the settings want it."""
        return self.disk if self._settings().store == "disk" else None

    def _remember(self, entry: Entry) -> None:
        known = self._latest.pop(entry.id, None)
        self._bytes += entry.size - (known.size if known is not None else 0)
        self._latest[entry.id] = entry
        while self._bytes > MEMORY and len(self._latest) > 1:
            _, oldest = self._latest.popitem(last=False)
            self._bytes -= oldest.size

    def _limits(self) -> Limits:
        settings = self._settings()
        return Limits(settings.days * DAY, settings.max_bytes)
