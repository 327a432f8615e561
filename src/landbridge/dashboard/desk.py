"""What a page works with."""

from __future__ import annotations

from .live import Live
from .router import Router


class Desk:
    """Of one tab."""

    def __init__(self, router: Router, live: Live) -> None:
        self.router, self.live = router, live
