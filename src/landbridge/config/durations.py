"""Lengths of time as people write them in the settings: `30s`, `15m`, `2h`, `never`."""

from __future__ import annotations

import re

from ..errors import ConfigFault

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")


def parse_duration(text: str) -> float | None:
    """Seconds; None for `never`. Raises `ConfigFault`."""
    wanted = text.strip().lower()
    if wanted == "never":
        return None
    found = _LENGTH.fullmatch(wanted)
    if found is None:
        raise ConfigFault(f"'{text}' is not a length of time.", remedy="Write it like 30s, 15m, 2h, 1d or never.")
    return float(found[1]) * _UNITS[found[2]]
