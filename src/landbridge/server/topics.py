"""What `/api/v1/events` tells of."""

from __future__ import annotations

from msgspec import structs

from .admin import Engines
from .health import Health, Report
from .hub import Hub


def offer(hub: Hub, health: Health) -> None:
    """Offer what every router has; each admin module adds its own."""

    def report() -> Report:
        return structs.replace(health.report(), uptime=0.0)  # which is another every time

    hub.state("health", report)
    hub.state("engines", lambda: Engines(health.keeper.snapshot()))
    hub.happening("settings")
