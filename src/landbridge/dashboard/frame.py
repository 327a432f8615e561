"""What stands around every page: the bar, the sidebar, the router's state, theme and language."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from fastapi import Request
from nicegui import context, ui

from ..server.health import Report
from ..server.settings import InForce
from .desk import Desk
from .parts.faults import fault_card, report
from .places import PLACES, Place, place_of
from .router import RouterFault
from .words import _, chosen, speak

NARROW = 900
"""Pixels below which the sidebar is a menu, in `landbridge.css`, too."""
DARK = {"auto": None, "light": False, "dark": True}


async def frame(desk: Desk, request: Request) -> None:
    """Build a tab: the frame, and in it the page that its path names."""
    try:
        settings = {each.key: each.value for each in (await desk.router.get("/api/v1/settings", InForce)).settings}
    except RouterFault:
        settings = {}
    language = chosen(str(settings.get("dashboard.language", "auto")), request.headers.get("accept-language", ""))
    speak(language)
    context.client.on_exception(report)
    ui.add_head_html('<link rel="stylesheet" href="/static/landbridge.css">')
    ui.add_head_html(f'<script>document.documentElement.lang = "{language}"</script>')
    ui.colors(primary="#0f766e", secondary="#475569", accent="#0f766e", positive="#15803d", negative="#b91c1c")
    dark = ui.dark_mode(DARK.get(str(settings.get("dashboard.theme", "auto"))))
    desk.live.follow("settings", list[dict[str, Any]], partial(_take_up, dark, language))
    drawer = _sidebar(desk)
    with ui.header().classes("lb-bar"):
        ui.button(icon="menu", on_click=drawer.toggle).props(f'flat round dense aria-label="{_("Menu")}"').classes(
            "lb-menu"
        )
        title = ui.label().classes("lb-bar-title").props('role="heading" aria-level="1"')
        ui.space()
        _state(desk)

    def named(path: str) -> None:
        place = place_of(path)
        title.set_text(_(place.title))
        ui.page_title(f"{_(place.title)} · landbridge")
        drawer.mark(place)

    skip = ui.html(f'<a class="lb-skip" href="#content">{_("Skip to the page")}</a>', sanitize=False)
    skip.move(context.client.layout, 0)  # before the sidebar: the first that keys reach
    router = context.client.sub_pages_router
    router.on_path_changed(named)
    named(router.current_path)
    with ui.element("main").classes("lb-main").props('id="content" tabindex="-1"'):
        ui.sub_pages(_routes(desk), show_404=True)


def _routes(desk: Desk) -> dict[str, Callable[..., Any]]:
    """Every path of every page; longer ones are named by the pages' modules, which are loaded when they are opened."""
    routes: dict[str, Callable[..., Any]] = {}
    for place in PLACES:
        routes[place.path] = partial(_open, desk, place, "")
        if place.path != "/":
            routes[f"{place.path}/{{id}}"] = partial(_open, desk, place)
    return routes


async def _open(desk: Desk, place: Place, id: str = "") -> None:
    """Build a page where the tab is; what goes wrong is said in its place."""
    with ui.element("div").classes(f"lb-page lb-page-{place.name}").props(f'data-page="{place.name}"') as room:
        try:
            module = importlib.import_module(f"landbridge.dashboard.pages.{place.name}")
            build: Callable[[Desk, str], Awaitable[None]] = module.build
            await build(desk, id)
        except RouterFault as fault:
            room.clear()
            with room:
                fault_card(fault.message, retry=lambda: ui.navigate.to(place.path))


async def _take_up(dark: ui.dark_mode, language: str, changes: list[dict[str, Any]]) -> None:
    """Settings of the pages have changed."""
    for change in changes:
        if change.get("key") == "dashboard.theme":
            dark.set_value(DARK.get(change.get("after", "auto")))
        if change.get("key") == "dashboard.language":
            ui.navigate.reload()


class _Drawer:
    def __init__(self, element: ui.left_drawer, links: dict[str, ui.link]) -> None:
        self._element, self._links = element, links
        self.toggle = element.toggle

    def mark(self, place: Place) -> None:
        """Show where the tab is."""
        for name, link in self._links.items():
            if name == place.name:
                link.classes(add="lb-here").props('aria-current="page"')
            else:
                link.classes(remove="lb-here").props(remove="aria-current")


def _sidebar(desk: Desk) -> _Drawer:
    links: dict[str, ui.link] = {}
    # With None for its value the browser would be asked, and the page fail where the answer takes a second.
    element = ui.left_drawer(value=False).props(f"show-if-above breakpoint={NARROW} width=216").classes("lb-side")
    with element:
        with ui.row().classes("lb-brand"):
            ui.html('<img src="/static/icon.svg" alt="" width="26" height="26">', sanitize=False)
            ui.label("landbridge")
        with ui.element("nav").props(f'aria-label="{_("Pages")}"').classes("lb-nav"):
            for place in PLACES:
                with ui.link(target=place.path).classes("lb-link") as link:
                    ui.icon(place.icon).props('aria-hidden="true"')
                    ui.label(_(place.title))
                # Where the sidebar lies over the page, it makes room for the page that was chosen.
                link.on("click", js_handler=f"() => {{ if (innerWidth < {NARROW}) getElement({element.id}).hide() }}")
                links[place.name] = link
    return _Drawer(element, links)


def _state(desk: Desk) -> None:
    """Whether the router is well, in a word."""
    with ui.link(target="/api").classes("lb-state") as state:
        dot = ui.element("span").classes("lb-dot")
        words = ui.label(_("Connecting"))
    state.props('aria-live="polite"')

    def show(report: Report) -> None:
        failed = [name for name, part in report.parts.items() if part.status == "failed"]
        off = report.parts.get("listener router")
        if failed:
            kind, said = "bad", _("{name}: failed", name=failed[0]) if len(failed) == 1 else _("Several parts failed")
        elif off is not None and off.status == "off":
            kind, said = "warn", _("TCP Server is off")
        else:
            kind, said = "good", _("Running")
        dot.classes(replace=f"lb-dot lb-{kind}")
        words.set_text(said)

    desk.live.follow("health", Report, show)
