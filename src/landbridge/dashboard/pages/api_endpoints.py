"""Base URLs, and commands that really work: with the ports and a model that are there."""

from __future__ import annotations

from nicegui import ui

from ...server.admin_listeners import ListenersTold
from ...server.shapes.openai_chat import Models
from ..desk import Desk
from ..parts.again import Again
from ..parts.asking import copyable
from ..parts.cards import heading
from ..router import Json
from ..words import _
from .api_examples import EXAMPLES, FACES, VARIABLE, Example, command
from .api_listeners import copy_button_of

REST = 2.0
"""Seconds between two looks at the models."""


class EndpointsCard:
    """All base URLs, and one command at a time."""

    def __init__(self, desk: Desk, first: ListenersTold) -> None:
        self._desk, self._now = desk, first
        self._urls: dict[str, tuple[ui.label, ui.button]] = {}
        with ui.element("section").classes("lb-card"):
            heading(_("Endpoints"), _("Every model answers at each of them; the Connect page sets up clients."))
            with ui.element("div").classes("lb-faces"):
                for face in FACES:
                    with ui.element("div").classes("lb-heading"):
                        ui.label(_(face.title)).classes("lb-strong")
                        ui.label(_(face.what)).classes("lb-muted lb-small")
                    with ui.element("div").classes("lb-copy").props(f'data-face="{face.name}"'):
                        label = ui.label().classes("lb-code").props('tabindex="0"')
                        button = copy_button_of(label, _("Copy the base URL of: {title}", title=_(face.title)))
                        self._urls[face.name] = label, button
            self._try()
        self.show(first)
        models = Again(self._look, REST)
        models.ask()
        for topic in ("library", "providers"):
            desk.live.follow(topic, Json, lambda _state: models.ask())

    def _try(self) -> None:
        ui.label(_("Try it in a terminal")).classes("lb-title").props('role="heading" aria-level="3"')
        with ui.element("div").classes("lb-row lb-try"):
            titles = {example.name: _(example.title) for example in EXAMPLES}
            self._which = ui.select(titles, value=EXAMPLES[0].name, label=_("API"), on_change=self._write)
            self._model = ui.select([], label=_("Model"), with_input=True, on_change=self._write)
            for field in (self._which, self._model):
                field.props("outlined dense options-dense").classes("lb-field")
        self._none = ui.label(_("There is no model yet: get one on the Models page, or add a provider.")).classes(
            "lb-muted"
        )
        with ui.element("div").classes("lb-key-hint") as self._key:
            ui.label(_("A key is needed. Put yours into a variable first:")).classes("lb-muted lb-small")
            copyable(f"export {VARIABLE}=lb-...", _("Copy the line that sets the variable"))
        with ui.element("div").classes("lb-copy lb-command") as self._box:
            self._command = ui.label().classes("lb-code").props('tabindex="0" data-command')
            copy_button_of(self._command, _("Copy the command"))
        self._off = ui.label().classes("lb-muted")

    def show(self, now: ListenersTold) -> None:
        """Where the listeners are now."""
        self._now = now
        urls = {info.name: info.url for info in now.listeners}
        for face in FACES:
            url = urls.get(face.listener, "")
            off = _("The TCP Server is off") if face.listener == "router" else _("The OpenAI endpoint is off")
            label, button = self._urls[face.name]
            label.set_text(url + face.ending if url else off)
            label.classes(add="" if url else "lb-off", remove="lb-off" if url else "")
            button.set_visibility(bool(url))
        self._write()

    async def _look(self) -> None:
        """Which models there are now."""
        models = await self._desk.router.get("/v1/models", Models)
        names = [model.id for model in models.data]
        if names == list(self._model.options):
            return
        value = self._model.value if self._model.value in names else (names[0] if names else None)
        self._model.set_options(names, value=value)
        self._write()

    def _write(self) -> None:
        """The command for what is chosen."""
        example = next(each for each in EXAMPLES if each.name == self._which.value)
        place = self._open_place(example)
        model = self._model.value or ""
        needs_model = example.name != "models"
        shown = place is not None and (bool(model) or not needs_model)
        self._none.set_visibility(needs_model and not model)
        self._box.set_visibility(shown)
        self._key.set_visibility(shown and place is not None and place[1])
        self._off.set_visibility(place is None)
        self._off.set_text(_("The listener that serves this is off."))
        if shown and place is not None:
            self._command.set_text(command(example, place[0], model, keyed=place[1]))

    def _open_place(self, example: Example) -> tuple[str, bool] | None:
        """URL of the first open listener that serves it, and whether a key is needed there."""
        infos = {info.name: info for info in self._now.listeners}
        found = (infos[name] for name in example.listeners if name in infos and infos[name].url)
        return next(((info.url, info.needs_key) for info in found), None)
