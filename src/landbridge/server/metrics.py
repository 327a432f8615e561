"""`GET /metrics`: figures for Prometheus.

Exchanges are counted in batches (`tallies.py`), away from their requests. What stands rather than happens (engines,
listeners, queues, the process) is looked at when somebody asks. prometheus-client is loaded with the first question,
and the text is written in another thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ..engines.info import EngineInfo
from ..errors import Forbidden, UnknownPath
from ..gateway.call import Call, Sink
from ..gateway.exchange import Gateway
from ..gateway.journal import Record
from .admin import check
from .asgi import Scope
from .health import Health, PartHealth
from .tallies import Tallies

METRICS = "/metrics"

Handler = Callable[[Call, Sink], Awaitable[None]]


class Look(Struct, frozen=True):
    """All that one answer tells, gathered at one moment."""

    tallies: Tallies
    presets: Mapping[str, str]
    """The names of providers to their presets."""
    engines: Sequence[EngineInfo]
    parts: Mapping[str, PartHealth]
    standing: Mapping[str, float]
    """Figures without labels, by the names in `exposition.STANDING`."""


class Metrics:
    """Counts, and answers. `find` gives the handler of a request."""

    def __init__(self, gateway: Gateway, health: Health) -> None:
        self._gateway, self._health = gateway, health
        self._tallies = Tallies()
        gateway.journal.readers.append(self._count)

    @property
    def routes(self) -> list[tuple[str, str, str]]:
        """Method, path and dialect (landbridge's own)."""
        return [("GET", METRICS, "")]

    def find(self, scope: Scope) -> Handler | None:
        """The handler of a request; None where it is for somebody else. Raises `Forbidden`, `UnknownPath`."""
        if scope["path"] != METRICS:
            return None
        if scope["method"] not in ("GET", "HEAD"):
            raise UnknownPath(f"{METRICS} takes GET, not {scope['method']}.", allow="GET, HEAD")
        settings = self._gateway.config.metrics
        if not settings.enabled:
            raise UnknownPath(f"There is no GET {METRICS} here.", remedy="Set metrics.enabled in the settings.")
        if not settings.remote:
            self._check(scope)
        return self._answer

    @staticmethod
    def _check(scope: Scope) -> None:
        try:
            check(scope)
        except Forbidden:
            raise Forbidden(
                f"{METRICS} answers programs of this machine only.",
                remedy="Ask at http://127.0.0.1, or set metrics.remote in the settings.",
            ) from None

    def _count(self, batch: Sequence[Record]) -> None:
        settings = self._gateway.config.metrics
        if settings.enabled:
            self._tallies.add(batch, settings.max_models)

    async def _answer(self, call: Call, sink: Sink) -> None:
        self._gateway.journal.flush()  # whoever asks wants to see what has just happened
        from_here = dict(figure for figures in self._health.figures for figure in figures())
        looked = Look(
            self._tallies.copy(),
            {name: provider.preset for name, provider in self._gateway.config.providers.items()},
            self._gateway.parts.keeper.snapshot(),
            self._health.report().parts,
            {"landbridge_records_lost": self._gateway.journal.lost, **from_here},
        )
        text, content_type = await asyncio.to_thread(_write, looked, call.headers.get("accept", ""))
        await sink.whole(200, {"content-type": content_type, "cache-control": "no-store"}, text)


def _write(looked: Look, accept: str) -> tuple[bytes, str]:
    from .exposition import write

    return write(replace(looked, standing={**looked.standing, **_process()}), accept)


def _process() -> dict[str, float]:
    """This process, as far as the system tells."""
    import psutil

    process = psutil.Process()
    with process.oneshot():
        times = process.cpu_times()
        found = {
            "process_cpu_seconds": times.user + times.system,
            "process_resident_memory_bytes": process.memory_info().rss,
            "process_start_time_seconds": process.create_time(),
        }
        if hasattr(process, "num_fds"):  # not on Windows
            found["process_open_fds"] = process.num_fds()
    return found
