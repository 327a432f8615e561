"""What `landbridge doctor` finds: one finding a line, with what to do about it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Verdict = Literal["ok", "warn", "fail"]


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    check: str
    """What was looked at, in a word or two."""
    verdict: Verdict
    """`fail`: it cannot work so. `warn`: it works, and may surprise."""
    finding: str
    remedy: str = ""


def ok(check: str, finding: str) -> Finding:
    """All is well."""
    return Finding(check, "ok", finding)


def warn(check: str, finding: str, remedy: str = "") -> Finding:
    """It works, and may surprise."""
    return Finding(check, "warn", finding, remedy)


def fail(check: str, finding: str, remedy: str = "") -> Finding:
    """It cannot work so."""
    return Finding(check, "fail", finding, remedy)
