"""What people write of a key (`30d`, `2027-01-31`, `$5`, `claude-*`) to values, and back."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from ..errors import ConfigFault
from .budget import MICRO

_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "y": 365 * 86400}
_SPAN = re.compile(r"([0-9]{1,6})\s*([mhdwy])")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
MOST = 100_000_000
"""Dollars; more is a slip of the finger."""


def check_name(name: str) -> str:
    """The name of a key. Raises `ConfigFault`."""
    if not _NAME.fullmatch(name):
        raise ConfigFault(
            f"'{name[:70]}' is no name for a key.", remedy="Use up to 64 letters, digits, dots, dashes, @ and _."
        )
    return name


def check_pattern(pattern: str) -> str:
    """A pattern of models. Raises `ConfigFault`."""
    if not (wanted := pattern.strip()):
        raise ConfigFault("A model's name is empty.", remedy='Name one (smollm2) or a pattern ("lab/*").')
    return wanted


def read_expiry(text: str, now: float) -> float | None:
    """When a key ends: after a time (`30d`, `12h`, `1y`), with a day (`2027-01-31`, to its end) or at a moment
    (`2027-01-31T18:00`), by this machine's clock; None for `never`. Raises `ConfigFault`."""
    wanted = text.strip().lower()
    if wanted == "never":
        return None
    if (span := _SPAN.fullmatch(wanted)) is not None:
        until = now + int(span[1]) * _UNITS[span[2]]
    else:
        until = _moment(wanted.upper(), text)
    if until <= now:
        raise ConfigFault(f"'{text}' is over already.", remedy="Name a time to come.")
    if until > now + 200 * _UNITS["y"]:
        raise ConfigFault(f"'{text}' is too far away.", remedy="Write never.")
    return until


def _moment(wanted: str, text: str) -> float:
    try:
        moment = datetime.fromisoformat(wanted)
        if len(wanted) == len("2027-01-31"):
            moment += timedelta(days=1)
        return moment.timestamp()
    except (ValueError, OverflowError, OSError):
        raise ConfigFault(
            f"'{text}' is no time at which a key could end.", remedy="Write it like 30d, 12h, 2027-01-31 or never."
        ) from None


def read_dollars(text: str) -> int | None:
    """Millionths of a dollar; None for `none`. Raises `ConfigFault`."""
    if text.strip().lower() == "none":
        return None
    try:
        amount = Decimal(text.strip().removeprefix("$").strip())
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount <= MOST:
        raise ConfigFault(f"'{text}' is no amount of dollars.", remedy="Write it like 5 or 12.50, or none.")
    return round(amount * MICRO)


def shown_time(at: float) -> str:
    """A moment by this machine's clock."""
    return f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M}"
