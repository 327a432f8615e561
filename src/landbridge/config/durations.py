"""Lengths of time as people write them in the settings: `30s`, `15m`, `2h`, `never`."""

from __future__ import annotations

import re

from ..errors import ConfigFault

LONGEST = 366 * 86400.0
"""Longer waits are `never`; timers of some event loops cannot hold them."""
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LENGTH = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([smhd])")


def parse_duration(text: str) -> float | None:
    """Seconds; None for `never`. Raises `ConfigFault`."""
    wanted = text.strip().lower()
    if wanted == "never":
        return None
    found = _LENGTH.fullmatch(wanted)
    if found is None:
        raise ConfigFault(f"'{text}' is not a length of time.", remedy="Write it like 30s, 15m, 2h, 1d or never.")
    seconds = float(found[1]) * _UNITS[found[2]]
    if seconds > LONGEST:
        raise ConfigFault(f"'{text}' is longer than a year.", remedy="Write never.")
    return seconds
