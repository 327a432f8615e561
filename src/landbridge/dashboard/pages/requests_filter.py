"""Which exchanges the list shows: as the page's address says it, as the router is asked, and as what comes live is
looked at.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from msgspec import Struct
from msgspec.structs import asdict, replace
from nicegui import ui

from ...errors import ConfigFault
from ...store.moments import moment
from ...store.report import Exchange
from ..words import N_, _

TEXTS = ("model", "provider", "client", "key", "session")
"""Fields in which a part of a name is enough."""


class Wanted(Struct, frozen=True):
    """What the reader has chosen; empty: all."""

    model: str = ""
    provider: str = ""
    client: str = ""
    key: str = ""
    session: str = ""
    agent: str = ""
    status: str = ""
    errors: bool = False
    since: str = ""
    until: str = ""

    @property
    def narrow(self) -> bool:
        """Whether anything is left out."""
        return self != Wanted()

    def query(self) -> str:
        """The part of the page's address behind the `?`; empty for all."""
        said = {name: "1" if value is True else value for name, value in asdict(self).items() if value}
        return urlencode(said)

    def asked(self, known: Collection[str] = ()) -> dict[str, str]:
        """What the router is asked with. Names that are in `known` are meant exactly."""
        found = {name: value for name, value in asdict(self).items() if value and name not in (*TEXTS, "errors")}
        found |= {name: pattern(getattr(self, name), known) for name in TEXTS if getattr(self, name)}
        return found | ({"errors": "true"} if self.errors else {})

    def fits(self, exchange: Exchange, known: Collection[str] = ()) -> bool:
        """Whether an exchange that has just ended is one of these."""
        if self.errors and not exchange.failed:
            return False
        if self.status and str(exchange.status) != self.status:
            return False
        if self.agent and exchange.agent != self.agent:
            return False
        if not (_time(self.since, float("-inf")) <= exchange.at < _time(self.until, float("inf"))):
            return False
        for name in TEXTS:
            if wanted := getattr(self, name):
                names = (exchange.model, exchange.target) if name == "model" else (getattr(exchange, name),)
                if not any(_fits(pattern(wanted, known), each) for each in names):
                    return False
        return True


def read_query(path: str) -> Wanted:
    """What the address of the page says; what nobody knows is nothing."""
    said = dict(parse_qsl(path.partition("?")[2].partition("#")[0]))
    texts = {name: value[:200] for name, value in said.items() if name in Wanted.__struct_fields__ and name != "errors"}
    if not re.fullmatch(r"[1-9][0-9]{2}", texts.get("status", "")):
        texts.pop("status", None)
    for name in ("since", "until"):
        if not is_time(texts.get(name, "")):
            texts.pop(name)
    return Wanted(**texts, errors=said.get("errors", "") in ("1", "true"))


def is_time(text: str) -> bool:
    """Whether the router takes it for a time."""
    try:
        moment(text, datetime.now().astimezone())
    except ConfigFault:
        return False
    return True


def pattern(text: str, known: Collection[str]) -> str:
    """What is asked for: the text itself where it is a name or a pattern already, else whatever contains it."""
    return text if text in known or "*" in text or "?" in text else f"*{text}*"


def _fits(pattern: str, name: str) -> bool:
    """As the ledger does it."""
    if not set(pattern) & {"*", "?"}:
        return name == pattern
    parts = {"*": ".*", "?": "."}
    return re.fullmatch("".join(parts.get(sign) or re.escape(sign) for sign in pattern), name, re.I | re.S) is not None


def _time(text: str, otherwise: float) -> float:
    found = moment(text, datetime.now().astimezone()) if text else None
    return otherwise if found is None else found


def names_of(groups: list[Mapping[str, str]]) -> dict[str, list[str]]:
    """The names there are, by what they are names of: what usage was added up by."""
    found: dict[str, dict[str, None]] = {}
    for group in groups:
        for kind, name in group.items():
            if name:
                found.setdefault(kind, {})[name] = None
    return {kind: sorted(names) for kind, names in found.items()}


# -- the fields --------------------------------------------------------------------------------------------------------

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
OFFERED = 200
"""Names of a field."""
PATIENCE = 350
"""Milliseconds after a key until it is looked."""


class Filters:
    """The fields. `changed` is called with what they say."""

    def __init__(self, wanted: Wanted, changed: Callable[[Wanted], Awaitable[None]]) -> None:
        self._wanted, self._changed = wanted, changed
        self._fields: dict[str, ui.input] = {}
        self._quiet = False
        self._place: ui.element | None = None
        self._errors = ui.switch(_("Errors only"), value=wanted.errors, on_change=self._take_up).props("dense")
        self._open = ui.button(_("Filter"), icon="filter_alt", on_click=self._unfold).props("outline dense no-caps")
        self._open.props('padding="4px 12px" aria-expanded="false"').classes("rq-unfold")
        self._clear = ui.button(_("Show all"), icon="filter_alt_off", on_click=self.clear).props("flat dense no-caps")
        self._clear.set_visibility(wanted.narrow)

    def fields(self) -> None:
        """Where the names and times are entered: always to be seen where there is room, else folded."""
        with ui.element("div").classes("rq-filters").props('role="search"') as self._place:
            self._place.props["aria-label"] = _("Filters")
            for name, label in FIELDS:
                self._text(name, _(label))
            self._text("status", _("Status"), 'inputmode="numeric" maxlength="3"')
            self._time()

    def _unfold(self) -> None:
        assert self._place is not None, "fields have been made"
        self._place.classes(toggle="rq-open")
        self._open.props(f'aria-expanded="{str("rq-open" in self._place.classes).lower()}"')

    def _text(self, name: str, label: str, more: str = "") -> None:
        field = ui.input(label, value=getattr(self._wanted, name), on_change=self._take_up, autocomplete=[])
        self._fields[name] = field.props(f'outlined dense clearable debounce="{PATIENCE}" {more}')

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
            if kind in self._fields:
                self._fields[kind].set_autocomplete([*found[:OFFERED]])

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
