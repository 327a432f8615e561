"""What the headers of a converted answer say of landbridge's part in it."""

from __future__ import annotations

from ..neutral.events import Usage
from ..routing.target import Target
from .journal import Record


def headers_of(record: Record, target: Target, dialect: str, usage: Usage, prefill: float | None) -> dict[str, str]:
    """The headers, with what is known when they leave. `prefill`: seconds foretold for reading the prompt."""
    headers = {
        "x-landbridge-path": "converted",
        "x-landbridge-target": target.label,
        "x-landbridge-losses": str(len(record.losses)),
    }
    if prefill:
        headers["x-landbridge-prefill-seconds"] = f"{prefill:.0f}"
    if target.local and usage.output is not None and not usage.estimated:
        headers["x-landbridge-cached"] = f"{usage.cache_read or 0}/{usage.prompt}"
    if record.route:
        headers["x-landbridge-route"] = record.route
    if record.retries:
        headers["x-landbridge-retries"] = str(record.retries)
    headers["request-id" if dialect == "anthropic" else "x-request-id"] = record.id
    return headers
