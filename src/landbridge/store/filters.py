"""A `Filter` as conditions of SQL, the same for both databases."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, or_

from .report import GOOD, Filter
from .tables import requests

ESCAPE = "\\"


def conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    """What a row must fulfil."""
    columns = requests.c
    if wanted.since is not None:
        yield columns.at >= wanted.since
    if wanted.until is not None:
        yield columns.at < wanted.until
    if wanted.model:
        yield or_(_fits(columns.model, wanted.model), _fits(columns.target, wanted.model))
    for name in ("provider", "client", "key", "session", "agent"):
        if pattern := getattr(wanted, name):
            yield _fits(columns[name], pattern)
    if wanted.status is not None:
        yield columns.status == wanted.status
    if wanted.errors:
        yield columns.outcome.not_in(GOOD)


def _fits(column: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
    if not set(pattern) & {"*", "?"}:
        return column == pattern
    literal = pattern.replace(ESCAPE, ESCAPE * 2).replace("%", f"{ESCAPE}%").replace("_", f"{ESCAPE}_")
    return column.ilike(literal.replace("*", "%").replace("?", "_"), escape=ESCAPE)
