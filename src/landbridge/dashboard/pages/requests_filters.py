"""The fields above the list that say which exchanges it shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace
from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from ..words import N_, _
from .requests_filter import Wanted, is_time

FIELDS = (
    ("model", N_("Model")),
    ("provider", N_("Provider")),
    ("client", N_("Client")),
    ("key", N_("Access key")),
    ("session", N_("Conversation")),
)
TIMES = {
    "": N_("Any time"),
    "15m": N_("Last 15 minutes"),
    "1h": N_("Last hour"),
    "24h": N_("Last 24 hours"),
    "7d": N_("Last 7 days"),
    "30d": N_("Last 30 days"),
}
BETWEEN = "between"
PATIENCE = 350
"""Milliseconds after a key until it is looked."""


class Filters:
    """The fields. `changed` is called with what they say."""

    def __init__(self, wanted: Wanted, changed: Callable[[Wanted], Awaitable[None]]) -> None:
        self._wanted, self._changed = wanted, changed
        self._lists: dict[str, ui.element] = {}
        self._fields: dict[str, ValueElement[Any]] = {}
        self._quiet = False
        with ui.element("div").classes("rq-filters").props(f'role="search" aria-label="{_("Filters")}"'):
            for name, label in FIELDS:
                self._text(name, _(label))
            self._text("status", _("Status"), 'inputmode="numeric" maxlength="3"')
            self._time()
            self._errors = ui.switch(_("Errors only"), value=wanted.errors, on_change=self._take_up)
            self._clear = ui.button(_("Show all"), icon="filter_alt_off", on_click=self.clear).props(
                "flat dense no-caps"
            )
        self._clear.set_visibility(wanted.narrow)

    def _text(self, name: str, label: str, more: str = "") -> None:
        field = ui.input(label, value=getattr(self._wanted, name), on_change=self._take_up)
        field.props(f'outlined dense clearable debounce="{PATIENCE}" autocomplete="off" list="rq-names-{name}" {more}')
        self._lists[name] = ui.element("datalist").props(f'id="rq-names-{name}"')
        self._fields[name] = field

    def _time(self) -> None:
        since, until = self._wanted.since, self._wanted.until
        times = {value: _(label) for value, label in TIMES.items()} | {BETWEEN: _("Between two times")}
        chosen = since if since in TIMES and not until else BETWEEN
        self._when = ui.select(times, label=_("Time"), value=chosen, on_change=self._take_up).props("outlined dense")
        between = chosen == BETWEEN
        for name, label in (("since", _("From")), ("until", _("To"))):
            value = getattr(self._wanted, name) if between else ""
            field = ui.input(label, value=value, on_change=self._take_up)
            field.props(f'outlined dense type="datetime-local" stack-label debounce="{PATIENCE}"')
            field.bind_visibility_from(self._when, "value", value=BETWEEN)
            self._fields[name] = field

    def offer(self, names: Mapping[str, Sequence[str]]) -> None:
        """The names there are to choose from."""
        for kind, found in names.items():
            if (place := self._lists.get(kind)) is not None:
                place.clear()
                with place:
                    for name in found[:200]:
                        ui.element("option").props["value"] = name

    async def clear(self) -> None:
        """Everything is wanted."""
        self._quiet = True
        for field in self._fields.values():
            field.set_value("")
        self._when.set_value("")
        self._errors.set_value(False)
        self._quiet = False
        await self._take_up()

    async def _take_up(self) -> None:
        if self._quiet:
            return
        said = {name: str(field.value or "").strip() for name, field in self._fields.items()}
        if self._when.value != BETWEEN:
            said |= {"since": self._when.value or "", "until": ""}
        if len(said["status"]) not in (0, 3) or not (said["status"].isdigit() or not said["status"]):
            return  # not yet a status
        if not (is_time(said["since"]) and is_time(said["until"])):
            return
        self._wanted = replace(self._wanted, **said, errors=bool(self._errors.value))
        self._clear.set_visibility(self._wanted.narrow)
        await self._changed(self._wanted)
