"""A provider at a glance, and what can be done with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from nicegui import ui

from ...server.admin_provider_change import ProviderRemoved, Turned
from ...server.admin_providers import OneProvider, Presets
from ...server.provider_news import Provided
from ..desk import Desk
from ..parts.asking import sure
from ..parts.cards import Badge
from ..parts.faults import busy, complain, say
from ..router import at
from ..words import _
from .cloud_key import replace_key
from .cloud_try import test_provider
from .cloud_words import key_words, models_words, sign_of, state_of, title_of, trouble_of

PresetsOf = Callable[[], Awaitable[Presets]]


class Actions:
    """What can be done with one provider, said to who asked for it."""

    def __init__(self, desk: Desk, name: str, presets: PresetsOf) -> None:
        self._desk, self._name, self._presets = desk, name, presets

    async def test(self) -> None:
        """Try it now."""
        await test_provider(self._desk, self._name)

    async def turn(self, toggle: ui.switch, on: bool) -> bool:
        """On or off; whether it is so now."""
        async with busy(toggle):
            if not on and (leads := (await self._one()).leads):
                what = _("Nothing is sent to it any more. These lead to its models: {leads}.", leads=", ".join(leads))
                title = _("Turn {name} off?", name=self._name)
                if not await sure(title, what, _("Turn off"), dangerous=False):
                    return False
            path = at("providers", self._name, "enable" if on else "disable")
            done = await self._desk.router.ask("POST", path, Turned, {})
            said = _("{name} is on.", name=self._name) if on else _("{name} is off; its key is kept.", name=self._name)
            complain(done.fault) if done.fault else say(said)
            return not done.fault
        return False

    async def replace(self, preset: str) -> None:
        """Another key."""
        presets = await self._presets()
        offer = next((each for each in presets.presets if each.preset == preset and preset), None)
        await replace_key(self._desk, self._name, offer, presets.keys_in)

    async def preset(self) -> str:
        """The preset it is made from."""
        return str((await self._one()).settings.get("preset", ""))

    async def remove(self) -> bool:
        """Out of the settings; whether it is gone."""
        leads = (await self._one()).leads
        what = _(
            "It goes out of the settings, and its key out of where it is kept. The settings' history keeps the rest."
        )
        if leads:
            what += "\n\n" + _("These lead to its models, and will lead nowhere: {leads}.", leads=", ".join(leads))
        if not await sure(_("Remove {name}?", name=self._name), what, _("Remove")):
            return False
        path = at("providers", self._name)
        done = await self._desk.router.ask("DELETE", path, ProviderRemoved, {}, query={"confirm": "true"})
        if done.key_fault or done.fault:
            complain(_("{name} is gone, but: {why}", name=self._name, why=done.key_fault or done.fault))
        else:
            say(_("{name} is gone.", name=self._name))
        return True

    async def _one(self) -> OneProvider:
        return await self._desk.router.get(at("providers", self._name), OneProvider)


class Toggle:
    """Whether it is on. A change that somebody else has made changes it without asking."""

    def __init__(self, actions: Actions, name: str) -> None:
        self._actions, self._on = actions, True
        self._switch = ui.switch(value=True, on_change=self._turned)
        self._switch.props["aria-label"] = _("Use {name}", name=name)

    def set(self, on: bool) -> None:
        """So it is."""
        self._on = on
        self._switch.set_value(on)

    async def _turned(self) -> None:
        on = bool(self._switch.value)
        if on == self._on:
            return
        before, self._on = self._on, on
        if not await self._actions.turn(self._switch, on):
            self.set(before)


class ProviderCard:
    """One of the overview."""

    def __init__(self, desk: Desk, row: Provided, presets: PresetsOf) -> None:
        self._name = row.name
        actions = Actions(desk, row.name, presets)
        with _card(row.name) as self.place:
            with ui.element("div").classes("cl-card-head"):
                ui.label(sign_of(row)).classes("cl-sign").props('aria-hidden="true"')
                with ui.element("div").classes("lb-grow"):
                    ui.link(row.name, page_of(row.name)).classes("cl-name")
                    self._title = ui.label().classes("lb-muted lb-small cl-cut")
                self._toggle = Toggle(actions, row.name)
            with ui.element("div").classes("lb-row"):
                self._badge = Badge("")
                self._models = ui.link("", page_of(row.name)).classes("lb-small")
            with ui.element("div").classes("cl-facts lb-small lb-muted"):
                self._address = ui.label().classes("cl-cut")
                self._key = ui.label()
            self._trouble = TroubleLine()
            ui.space()
            with ui.element("div").classes("cl-actions"):
                buttons(actions, row.name)
        self.show(row)

    def show(self, row: Provided) -> None:
        """How it stands now."""
        self._title.set_text(title_of(row))
        self._badge.set(*state_of(row))
        self._toggle.set(row.enabled)
        self._models.set_text(models_words(row))
        self._address.set_text(row.address)
        self._key.set_text(key_words(row))
        self._trouble.show(row)
        self.place.classes(add="" if row.enabled else "cl-off", remove="cl-off" if row.enabled else "")


class TroubleLine:
    """What is wrong with it, and what to do about that."""

    def __init__(self) -> None:
        with ui.element("div").classes("cl-trouble") as self._place:
            self._words = ui.label().classes("lb-wrap")
            self._remedy = ui.label().classes("lb-wrap lb-small")

    def show(self, row: Provided) -> None:
        """As it is now."""
        trouble = trouble_of(row)
        self._place.set_visibility(trouble is not None)
        if trouble is not None:
            self._words.set_text(trouble.words)
            self._remedy.set_text(trouble.remedy)
            self._remedy.set_visibility(bool(trouble.remedy))
            self._place.classes(replace="cl-trouble cl-over" if trouble.over else "cl-trouble")


def buttons(actions: Actions, name: str, gone: Callable[[], None] = lambda: None) -> None:
    """Test, another key, remove."""

    async def key() -> None:
        async with busy(other):
            preset = await actions.preset()
        await actions.replace(preset)

    async def remove() -> None:
        async with busy(removed):
            if await actions.remove():
                gone()

    _button(_("Test"), _("Test {name}", name=name), "network_check", actions.test).props("outline")
    other = _button(_("Replace key"), _("Replace key of {name}", name=name), "key", key).props("flat")
    removed = _button("", _("Remove {name}", name=name), "delete_outline", remove).props("flat round")
    removed.classes("lb-end cl-remove")


def _button(words: str, label: str, icon: str, do: Callable[[], Awaitable[None]]) -> ui.button:
    button = ui.button(words, icon=icon, on_click=do).props("dense no-caps").classes("cl-button" if words else "")
    button.props["aria-label"] = label
    return button


def page_of(name: str) -> str:
    """Where its own page is."""
    return f"/cloud/{quote(name, safe='')}"


def _card(name: str) -> ui.element:
    place = ui.element("section").classes("lb-card cl-card")
    place.props["aria-label"] = name
    return place
