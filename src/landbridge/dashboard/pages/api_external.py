"""Whether other machines may connect, what that means, and what they need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from ...access.hosts import EVERY, EVERYWHERE
from ...server.admin_change import SETTINGS, Edited
from ...server.admin_listeners import ListenerInfo, ListenersTold
from ..desk import Desk
from ..parts.asking import answer_of
from ..parts.cards import Badge, heading
from ..parts.faults import busy, complain, say
from ..router import RouterFault
from ..words import _
from .api_listeners import TITLES, Told, change, copy_button_of, fixed_by

HERE = "127.0.0.1"
MakeKey = Callable[[], Awaitable[bool]]
"""Asks for a new key; whether one was made."""


class ExternalCard:
    """Both listeners' hosts."""

    def __init__(self, desk: Desk, first: ListenersTold, told: Told, make_key: MakeKey) -> None:
        self._desk, self._told, self._make_key, self._now = desk, told, make_key, first
        self._lines: dict[str, _Line] = {}
        with ui.element("section").classes("lb-card"):
            heading(
                _("Access from other machines"),
                _("Off: only this machine's programs can connect. The router's own API stays theirs alone."),
            )
            for info in first.listeners:
                self._lines[info.name] = _Line(info, self._switched)
            self._warning()
        self.show(first)

    def _warning(self) -> None:
        with ui.element("div").classes("lb-warning").props('role="status"') as self._note:
            ui.icon("warning_amber").props('aria-hidden="true"')
            self._words = ui.label().classes("lb-grow lb-wrap")
            self._key = ui.button(_("Make a key"), on_click=self._make_key).props("flat dense no-caps")
            self._keys = ui.button(_("Require keys"), on_click=self._require).props("flat dense no-caps")

    def show(self, now: ListenersTold) -> None:
        """How it is now."""
        self._now = now
        for info in now.listeners:
            self._lines[info.name].show(info, now)
        outside = [info for info in now.listeners if info.external and info.enabled]
        self._note.set_visibility(bool(outside))
        open_to_all = any(not info.needs_key for info in outside)
        self._keys.set_visibility(open_to_all)
        self._key.set_visibility(not open_to_all and not now.keys)
        if open_to_all:
            said = _("No key is needed (access.required is never): whoever connects uses your models and your money.")
        elif not now.keys:
            said = _("Every request needs a key, and there is none yet: all are refused, those of this machine, too.")
        else:
            said = _("Every request needs a key. Nothing is encrypted (http): use it in networks that you trust.")
        self._words.set_text(said)

    async def _switched(self, info: ListenerInfo, wanted: bool) -> None:
        line = self._lines[info.name]
        try:
            if not wanted:
                await change(self._desk, info.name, self._told, host=HERE)
            elif await self._may_open(info):
                await change(self._desk, info.name, self._told, host=EVERYWHERE)
            else:
                line.show(info, self._now)
        except RouterFault as fault:
            line.show(info, self._now)
            complain(fault.message)

    async def _may_open(self, info: ListenerInfo) -> bool:
        """Whether the reader means it, after having been told what it means; with a key, if that was wanted."""
        never = self._now.required == "never"
        answer = await _ask_to_open(info, keyless=not self._now.keys and not never, never=never)
        if answer == "key":
            return await self._make_key()
        return answer == "open"

    async def _require(self) -> None:
        async with busy(self._keys):
            body = {"set": {"access.required": "auto"}, "how": "the dashboard"}
            done = await self._desk.router.ask("PATCH", SETTINGS, Edited, body)
            if done.fault:
                complain(done.fault)
            else:
                say(_("Keys are required from now on"))


class _Line:
    """One listener: its switch, and where others reach it."""

    def __init__(self, info: ListenerInfo, switched: Callable[[ListenerInfo, bool], Awaitable[None]]) -> None:
        self._info, self._switched = info, switched
        self._title = _(TITLES[info.name])
        with ui.element("div").classes("lb-external").props(f'data-external="{info.name}"'):
            with ui.element("div").classes("lb-row"):
                self._switch = ui.switch(self._title, value=info.external, on_change=self._changed)
                self._badge = Badge("", "calm")
                self._more = ui.label().classes("lb-muted lb-small lb-wrap")
            self._places = ui.element("div").classes("lb-places")
        self._shown: list[str] = []

    def show(self, info: ListenerInfo, now: ListenersTold) -> None:
        """How it is now."""
        self._info = info
        if self._switch.value != info.external:
            self._switch.set_value(info.external)
        self._switch.set_enabled("host" not in info.fixed)
        if info.external:
            self._badge.set(_("Other machines, too"), "warn" if info.needs_key else "bad")
        else:
            self._badge.set(_("This machine only"), "calm")
        self._more.set_text(
            _("Decided by {place}.", place=fixed_by(info.fixed["host"])) if "host" in info.fixed else info.host
        )
        self._more.set_visibility(info.external or "host" in info.fixed)
        hosts = now.addresses if info.host in EVERY else [info.host]
        port = info.url.rpartition(":")[2]
        urls = [_url(host, port) for host in hosts] if info.external and info.url else []
        if urls != self._shown:
            self._shown = urls
            self._places.clear()
            with self._places:
                for url in urls:
                    with ui.element("div").classes("lb-copy"):
                        label = ui.label(url).classes("lb-code").props('tabindex="0"')
                        copy_button_of(label, _("Copy the address {url}", url=url))

    async def _changed(self) -> None:
        wanted = bool(self._switch.value)
        if wanted != self._info.external:
            await self._switched(self._info, wanted)


def _url(host: str, port: str) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


async def _ask_to_open(info: ListenerInfo, *, keyless: bool, never: bool) -> str:
    """What the reader wants: `open`, `key` (one first, then open), or nothing."""
    title = _(TITLES[info.name])
    asked = _("Open the {title} to other machines?", title=title)
    with ui.dialog() as dialog, ui.card().classes("lb-dialog"):
        dialog.props["aria-label"] = asked
        heading(asked)
        with ui.element("ul").classes("lb-points"):
            for point in _points(keyless=keyless, never=never):
                with ui.element("li"):
                    ui.label(point).classes("lb-wrap")
        with ui.element("div").classes("lb-dialog-buttons"):
            ui.button(_("Cancel"), on_click=lambda: dialog.submit("")).props("flat no-caps autofocus")
            ui.button(
                _("Open without a key") if keyless or never else _("Open"),
                on_click=lambda: dialog.submit("open"),
                color="negative" if keyless or never else "primary",
            ).props("unelevated no-caps" if not keyless else "flat no-caps")
            if keyless:
                ui.button(_("Make a key first"), on_click=lambda: dialog.submit("key")).props("unelevated no-caps")
    return str(await answer_of(dialog) or "")


def _points(*, keyless: bool, never: bool) -> list[str]:
    points = [_("It listens on 0.0.0.0: every machine that reaches this one over a network can connect.")]
    if never:
        points.append(
            _("No key is needed (access.required is never): anybody can use your models and spend your money.")
        )
    else:
        points.append(_("Each request there needs an access key from then on, those of this machine, too."))
    if keyless:
        points.append(_("There is no key yet. Until there is one, every request there is refused."))
    points.append(_("Nothing is encrypted (http). Open it in networks that you trust."))
    return points
