"""What all cards of the Connect page follow: which model, which shell, and where the router is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from nicegui import background_tasks, ui

from ...access.hosts import host_of, is_loopback
from ...agents.claude_code import TIERS
from ...agents.shells import SHELLS, Shell
from ...manage.connecting import Recipe
from ...server.admin_clients import Clients
from ...server.settings import InForce
from ..desk import Desk
from ..parts.cards import card
from ..parts.faults import busy
from ..router import RouterFault, at
from ..words import _

KEPT = "landbridge-shell"
"""Where the browser keeps the shell that was chosen."""

LOADING_SECONDS = 600.0


class _Model(Struct):
    id: str


class _Models(Struct):
    data: list[_Model] = []


class Choice:
    """The choice, and who follows it."""

    def __init__(self, told: Clients) -> None:
        self.model, self.default = told.default_model, told.default_model
        self.shell: Shell = told.shell
        self.keyed, self.base_url, self.key = told.keyed, "", ""
        self.names: list[str] = []
        """Of models, as far as they are known."""
        self.tiers: dict[str, Any] = {}
        """What Claude's tiers lead to, where the settings say so."""
        self._followers: list[Callable[[], None]] = []
        self._listeners: list[Callable[[], None]] = []
        self._tellers: list[Callable[[str], None]] = []

    def follow(self, changed: Callable[[], None]) -> None:
        """Call `changed` when cards have to say something else."""
        self._followers.append(changed)

    def learn(self, known: Callable[[], None]) -> None:
        """Call `known` when names or tiers have become known."""
        self._listeners.append(known)

    def changed(self) -> None:
        """Tell the cards."""
        for follower in self._followers:
            follower()

    def known(self, names: list[str], tiers: dict[str, Any]) -> None:
        """There are these models, and the tiers lead there."""
        if (names, tiers) != (self.names, self.tiers):
            self.names, self.tiers = names, tiers
            for listener in self._listeners:
                listener()

    def moved(self, told: Clients, base_url: str) -> None:
        """The router may be elsewhere, or let others in; what models can do may have changed."""
        if self.model == self.default:
            self.model = told.default_model
        self.keyed, self.base_url, self.default = told.keyed, base_url, told.default_model
        self.changed()

    def unloaded(self, model: str) -> None:
        """This local model is not in memory, so nobody knows what it holds; empty: the one chosen is known."""
        for teller in self._tellers:
            teller(model)

    def tell(self, teller: Callable[[str], None]) -> None:
        """Call `teller` with the name of a model that is not loaded."""
        self._tellers.append(teller)

    def query(self) -> dict[str, str | None]:
        """What a recipe is asked for with."""
        return {"model": self.model, "shell": self.shell, "base_url": self.base_url}


def away(host: str, router: str) -> tuple[str, bool]:
    """Where a reader who has opened the dashboard as `host` reaches the router at `router`, and whether nowhere."""
    name, parts = host_of(host), urlsplit(router)
    if not name or is_loopback(name) or not parts.hostname:
        return "", False
    if is_loopback(parts.hostname) and parts.hostname != "127.0.0.1":
        return "", True
    shown = f"[{name}]" if ":" in name else name
    return f"http://{shown}:{parts.port}", False


class Choices:
    """The card with the choice."""

    def __init__(self, desk: Desk, choice: Choice) -> None:
        self._desk, self._choice = desk, choice
        with card().classes("lb-choices"):
            with ui.element("div").classes("lb-choose"):
                self._model = ui.select(
                    {choice.model: choice.model}, value=choice.model, label=_("Model"), with_input=True,
                    new_value_mode="add-unique", on_change=self._chosen,
                ).props("outlined dense")  # fmt: skip
                self._model.classes("lb-choose-model")
                with ui.element("div").classes("lb-shells").props(f'role="group" aria-label="{_("Shell")}"'):
                    ui.label(_("Shell")).classes("lb-muted")
                    self._shell = ui.toggle(dict(SHELLS), value=choice.shell, on_change=self._typed).props(
                        "no-caps unelevated dense padding='4px 12px' toggle-color=primary"
                    )
            with ui.element("div").classes("lb-unloaded").props('role="status"') as self._unloaded:
                self._words = ui.label().classes("lb-wrap lb-grow")
                self._load_button = ui.button(_("Load it"), on_click=self._load).props("flat dense no-caps")
            self._unloaded.set_visibility(False)
            with ui.element("div").classes("lb-keyed") as self._keyed:
                ui.label(
                    _(
                        "Clients need a key. 'landbridge launch' puts one in by itself; in copied lines, put yours "
                        "where YOUR-KEY stands. Keys are made on the API page, and shown once there."
                    )
                ).classes("lb-grow")
                ui.input(
                    _("Your key, for the test only"), password=True, on_change=lambda event: self._given(event.value)
                ).props('outlined dense autocomplete="off"')
        choice.learn(self._offer)
        choice.tell(self._not_loaded)
        background_tasks.create(self._read(), name="names of models")
        ui.timer(0, self._recall, once=True)

    def show(self, told: Clients) -> None:
        """The router lets others in, or not."""
        self._keyed.set_visibility(told.keyed)
        background_tasks.create(self._read(), name="names of models")

    async def _read(self) -> None:
        try:
            with self._model:
                found = await self._desk.router.get("/v1/models", _Models)
                settings = (await self._desk.router.get("/api/v1/settings", InForce)).settings
        except RouterFault:
            return
        tiers = {each.key.removeprefix("tiers."): each.value for each in settings if each.key.startswith("tiers.")}
        with self._model:
            self._choice.known([model.id for model in found.data], {name: to for name, to in tiers.items() if to})

    def _offer(self) -> None:
        choice = self._choice
        options = {name: name for name in dict.fromkeys([choice.model, *choice.names])}
        if choice.tiers:
            options |= {tier: _("{tier}: by Claude's tiers", tier=tier) for tier in TIERS}
        self._model.set_options(options, value=choice.model)

    def _chosen(self) -> None:
        if self._model.value and self._model.value != self._choice.model:
            self._choice.model = self._model.value
            self._choice.changed()

    def _typed(self) -> None:
        if self._shell.value != self._choice.shell:
            self._choice.shell = self._shell.value
            ui.run_javascript(f"localStorage.setItem('{KEPT}', '{self._shell.value}')")
            self._choice.changed()

    def _not_loaded(self, model: str) -> None:
        if model:
            self._words.set_text(
                _(
                    "{model} is not loaded, so nobody knows yet how much it holds. 'landbridge launch' looks by "
                    "itself; for copied lines, load it first.",
                    model=model,
                )
            )
        self._unloaded.set_visibility(bool(model))

    async def _load(self) -> None:
        async with busy(self._load_button):
            query = {**self._choice.query(), "load": "true"}
            await self._desk.router.get(at("clients", "claude"), Recipe, LOADING_SECONDS, **query)
            self._choice.changed()

    def _given(self, key: str) -> None:
        self._choice.key = key.strip()

    async def _recall(self) -> None:
        """The shell that was chosen in this browser before; on Windows PowerShell, else the router's own."""
        look = f"localStorage.getItem('{KEPT}') || (navigator.userAgent.includes('Windows') ? 'powershell' : '')"
        said = await ui.run_javascript(look, timeout=5)
        if said in SHELLS:
            self._shell.set_value(said)
