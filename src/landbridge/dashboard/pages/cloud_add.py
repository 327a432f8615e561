"""Another provider: what kind, where, with which key; tried, and kept if it works."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from ...manage.provider_presets import Blank, Offer
from ...server.admin_provider_change import Kept
from ...server.admin_providers import PROVIDERS, Presets
from ..desk import Desk
from ..parts.asking import answer_of
from ..parts.cards import heading
from ..parts.faults import busy, fault_card, say, warning
from ..router import RouterFault
from ..words import _, n_
from .cloud_gallery import Gallery
from .cloud_key import PATIENCE, KeyFields
from .cloud_steps import StepList
from .cloud_words import DIALECTS, advice, free_name, names_in


async def add_provider(desk: Desk, presets: Presets, taken: Sequence[str]) -> str:
    """Ask for a provider; the name of the one that is there now, or nothing."""
    with ui.dialog().props("no-backdrop-dismiss") as dialog, ui.card().classes("lb-dialog cl-dialog cl-add"):
        room = ui.element("div").classes("cl-room")
    dialog.props["aria-label"] = _("Add a provider")

    def choose() -> None:
        room.clear()
        with room:
            with ui.element("div").classes("cl-dialog-head"):
                heading(_("Add a provider"))
                close = ui.button(icon="close", on_click=lambda: dialog.submit("")).props("flat round dense")
                close.props(f'aria-label="{_("Close")}"')
            Gallery(presets.presets, fill)

    def fill(offer: Offer) -> None:
        room.clear()
        with room:
            _Form(desk, presets, offer, taken, choose, dialog.submit)

    choose()
    return str(await answer_of(dialog) or "")


class _Form:
    """Of one kind."""

    def __init__(
        self, desk: Desk, presets: Presets, offer: Offer, taken: Sequence[str], back: Any, submit: Any
    ) -> None:
        self._desk, self._offer, self._submit = desk, offer, submit
        with ui.element("div").classes("cl-dialog-head"):
            ui.button(icon="arrow_back", on_click=back).props(f'flat round dense aria-label="{_("Other kinds")}"')
            heading(offer.title, DIALECTS.get(offer.dialect, offer.dialect) if offer.preset else "")
        if offer.note:
            warning(offer.note)
        self._name = _field(_("Name"), value=free_name(offer.preset, taken))
        self._name.props["hint"] = _("Its models will be called NAME/model.")
        shown = offer.group != "cloud" or not offer.base_url
        self._url: ui.input | None = self._address() if shown else None
        self._places = {blank.name: _place(blank) for blank in offer.place}
        self._key = KeyFields(offer.auth, presets.keys_in, offer.keys_at, _key_hint(offer))
        if not offer.lists:
            self._models = _field(_("Its models, with spaces between; empty: any name is taken"))
        with ui.expansion(_("More")).classes("cl-more"), ui.element("div").classes("cl-form"):
            self._key.variable(offer.variables[0] if offer.variables else "")
            self._url = self._url or self._address()
            if offer.lists:
                self._models = _field(_("Its models, with spaces between; empty: it is asked"))
        self._steps = StepList(desk)
        self._fault = ui.element("div").classes("cl-fault").props('aria-live="polite"')
        with ui.element("div").classes("lb-dialog-buttons"):
            ui.button(_("Cancel"), on_click=lambda: submit("")).props("flat no-caps")
            self._anyway = ui.button(_("Keep it all the same"), on_click=lambda: self._go("always"))
            self._anyway.props("flat no-caps").set_visibility(False)
            self._test = ui.button(_("Test"), on_click=lambda: self._go("never")).props("outline no-caps")
            self._add = ui.button(_("Add"), on_click=lambda: self._go("good")).props("unelevated no-caps")

    def _address(self) -> ui.input:
        offer = self._offer
        field = _field(_("Address"), value=offer.base_url if offer.group == "local" else "")
        field.props["placeholder"] = offer.example or offer.base_url
        return field.props("inputmode=url")

    async def _said(self) -> dict[str, Any]:
        url = ((self._url.value if self._url is not None else "") or "").strip()
        return {
            "name": (self._name.value or "").strip(),
            "preset": self._offer.preset,
            "dialect": "" if self._offer.preset else self._offer.dialect,
            "base_url": "" if url == self._offer.base_url else url,
            "place": {name: text for name, field in self._places.items() if (text := (field.value or "").strip())},
            "models": names_in(self._models.value or ""),
            **await self._key.said(),
        }

    async def _go(self, save: str) -> None:
        """Try it, and keep it if that is wished."""
        self._fault.clear()
        async with busy(self._test, self._add, self._anyway):
            body = {**await self._said(), "save": save, "trial": self._steps.begin(), "how": "the dashboard"}
            try:
                done = await self._desk.router.ask("POST", PROVIDERS, Kept, body, seconds=PATIENCE)
            except RouterFault as fault:
                self._steps.stop()
                with self._fault:
                    fault_card(fault.message)
                return
            self._steps.end(done.steps)
            self._show(done, tried=save == "never")

    def _show(self, done: Kept, *, tried: bool) -> None:
        many = n_("{n} model", "{n} models", len(done.checkup.models))
        if done.saved:
            self._key.forget()
            name = done.checkup.provider
            works = _("{name} works: {many}.", name=name, many=many)
            say(works if done.checkup.ok else _("{name} is kept.", name=name))
            self._submit(name)
        elif done.checkup.ok and tried:
            say(_("It works: {many}. Add keeps it.", many=many))
        else:
            with self._fault:
                fault_card(advice(done.checkup))
            self._anyway.set_visibility(True)


def _key_hint(offer: Offer) -> str:
    names = _(" and ").join(offer.variables)
    if offer.variables_set:
        return _("{names} is set where the router runs: leave this empty to use it.", names=names)
    if offer.auth == "none" or not (offer.variables or offer.needs_key):
        return _("Leave this empty where none is needed.")
    return ""


def _field(label: str, value: str = "") -> ui.input:
    return ui.input(label, value=value).props('outlined dense autocomplete="off" spellcheck=false')


def _place(blank: Blank) -> ui.input:
    field = ui.input(blank.name.capitalize(), autocomplete=blank.others or None)
    field.props["placeholder"] = blank.default or blank.example
    if blank.default:
        field.props["hint"] = _("Empty: {default}", default=blank.default)
    return field.props("outlined dense stack-label spellcheck=false")
