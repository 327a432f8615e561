"""What the command line says of a key, as options that several commands have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter
from msgspec.structs import replace

from ..access.grant import Grant, Period
from ..access.terms import check_pattern, read_dollars, read_expiry
from ..errors import ConfigFault

NONE = "none"
"""Said of a limit: there is none."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a key may do. What is not said stays as it is."""

    models: Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative=())] = ()
    """Models it may use, by name or pattern (`smollm2`, `lab/*`, `claude-*haiku*`); `*`: every one."""
    rpm: str = ""
    """Requests a minute, or none."""
    tpm: str = ""
    """Tokens a minute, or none: those of prompts that no cache had, and those of answers."""
    budget: str = ""
    """Dollars that it may spend, or none; in each day or month, if --per says so."""
    per: Period | None = None
    """How often the budget begins anew: day, month or total (never)."""
    expires: str = ""
    """When it ends: after a time (30d, 12h, 1y), with a day (2027-01-31), or never."""

    def applied(self, grant: Grant, now: float) -> Grant:
        """`grant`, with what is said. Raises `ConfigFault`."""
        patterns = tuple(check_pattern(pattern) for pattern in self.models)
        changed = replace(
            grant,
            models=() if "*" in patterns else patterns or grant.models,
            rpm=_count("--rpm", self.rpm) if self.rpm else grant.rpm,
            tpm=_count("--tpm", self.tpm) if self.tpm else grant.tpm,
            budget=read_dollars(self.budget) if self.budget else grant.budget,
            per=self.per or grant.per,
            expires=read_expiry(self.expires, now) if self.expires else grant.expires,
        )
        if self.per is not None and changed.budget is None:
            what = "--per says how often a budget begins anew, and there is none."
            raise ConfigFault(what, remedy="Say --budget, too.")
        return changed


UNSAID = Terms()


def _count(option: str, text: str) -> int | None:
    if text.strip().lower() == NONE:
        return None
    if not text.strip().isdecimal() or not 0 < int(text) < 10**12:
        raise ConfigFault(f"{option}: '{text}' is no number above 0.", remedy="Write it like 60, or none.")
    return int(text)
