"""`GET /health`: green, or red with the part that is dead and why."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

import msgspec
from msgspec import Struct

from .. import __version__
from ..engines.keeper import Keeper
from ..errors import Garbled, UnknownModel
from ..gateway.call import Call, Sink
from ..gateway.exchange import Gateway
from ..store.ledger import Ledger
from .settings import Settings


class PartHealth(Struct, omit_defaults=True):
    """One part of the program."""

    status: str
    """`ok`, `idle`, `loading`, `resting`, `off` or `failed`."""
    detail: str = ""
    remedy: str = ""


class Report(Struct):
    """The whole program. `status` is `ok` unless a part has failed."""

    status: str
    version: str
    uptime: float
    """Seconds since start."""
    parts: dict[str, PartHealth]


class Health:
    """Asks the parts. Listeners, settings and ledger are reported by those who own them."""

    def __init__(self, gateway: Gateway, keeper: Keeper) -> None:
        self._gateway, self.keeper = gateway, keeper
        self._began = time.monotonic()
        self.settings: Settings | None = None
        """The settings file, where there is one."""
        self.store: Ledger | None = None
        """Whoever answers questions to the ledger."""
        self.listeners: Callable[[], dict[str, PartHealth]] = dict
        self.keys: Callable[[], dict[str, PartHealth]] = dict
        self.ledger: Callable[[], dict[str, PartHealth]] = dict
        self.figures: list[Callable[[], Iterable[tuple[str, float]]]] = []
        """Whoever has figures to tell at `/metrics`, by the names in `exposition.STANDING`."""

    def report(self) -> Report:
        """The state now."""
        parts = {"settings": self._settings(), **self.listeners(), **self.ledger()}
        parts.update(self.keys())
        for info in self.keeper.snapshot():
            fault = info.last_fault
            failed = str(info.state) == "failed"
            detail = f"{info.state}{f': {fault}' if fault else ''}"
            parts[f"model {info.name}"] = PartHealth("failed" if failed else "ok", detail)
        world = self._gateway.world
        for name in world.providers:
            provider, silent = world.providers[name], world.silent.get(name)
            if provider.key_problem:
                parts[f"provider {name}"] = PartHealth("failed", provider.key_problem, provider.key_remedy)
            elif silent is not None:
                # Some live providers have no list; whoever names their models does not miss it.
                lives = isinstance(silent, UnknownModel | Garbled)
                parts[f"provider {name}"] = PartHealth("ok" if lives else "failed", silent.message, silent.remedy)
            else:
                parts[f"provider {name}"] = PartHealth("ok")
        for name, provider_fault in world.faults.items():
            status = "off" if name in world.off else "failed"
            parts[f"provider {name}"] = PartHealth(status, provider_fault.message, provider_fault.remedy)
        now = asyncio.get_running_loop().time()
        for label, breaker in world.breakers.items():
            if (state := breaker.state(now)) != "closed":
                left = f" for {max(1, round(breaker.left(now)))} s" if state == "open" else ", one request tries it"
                remedy = "Others answer meanwhile; `landbridge route --explain MODEL` says which."
                parts[f"target {label}"] = PartHealth("resting", f"breaker {state}{left}: {breaker.why}", remedy)
        if (disk := self._gateway.parts.stored.disk) is not None and disk.fault:
            remedy = "Mend it and restart, or set `store` under [responses] to memory."
            parts["responses"] = PartHealth("failed", disk.fault, remedy)
        elif disk is not None and disk.lost:
            parts["responses"] = PartHealth("ok", f"{disk.lost} were not written to the disk")
        healthy = all(part.status != "failed" for part in parts.values())
        return Report("ok" if healthy else "failing", __version__, round(time.monotonic() - self._began, 3), parts)

    async def answer(self, call: Call, sink: Sink) -> None:
        """Serve the report: 200 when all is well, 503 when a part is dead."""
        report = self.report()
        status = 200 if report.status == "ok" else 503
        await sink.whole(status, {"content-type": "application/json"}, msgspec.json.encode(report))

    async def brief(self, call: Call, sink: Sink) -> None:
        """The same for whoever has no key where one is needed: whether it works, and nothing of what it has."""
        report = self.report()
        brief = {"status": report.status, "version": report.version}
        status = 200 if report.status == "ok" else 503
        await sink.whole(status, {"content-type": "application/json"}, msgspec.json.encode(brief))

    def _settings(self) -> PartHealth:
        if self.settings is None:
            return PartHealth("ok")
        if self.settings.fault:
            remedy = "What was in force before stays so until it is mended."
            return PartHealth("failed", self.settings.fault, remedy)
        waiting = ", ".join(self.settings.restart())
        return PartHealth("ok", f"after a restart only: {waiting}" if waiting else "")
