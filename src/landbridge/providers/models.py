"""What is known of models beforehand, by name: `models.toml` as values, and one plain name for the many spellings."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

_VENDOR = re.compile(r"^(?:[a-z-]+\.)*(?=[a-z])")
"""`us.anthropic.` before a name; never a part of a version, as those have digits."""
_OLDER_ORDER = re.compile(r"^claude-([4-9](?:-[0-9])?)-(opus|sonnet|haiku)")
"""`claude-4-5-sonnet`, as some write it; the generation of 3 is really called so."""


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a model."""

    match: tuple[str, ...] = ()
    """Patterns of its plain name."""
    window: int | None = None
    """Tokens of prompt and answer together."""
    output: int | None = None
    """Most tokens of one answer."""
    thinks: Literal["", "never", "can", "always"] = ""
    """Empty if nobody knows; then the next two say nothing, and the traits' defaults hold."""
    budgets: tuple[int, int] | None = None
    """Fewest and most tokens of thinking it can be given; None: it takes no number."""
    efforts: tuple[str, ...] = ()
    """Words of effort it knows."""
    quirks: tuple[str, ...] = ()


@cache
def limits() -> tuple[Limits, ...]:
    """All that is known, in order of precedence."""
    text = (files(__package__) / "models.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text)["model"], tuple[Limits, ...])


def limits_of(name: str) -> Limits:
    """What is known of a model by its plain name; nothing where no row fits."""
    fits = (row for row in limits() if any(fnmatchcase(name, pattern) for pattern in row.match))
    return next(fits, Limits())


def plain_name(model: str) -> str:
    """One name of the many spellings: without owner, vendor and region, with Claude's parts in one order.

    `anthropic/claude-sonnet-4.5` (OpenRouter), `us.anthropic.claude-sonnet-4-5-20250929-v1:0` (Bedrock),
    `claude-sonnet-4-5@20250929` (Vertex), `models/gemini-2.5-pro` (Google), `xai.grok-4.3` (Oracle).
    """
    name = _VENDOR.sub("", model.rsplit("/", 1)[-1].lower())
    if name.startswith("claude"):
        name = _OLDER_ORDER.sub(r"claude-\2-\1", name.replace(".", "-"))
    return name
