"""What is known of models beforehand, by name: `models.toml` as values, and one plain name for the many spellings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from datetime import date
from fnmatch import translate
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


UNKNOWN = Limits()
"""What is known of a model that no row fits."""


class ListRate(Struct, frozen=True, forbid_unknown_fields=True):
    """Prices in US dollars for a million tokens."""

    since: date
    """The first day it holds."""
    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None
    cache_write_1h: float | None = None
    up_to: int | None = None
    """Most tokens of a prompt it holds for."""


class ListPrice(Struct, frozen=True, forbid_unknown_fields=True):
    """What a maker charges for a kind of model."""

    match: tuple[str, ...]
    """Patterns of its plain name."""
    at: str
    """Name of the list of addresses where that is charged."""
    rates: tuple[ListRate, ...]


class Tables(Struct, frozen=True, forbid_unknown_fields=True):
    """`models.toml`."""

    model: tuple[Limits, ...]
    sellers: dict[str, tuple[str, ...]]
    price: tuple[ListPrice, ...]


@cache
def tables() -> Tables:
    """All that is known."""
    text = (files(__package__) / "models.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Tables)


def limits() -> tuple[Limits, ...]:
    """What is known of models, in order of precedence."""
    return tables().model


def limits_of(name: str) -> Limits:
    """What is known of a model by its plain name; nothing where no row fits."""
    row = _limits_rows()(name)
    return UNKNOWN if row is None else limits()[row]


@cache
def _limits_rows() -> Callable[[str], int | None]:
    return first_fitting([row.match for row in limits()])


def first_fitting(rows: Iterable[Iterable[str]]) -> Callable[[str], int | None]:
    """What finds the first row one of whose patterns fits a name: a single expression, as lists are long."""
    fits = re.compile("|".join(f"({'|'.join(map(translate, patterns))})" for patterns in rows)).match

    def find(name: str) -> int | None:
        found = fits(name)
        return None if found is None or found.lastindex is None else found.lastindex - 1

    return find


def plain_name(model: str) -> str:
    """One name of the many spellings: without owner, vendor and region, with Claude's parts in one order.

    `anthropic/claude-sonnet-4.5` (OpenRouter), `us.anthropic.claude-sonnet-4-5-20250929-v1:0` (Bedrock),
    `claude-sonnet-4-5@20250929` (Vertex), `models/gemini-2.5-pro` (Google), `xai.grok-4.3` (Oracle).
    """
    name = _VENDOR.sub("", model.rsplit("/", 1)[-1].lower())
    if name.startswith("claude"):
        name = _OLDER_ORDER.sub(r"claude-\2-\1", name.replace(".", "-"))
    return name
