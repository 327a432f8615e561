"""Costs and counts in words: what is not known is never shown as nothing."""

from __future__ import annotations

from typing import Protocol

DOLLAR = 1_000_000
"""Micro-dollars."""
UNKNOWN = "unknown"


class Sums(Protocol):
    """What the words for a group's cost are made of."""

    requests: int
    cost: int
    unknown: int
    local: int


def dollars(micros: int) -> str:
    """`$12.34`; small amounts with as many digits as they need, at least two that say something."""
    amount = abs(micros) / DOLLAR
    sign = "-" if micros < 0 else ""
    if micros == 0:
        return "$0"
    if amount >= 1:
        return f"{sign}${amount:,.2f}"
    return f"{sign}${amount:.4f}" if amount >= 0.01 else f"{sign}${amount:.6f}"


def cost_text(cost: int | None, *, local: bool = False) -> str:
    """What one exchange cost."""
    if local and not cost:
        return "local"
    return UNKNOWN if cost is None else dollars(cost)


def sum_text(sums: Sums) -> str:
    """What a group cost: `$1.20`, `≥ $1.20` where some of it is not known, `unknown`, `local`."""
    if sums.requests and sums.local == sums.requests and not sums.cost:
        return "local"
    if not sums.unknown:
        return dollars(sums.cost)
    return f"≥ {dollars(sums.cost)}" if sums.cost else UNKNOWN


def count_text(number: int) -> str:
    """A count that people can take in: `950`, `12.3k`, `4.56M`."""
    if number < 10_000:
        return str(number)
    size, letter = next(each for each in ((1e9, "G"), (1e6, "M"), (1e3, "k")) if number >= each[0] * 0.9995)
    return f"{number / size:.3g}{letter}"


def seconds_text(seconds: float | None) -> str:
    """A length of time: `84 ms`, `1.2 s`, `3 min 5 s`; empty for none."""
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"
