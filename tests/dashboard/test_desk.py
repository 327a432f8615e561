"""What a page works with is the process's own router and line."""

from __future__ import annotations

from landbridge.dashboard.desk import Desk
from landbridge.dashboard.live import Live
from landbridge.dashboard.router import Router


def test_it_holds_what_it_was_given() -> None:
    router = Router("/nonexistent")
    live = Live(router)
    desk = Desk(router, live)
    assert (desk.router, desk.live) == (router, live)
