"""The TCP Server and the OpenAI endpoint: on and off, their ports, and where they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from ...server.admin_listeners import LISTENERS, ListenerInfo, ListenersTold
from ..desk import Desk
from ..parts.asking import copy, sure
from ..parts.cards import Badge
from ..parts.faults import say
from ..router import RouterFault
from ..words import N_, _

TITLES = {"router": N_("TCP Server"), "openai": N_("OpenAI endpoint")}
WHAT = {
    "router": N_("Every API: Anthropic, OpenAI and Gemini. Claude Code asks here."),
    "openai": N_("OpenAI's API alone, where programs that know nothing else look for it."),
}

Told = Callable[[ListenersTold], None]


async def change(desk: Desk, name: str, told: Told, **wanted: Any) -> None:
    """Change a listener; what it is then is shown. Raises `RouterFault` where nothing was changed."""
    body = {name: wanted, "how": "the dashboard"}
    told(await desk.router.ask("PATCH", LISTENERS, ListenersTold, body))


def fixed_by(place: str) -> str:
    """Who decides a setting instead of the page."""
    return _("a flag it was started with") if place == "command line" else place


class ListenerCard:
    """One listener. `told` hears what the router says after a change."""

    def __init__(self, desk: Desk, info: ListenerInfo, told: Told) -> None:
        self._desk, self._told, self._info = desk, told, info
        self._title = _(TITLES[info.name])
        with ui.element("section").classes("lb-card lb-listener").props(f'data-listener="{info.name}"'):
            self._build()
        self.show(info)

    def _build(self) -> None:
        with ui.element("div").classes("lb-api-top"):
            ui.label(self._title).classes("lb-title").props('role="heading" aria-level="2"')
            with ui.element("div").classes("lb-listener-state"):
                self._state = Badge("", "calm")
                self._switch = ui.switch(value=self._info.enabled, on_change=self._switched)
                self._switch.props(f'size=lg aria-label="{self._title}"')
        ui.label(_(WHAT[self._info.name])).classes("lb-muted")
        with ui.element("div").classes("lb-listener-controls"):
            self._port = ui.number(_("Port"), value=self._info.port, min=0, max=65535, precision=0, format="%d")
            self._port.props("outlined dense hide-bottom-space").classes("lb-port").on("keydown.enter", self._apply)
            self._port.on_value_change(self._typed)
            self._button = ui.button(_("Apply"), on_click=self._apply).props("unelevated no-caps")
        self._hint = ui.label().classes("lb-muted lb-small")
        with ui.element("div").classes("lb-copy lb-listener-url") as self._where:
            self._url = ui.label().classes("lb-code").props('tabindex="0"')
            copy_button_of(self._url, _("Copy the address of: {title}", title=self._title))
        with ui.element("div").classes("lb-fault").props('role="alert"') as self._alert:
            ui.icon("error_outline").props('aria-hidden="true"')
            self._fault = ui.label().classes("lb-grow lb-wrap")
        self._alert.set_visibility(False)
        self._fixed = ui.label().classes("lb-muted lb-small lb-wrap")

    def show(self, info: ListenerInfo) -> None:
        """How it is now. A port that is being typed stays."""
        untouched = self._wanted == self._info.port
        before, self._info = self._info, info
        if self._switch.value != info.enabled:
            self._switch.set_value(info.enabled)
        if untouched and self._port.value != info.port:
            self._port.set_value(info.port)
        if info.url and info.fault:
            self._state.set(_("Not where it should be"), "bad")
        elif info.url:
            self._state.set(_("Listening"), "good")
        else:
            self._state.set(_("Failed") if info.enabled else _("Off"), "bad" if info.enabled else "calm")
        self._url.set_text(info.url)
        self._where.set_visibility(bool(info.url))
        self._show_fixed(info)
        if info.fault:
            self._say_fault(f"{info.fault} {info.remedy}")
        elif before.fault or info.url != before.url:
            self._say_fault("")
        self._typed()

    def _show_fixed(self, info: ListenerInfo) -> None:
        self._switch.set_enabled("enabled" not in info.fixed)
        self._port.set_enabled("port" not in info.fixed)
        names = {"enabled": _("On and off"), "port": _("The port"), "host": _("The address")}
        lines = [
            _("{what} is decided by {place}; the settings cannot change it.", what=names[key], place=fixed_by(place))
            for key, place in info.fixed.items()
        ]
        self._fixed.set_text("\n".join(lines))
        self._fixed.set_visibility(bool(lines))

    @property
    def _wanted(self) -> int | None:
        """The port in the field."""
        value = self._port.value
        return int(value) if value is not None and 0 <= value <= 65535 and value == int(value) else None

    def _typed(self) -> None:
        """The port in the field is another one."""
        wanted, info = self._wanted, self._info
        self._button.set_enabled(wanted is not None and (wanted != info.port or bool(info.fault)))
        if wanted is None:
            self._hint.set_text(_("A port is a number up to 65535; 0 takes a free one."))
        elif wanted != info.port and info.enabled:
            self._hint.set_text(
                _("Clients that use the old port must be told the new one; requests there are cut off.")
            )
        elif wanted == 0:
            self._hint.set_text(_("0 takes a free port, another one at each start."))
        else:
            self._hint.set_text(_("Takes effect at once, and stays over restarts."))

    async def _switched(self) -> None:
        wanted = bool(self._switch.value)
        if wanted == self._info.enabled:
            return
        if not wanted and not await sure(
            _("Turn off the {title}?", title=self._title),
            _("Clients can no longer connect to {url}. Requests under way there are cut off.", url=self._info.url),
            _("Turn off"),
        ):
            self._switch.set_value(True)
            return
        await self._change(enabled=wanted)

    async def _apply(self) -> None:
        if self._button.enabled and self._wanted is not None:
            await self._change(port=self._wanted)

    async def _change(self, **wanted: Any) -> None:
        self._button.props(add="loading")
        self._say_fault("")
        try:
            await change(self._desk, self._info.name, self._told, **wanted)
        except RouterFault as fault:
            stays = _("It stays at {url}.", url=self._info.url) if self._info.url else _("It stays off.")
            self._say_fault(f"{fault.message} {stays}")
            self._switch.set_value(self._info.enabled)
        else:
            say(_("{title}: changed", title=self._title))
        finally:
            self._button.props(remove="loading")

    def _say_fault(self, words: str) -> None:
        self._fault.set_text(words.strip())
        self._alert.set_visibility(bool(words.strip()))


def copy_button_of(label: ui.label, words: str) -> ui.button:
    """Copies what `label` says when it is clicked."""

    async def put() -> None:
        await copy(label.text)

    return ui.button(icon="content_copy", on_click=put).props(f'flat round dense size=sm aria-label="{words}"')
