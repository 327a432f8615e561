"""Numbers as people read them: sizes, durations, tokens, money, times."""

from __future__ import annotations

import time

UNITS = ("B", "KB", "MB", "GB", "TB")


def size(count: float) -> str:
    """Bytes: `1.4 GB`."""
    unit = 0
    while count >= 999.5 and unit < len(UNITS) - 1:
        count, unit = count / 1000, unit + 1
    return f"{count:.0f} {UNITS[unit]}" if unit < 2 or count >= 100 else f"{count:.1f} {UNITS[unit]}"


def count(number: float) -> str:
    """`950`, `12.3k`, `4.1M`."""
    for limit, letter in ((999.95e6, "G"), (999.95e3, "M"), (9999.5, "k")):
        if number >= limit:
            scale = {"G": 1e9, "M": 1e6, "k": 1e3}[letter]
            return f"{number / scale:.1f}{letter}"
    return f"{number:,.0f}"


def seconds(duration: float) -> str:
    """`340 ms`, `2.4 s`, `3 min 20 s`, `2 h 5 min`."""
    if duration < 0.9995:
        return f"{duration * 1000:.0f} ms"
    if duration < 59.95:
        return f"{duration:.1f} s"
    minutes, rest = divmod(round(duration), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def money(micro: int | None) -> str:
    """Micro-dollars: `$1.24`, `$0.0031`; unknown is a dash, never 0."""
    if micro is None:
        return "-"
    dollars = micro / 1e6
    return f"${dollars:,.2f}" if dollars >= 1 or micro == 0 else f"${dollars:.4f}"


def share(part: float, whole: float) -> str:
    """`84 %`; a dash of nothing."""
    return f"{part / whole:.0%}".replace("%", " %") if whole else "-"


def clock(moment: float) -> str:
    """The time of day here; with the date where it is not today."""
    then, now = time.localtime(moment), time.localtime()
    return time.strftime("%H:%M:%S" if then[:3] == now[:3] else "%Y-%m-%d %H:%M", then)
