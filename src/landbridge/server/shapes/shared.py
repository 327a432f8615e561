"""What the dialects have in common, and landbridge's own answers."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

Json = dict[str, Any]
"""An object that is passed on as it is."""
Words = Annotated[str, Meta(min_length=1)]
Name = Annotated[
    str,
    Meta(
        min_length=1,
        description="A local model, `provider/model`, or an alias of the settings.",
        examples=["smollm2", "work/gpt-5.2"],
    ),
]
Schema = Annotated[Json, Meta(description="A JSON Schema; passed on as it is.")]
Limit = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Warmth = Annotated[float, Meta(ge=0, le=2)]
Penalty = Annotated[float, Meta(ge=-2, le=2)]
Seed = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Top = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class Hello(Struct):
    """A sign of life."""

    landbridge: str
