"""Usage of several rounds together."""

from __future__ import annotations

from msgspec.structs import astuple, replace

from ...neutral.events import Usage


def total(one: Usage, other: Usage) -> Usage:
    """Both, field by field; what neither says stays unsaid."""
    counts = zip(astuple(one), astuple(other), strict=True)
    summed = Usage(*[b if a is None else a if b is None else a + b for a, b in counts])
    return replace(summed, estimated=one.estimated or other.estimated)
