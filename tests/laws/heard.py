"""What a client makes of a stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Heard:
    """What arrived."""

    text: str = ""
    thinking: str = ""
    calls: list[list[str]] = field(default_factory=list)
    """Id, name and the JSON text of the arguments."""
    finish: str = ""
    usage: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    ended: bool = False
    """A legal end, or an error that was said."""
