"""What settings take, as types with their limits."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

YEAR = 366 * 86400
"""Waits longer than that are no waits any more; some timers cannot hold them."""
MOST = 2**53
"""Of anything that is counted: larger numbers are slips of the finger."""

Port = Annotated[int, Meta(ge=0, le=65535)]
Count = Annotated[int, Meta(ge=1, le=MOST)]
CountOrNone = Annotated[int, Meta(ge=0, le=MOST)]
Seconds = Annotated[float, Meta(gt=0, le=YEAR)]
Thinking = Literal["", "off", "on", "minimal", "low", "medium", "high", "xhigh", "max"]
CacheType = Literal["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"]
WHOLE_TYPES = frozenset({"f32", "f16", "bf16"})
"""Types of a cache that are not quantised: attention can do without its flash form."""
SecondsOrNone = Annotated[float, Meta(ge=0, le=YEAR)]
Share = Annotated[float, Meta(ge=0, le=MOST)]
Chain = str | list[str]
"""One model, or several of which the next is asked where one fails."""
Dollars = Annotated[float, Meta(ge=0, le=100_000)]
