"""What one kind of endpoint takes and gives, for the description of the API (`openapi.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class Endpoint(Struct, frozen=True, kw_only=True):
    """What one kind of endpoint takes and gives."""

    summary: str
    gives: tuple[Any, ...]
    """Types of the answer: one, or one for each form there is; none: it is text."""
    takes: Any = None
    """Type of the body."""
    streams: bool = False
    """Whether the answer can be a stream of events."""
    parameters: tuple[str, ...] = ()
    """Names of `endpoints.PARAMETERS`, but for those in the path."""
    statuses: tuple[int, ...] = (200,)
    """Statuses of `gives`; every other one is an error."""


Described = Mapping[tuple[str, str, str], Endpoint]
"""By method, dialect and ending of the path."""
