"""Access keys: a table of them, and everything that is done to one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from ...manage.keys import KeyInfo
from ...server.admin_keys import KEYS, KeyMade, KeyRemoved, Keys, KeysSeen
from ...server.shapes.openai_chat import Models
from ..desk import Desk
from ..parts.again import Again
from ..parts.asking import sure
from ..parts.cards import Badge, heading
from ..parts.faults import complain, empty, fault_card, loading, say
from ..router import RouterFault, at
from ..words import N_, _
from . import api_key_words as words
from .api_key_form import KeyForm, show_once

REST = 1.0
"""Seconds between two looks at the keys."""
COLUMNS = (N_("Name"), N_("State"), N_("Models"), N_("Limits"), N_("Spent"), N_("Last used"))


class KeysCard:
    """All keys. `anthropic` gives the base URL for Claude Code; `act` does with one what a menu says."""

    def __init__(self, desk: Desk, anthropic: Callable[[], str]) -> None:
        self._desk, self._anthropic = desk, anthropic
        self._rows: dict[str, _Row] = {}
        with ui.element("section").classes("lb-card").props('id="keys"'):
            with ui.element("div").classes("lb-api-top"):
                heading(_("Access keys"), _("For people and programs: what each may use, how fast, and for how much."))
                ui.button(_("New key"), icon="add", on_click=self.make).props("unelevated no-caps").classes("lb-nowrap")
            self._state = ui.element("div")
            with self._state:
                loading(3)
            self._build()
            self._again = Again(self._look, REST)
            desk.live.follow("keys", KeysSeen, lambda _seen: self._again.ask())

    def _build(self) -> None:
        with ui.element("div").classes("lb-table lb-keys").props('tabindex="0" role="region"') as self._place:
            self._place.props(f'aria-label="{_("Access keys")}"')
            with ui.element("table"):
                with ui.element("thead"), ui.element("tr"):
                    for title in (*COLUMNS, N_("Actions")):
                        with ui.element("th").props('scope="col"'):
                            ui.label(_(title)).classes("lb-hidden" if title == "Actions" else "")
                self._body = ui.element("tbody")
        self._place.set_visibility(False)

    async def _look(self) -> None:
        try:
            found = (await self._desk.router.get(KEYS, Keys)).keys
        except RouterFault as fault:
            self._state.clear()
            with self._state:
                fault_card(fault.message, retry=self._again.ask)
            return
        self._state.clear()
        if not found:
            with self._state:
                empty(
                    "key",
                    _("No access keys yet"),
                    _("Programs of this machine need none. With the first key, every request needs one."),
                )
        self._place.set_visibility(bool(found))
        self._show(found)

    def _show(self, found: list[KeyInfo]) -> None:
        ids = {key.id for key in found}
        for id in self._rows.keys() - ids:
            self._rows.pop(id).line.delete()
        for key in found:
            if key.id not in self._rows:
                with self._body:
                    self._rows[key.id] = _Row(key, self._act)
            self._rows[key.id].show(key)

    async def make(self) -> bool:
        """Ask for a new key, and show it; whether there is one."""
        made = await KeyForm(self._desk, await self._models()).open()
        if not isinstance(made, KeyMade):
            return False
        self._again.ask()
        await show_once(made, self._anthropic())
        return True

    async def _models(self) -> list[str]:
        try:
            return [model.id for model in (await self._desk.router.get("/v1/models", Models)).data]
        except RouterFault:
            return []

    async def _act(self, what: str, key: KeyInfo) -> None:
        try:
            match what:
                case "change":
                    if await KeyForm(self._desk, await self._models(), key).open() is not None:
                        say(_("Saved"))
                case "rotate":
                    await self._rotate(key)
                case "revoke":
                    await self._revoke(key)
                case _:
                    await self._delete(key)
        except RouterFault as fault:
            complain(fault.message)
        self._again.ask()

    async def _rotate(self, key: KeyInfo) -> None:
        if await sure(
            _("A new secret for '{name}'?", name=key.name),
            _("Whoever uses the one before is refused at once. What the key may do and has spent stays."),
            _("Make a new secret"),
        ):
            made = await self._desk.router.ask("POST", at("keys", key.id, "rotate"), KeyMade)
            await show_once(made, self._anthropic())

    async def _revoke(self, key: KeyInfo) -> None:
        if await sure(
            _("Revoke '{name}'?", name=key.name),
            _("Whoever uses it is refused from now on, for good. It cannot be taken back; make a new key then."),
            _("Revoke"),
        ):
            await self._desk.router.ask("POST", at("keys", key.id, "revoke"), KeyInfo)
            say(_("'{name}' is revoked", name=key.name))

    async def _delete(self, key: KeyInfo) -> None:
        last = _(" It is the last one: programs of this machine need no key then.") if len(self._rows) == 1 else ""
        if await sure(
            _("Delete '{name}'?", name=key.name),
            _("It has ended already. The ledger keeps what was done with it.") + last,
            _("Delete"),
        ):
            await self._desk.router.ask("DELETE", at("keys", key.id), KeyRemoved)
            say(_("'{name}' is deleted", name=key.name))


class _Row:
    """One key, changed in place."""

    def __init__(self, key: KeyInfo, act: Callable[[str, KeyInfo], Awaitable[None]]) -> None:
        self._key, self._act = key, act
        with ui.element("tr").props(f'data-key-id="{key.id}"') as self.line:
            with _cell(COLUMNS[0]):
                self._name = ui.label().classes("lb-strong lb-wrap")
                ui.label(key.id).classes("lb-muted lb-mono")
            with _cell(COLUMNS[1]):
                self._badge = Badge("", "calm")
            self._models, self._limits = _text(COLUMNS[2]), _text(COLUMNS[3])
            with _cell(COLUMNS[4]):
                self._spent = ui.label().classes("lb-wrap")
                with ui.element("div").classes("lb-meter-track") as self._track:
                    self._bar = ui.element("div").classes("lb-meter-bar")
            self._used = _text(COLUMNS[5])
            with _cell("").classes("lb-key-actions"):
                self._menu_button()

    def _menu_button(self) -> None:
        with ui.button(icon="more_vert").props("flat round dense") as self._button, ui.menu().props("role=menu"):
            self._items = {
                name: ui.menu_item(title, partial(self._chosen, name)).props("role=menuitem")
                for name, title in (
                    ("change", _("Change...")),
                    ("rotate", _("New secret...")),
                    ("revoke", _("Revoke...")),
                    ("delete", _("Delete...")),
                )
            }

    async def _chosen(self, what: str) -> None:
        await self._act(what, self._key)

    def show(self, key: KeyInfo) -> None:
        """What is known of it now."""
        self._key = key
        self._button.props["aria-label"] = _("What to do with the key {name}", name=key.name)
        for label, text in (
            (self._name, key.name),
            (self._models, words.models(key)),
            (self._limits, words.limits(key)),
            (self._spent, words.spent(key)),
            (self._used, words.used(key)),
        ):
            label.set_text(text)
        self._badge.set(*words.state(key))
        share = words.share(key)
        self._track.set_visibility(share is not None)
        if share is not None:
            kind = "bad" if share > 0.95 else "warn" if share > 0.8 else "good"
            self._bar.style(f"width: {min(share, 1):.1%}").classes(replace=f"lb-meter-bar lb-fill-{kind}")
        for name, item in self._items.items():
            ended = name == "delete"
            item.set_visibility((key.state != "active") == ended or (name == "change" and key.state == "expired"))


def _cell(title: str) -> ui.element:
    return ui.element("td").props(f'data-title="{_(title)}"' if title else "")


def _text(title: str) -> ui.label:
    with _cell(title):
        return ui.label().classes("lb-wrap")
