"""Whether what is said is kept, what that means, and a switch for it."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from ...server.settings import InForce
from ..desk import Desk
from ..parts.asking import sure
from ..parts.faults import busy, complain, say
from ..parts.numbers import size
from ..words import _, n_

SETTINGS = "/api/v1/settings"
BODIES = "store.bodies"


class Keeping:
    """What the settings say of it."""

    def __init__(self, settings: InForce) -> None:
        found = {each.key: each.value for each in settings.settings}
        self.on = found.get(BODIES) is True
        self.ledger = found.get("store.enabled") is not False
        self.days = int(found.get("store.keep_bodies", 7))
        self.room = int(found.get("store.bodies_max_bytes", 0))

    def meaning(self) -> str:
        """What is kept, where, how long and who can read it."""
        days = n_("{n} day", "{n} days", self.days)
        return _(
            "Switched on, what clients send and get, and what models are sent and answer, is kept on this machine: "
            "for {days}, {size} at most, readable by you alone. It holds your conversations, and what agents have "
            "read in your files. Headers with keys are never kept.",
            days=days, size=size(self.room),
        )  # fmt: skip


async def keeping(desk: Desk) -> Keeping:
    """What the settings say now."""
    return Keeping(await desk.router.get(SETTINGS, InForce))


async def bodies_strip(desk: Desk) -> None:
    """A line that says whether what is said is kept, with a switch."""
    now = await keeping(desk)
    ui.icon("inventory_2").classes("lb-muted").props('aria-hidden="true" size="18px"')
    words = ui.label().classes("lb-muted lb-small rq-keeping-words")
    button = ui.button().props("flat dense no-caps size=md")

    def show(now: Keeping) -> None:
        if not now.ledger:
            words.set_text(_("The ledger is off: exchanges are shown while the page is open, and are not kept."))
        elif now.on:
            days = n_("{n} day", "{n} days", now.days)
            words.set_text(_("Requests and answers are kept for {days}, to compare, replay and export.", days=days))
        else:
            words.set_text(_("Requests and answers are not kept, only what they took."))
        button.set_text(_("Keep them no longer") if now.on else _("Keep them from now on"))
        button.set_visibility(now.ledger)

    async def change() -> None:
        if await switch(desk, await keeping(desk), button):
            show(await keeping(desk))

    async def changed(changes: list[dict[str, Any]]) -> None:
        if any(str(change.get("key", "")).startswith("store.") for change in changes):
            show(await keeping(desk))

    button.on_click(change)
    show(now)
    desk.live.follow("settings", list[dict[str, Any]], changed)


async def switch(desk: Desk, now: Keeping, button: ui.button) -> bool:
    """Ask, and switch it on or off. Whether that was done."""
    if now.on:
        what = _("Those that are kept already stay until their days are over.")
        if not await sure(_("Keep requests and answers no longer?"), what, _("Keep no longer"), dangerous=False):
            return False
    elif not await sure(_("Keep requests and answers?"), now.meaning(), _("Keep them"), dangerous=False):
        return False
    done = False
    async with busy(button):
        edit = {"set": {BODIES: not now.on}, "how": "the dashboard"}
        answer = await desk.router.ask("PATCH", SETTINGS, dict[str, Any], edit)
        done = not answer.get("fault")
        if done:
            say(_("Kept from now on") if not now.on else _("No longer kept"))
        else:
            complain(str(answer["fault"]))
    return done
