"""Home: what runs, at a glance."""

from __future__ import annotations

from ..desk import Desk
from ..parts.cards import card
from ..words import _


async def build(desk: Desk, id: str) -> None:
    """Build the page."""
    with card(_("Home")):
        pass
