"""Points in time as people write them: `30m`, `7d` (ago), `today`, `2026-11-01`, `2026-11-01T14:30`, Unix seconds."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ..config import parse_duration
from ..errors import ConfigFault

_CLOCK = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?")
_SECONDS = re.compile(r"\d{9,11}(?:\.\d+)?")
"""Of the years 1973 to 5138; `20261101` is none."""


def moment(text: str, now: datetime) -> float | None:
    """The Unix seconds that `text` means; None for ever (empty, `all`). Raises `ConfigFault`."""
    wanted = text.strip().lower()
    if not wanted or wanted in ("all", "ever"):
        return None
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = {"today": 0, "yesterday": 1}
    if wanted in days:
        return (midnight - timedelta(days=days[wanted])).timestamp()
    if _SECONDS.fullmatch(wanted):
        return float(wanted)
    if _CLOCK.fullmatch(text.strip()):
        try:
            return datetime.fromisoformat(text.strip()).timestamp()
        except ValueError:
            raise _unclear(text) from None
    try:
        seconds = parse_duration(wanted)
    except ConfigFault:
        raise _unclear(text) from None
    return None if seconds is None else now.timestamp() - seconds


def _unclear(text: str) -> ConfigFault:
    return ConfigFault(
        f"'{text[:40]}' is no time.",
        remedy="Write it like 30m, 24h, 7d, today, yesterday, 2026-11-01 or 2026-11-01T14:30.",
    )
