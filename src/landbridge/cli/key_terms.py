"""What the command line says of a key, as options that several commands have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter
from msgspec import UNSET

from ..access.grant import Period
from ..errors import ConfigFault
from ..manage import keys

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

    def read(self) -> keys.Terms:
        """The same as values. Raises `ConfigFault`."""
        return keys.Terms(
            models=list(self.models) if self.models else UNSET,
            rpm=_count("--rpm", self.rpm) if self.rpm else UNSET,
            tpm=_count("--tpm", self.tpm) if self.tpm else UNSET,
            budget=self.budget or UNSET,
            per=self.per or UNSET,
            expires=self.expires or UNSET,
        )


UNSAID = Terms()


def _count(option: str, text: str) -> int | None:
    if text.strip().lower() == NONE:
        return None
    if not text.strip().isdecimal() or not 0 < int(text) < keys.MANY:
        raise ConfigFault(f"{option}: '{text}' is no number above 0.", remedy="Write it like 60, or none.")
    return int(text)
