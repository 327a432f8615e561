"""What the parts of the page share: the settings in force, and how one of them is changed."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec import UNSET
from nicegui import ui
from nicegui.element import Element

from ...access.hosts import is_loopback
from ...manage.meanings import Meanings
from ...server.admin_change import Edited
from ...server.settings import InForce
from ..desk import Desk
from ..parts.asking import sure
from ..parts.faults import say
from ..router import RouterFault
from ..words import _
from .settings_catalogue import Catalogue

SETTINGS = "/api/v1/settings"
HOW = "the dashboard"
_PLACE = re.compile(r"^[^\n]*?, line \d+: ")
"""Of a fault in a file that would be: nobody sees that line."""
Show = Callable[[], Awaitable[None] | None]


class Shared:
    """Of one page."""

    def __init__(self, desk: Desk, catalogue: Catalogue) -> None:
        self.desk, self.catalogue = desk, catalogue
        self._shown: list[tuple[Element, Show]] = []

    def showing(self, element: Element, show: Show) -> None:
        """Call `show` whenever other settings are in force, as long as `element` is there."""
        self._shown.append((element, show))

    async def look(self) -> None:
        """Have what is in force now, and show it."""
        self.catalogue.take(await self.desk.router.get(SETTINGS, InForce))
        self._shown = [(element, show) for element, show in self._shown if not element.is_deleted]
        for element, show in list(self._shown):
            with element:
                done = show()
                if inspect.isawaitable(done):
                    await done

    async def change(self, set: Mapping[str, Any], unset: list[str] | None = None) -> str:
        """Change settings, after a question where that is wise. Gives what is wrong; empty where nothing is."""
        for key, value in set.items():
            if (what := careful(key, value)) and not await sure(_("Change {key}?", key=key), what, _("Change")):
                return _("Not changed.")
        body = {"set": dict(set), "unset": unset or [], "how": HOW}
        moving = _moves(set)
        try:
            if moving:
                ui.run_javascript(moving)
            done = await self.desk.router.ask("PATCH", SETTINGS, Edited, body)
        except RouterFault as fault:
            return _PLACE.sub("", fault.message)
        if done.fault:
            return done.fault
        say(_said(done, self.catalogue))
        await self.look()
        return ""


async def shared(desk: Desk) -> Shared:
    """Ask the router for everything. Raises `RouterFault`."""
    meanings = await desk.router.get(f"{SETTINGS}/meanings", Meanings)
    return Shared(desk, Catalogue(meanings, await desk.router.get(SETTINGS, InForce)))


def _said(done: Edited, catalogue: Catalogue) -> str:
    """What came of a change, and when it counts."""
    effects = {change.effect for change in done.changes}
    if not effects:
        return _("Saved. Nothing else comes of it.")
    if "restart" in effects:
        return _("Saved. It counts after a restart of the router.")
    return _("Saved. It counts when the model is loaded next.") if "load" in effects else _("Saved, and in force.")


def careful(key: str, value: Any) -> str:
    """What to know before this change; empty where there is nothing."""
    part = key.rpartition(".")[2]
    if key.startswith("listeners.") and part == "host" and isinstance(value, str) and not is_loopback(value):
        if key == "listeners.dashboard.host":
            return _(
                "Others in the network can reach the dashboard then, and this page ends. `landbridge dashboard` on "
                "this machine prints a link that signs in."
            )
        return _("Programs in the network can reach it then. They need an access key, unless none is ever required.")
    match key, value:
        case "listeners.dashboard.enabled", False:
            return _(
                "This page ends. `landbridge config set listeners.dashboard.enabled true` opens the dashboard again."
            )
        case (("listeners.dashboard.port" | "listeners.dashboard.host"), _other):
            return _("The dashboard moves, and this page with it. `landbridge dashboard` prints where it is.")
        case "listeners.router.enabled", False:
            return _("Clients cannot reach the router any more; running requests end.")
        case "access.required", "never":
            return _("Anybody who can reach a listener can use your models and spend your money.")
        case "store.bodies", True:
            return _("From now on the conversations of all clients are kept on the disk, readable by you alone.")
        case "store.enabled", False:
            return _("Nothing is counted any more: no usage, no costs, no list of requests.")
        case "fetch.any_url", True:
            return _("A page could make a model send what it knows to an address that nobody has named.")
    return ""


def _moves(set: Mapping[str, Any]) -> str:
    """A script that follows the dashboard to another port: its old address answers no more."""
    port = set.get("listeners.dashboard.port", UNSET)
    return f"setTimeout(() => {{ location.port = '{port}' }}, 2500)" if isinstance(port, int) and port else ""
