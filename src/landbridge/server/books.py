"""The router's books: who owns the data folder, the ledger, and whether what is said is kept.

Opened before anything else of the router, closed after everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ..gateway.capture import Capture
from ..gateway.exchange import Gateway
from ..store.ledger import Ledger
from ..store.location import locate
from ..store.owner import Owner
from .health import PartHealth


class Books:
    """Of one router."""

    def __init__(self, data_dir: Path, gateway: Gateway) -> None:
        self._data_dir, self._gateway = data_dir, gateway
        self._owner = Owner(data_dir)
        self.ledger = Ledger(data_dir, lambda: gateway.config.store)
        self._capture = Capture(self.ledger.queue, lambda: gateway.config.store)

    def open(self, env: Mapping[str, str]) -> None:
        """Claim the data folder and begin to keep. Raises `ConfigFault`, also where another router has the folder."""
        location = locate(self._gateway.config.store.url, self._data_dir, env)
        self._owner.claim()
        self.ledger.start(location)
        journal = self._gateway.journal
        journal.tally = self.ledger.tally.counts
        journal.readers.append(self.ledger.take)
        self.take_up()

    def take_up(self) -> None:
        """The settings are others than before."""
        store = self._gateway.config.store
        self._gateway.capture = self._capture if store.enabled and store.bodies else None

    async def close(self) -> None:
        """Have the rest written, and give the folder free."""
        self._gateway.journal.flush()
        await self.ledger.close()
        self._owner.release()

    def health(self) -> dict[str, PartHealth]:
        """How the ledger is."""
        ledger = self.ledger
        if not self._gateway.config.store.enabled:
            return {"ledger": PartHealth("off")}
        lost = f"{ledger.lost} records were lost" if ledger.lost else ""
        if (fault := ledger.fault) is not None:
            waiting = f"{ledger.waiting} records wait"
            detail = "; ".join(part for part in (fault.message.rstrip("."), waiting, lost) if part)
            return {"ledger": PartHealth("failed", detail, fault.remedy)}
        return {"ledger": PartHealth("ok" if ledger.written else "idle", lost)}

    def figures(self) -> Iterable[tuple[str, float]]:
        """For `/metrics`."""
        yield "landbridge_ledger_waiting", self.ledger.waiting
        yield "landbridge_ledger_lost", self.ledger.lost
