"""Which models are asked, and how: one or two, a system prompt, temperature, length and thinking."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from nicegui import ui

from ...store.conversation import Parameters
from ..dialogue import MOST_TOKENS
from ..words import _


class About(Struct, frozen=True):
    """What landbridge says of a model."""

    local: bool = False
    target: str = ""


class Model(Struct):
    """One that can be asked."""

    id: str
    max_input_tokens: int | None = None
    max_tokens: int | None = None
    landbridge: About = About()


class Models(Struct):
    """All of them, in the form of Anthropic's API: it has their limits, and leaves out those that do not chat."""

    data: list[Model]


PATH = "/anthropic/v1/models"


def most_tokens(models: Sequence[Model], name: str) -> int:
    """How long an answer of this model may be, where nobody says: never most of a small window."""
    found = next((model for model in models if model.id == name), None)
    if found is None:
        return MOST_TOKENS
    window = found.max_input_tokens or 0
    limits = [MOST_TOKENS, found.max_tokens or MOST_TOKENS, window // 2 if window else MOST_TOKENS]
    return max(min(limits), 1)


class Choice:
    """One or two models, and the parameters. `changed` is called with every change."""

    def __init__(self, models: Sequence[Model], changed: Callable[[], None]) -> None:
        self.models, self._changed = models, changed
        self.parameters = Parameters()
        self._quiet = False
        options = {model.id: _title(model) for model in models}
        with ui.element("div").classes("lb-choice"):
            self._first = self._select(options, _("Model"))
            self._second = self._select(options, _("Model beside it")).classes("lb-choice-second")
            self._compare = ui.button(icon="vertical_split", on_click=self._toggle).props("flat round dense")
            self._tune = ui.button(icon="tune", on_click=self._open_parameters).props(
                f'flat round dense aria-label="{_("Parameters")}"'
            )
        self._two = False
        self._show()

    @property
    def chosen(self) -> list[str]:
        """The models to ask."""
        found = [self._first.value, self._second.value if self._two else None]
        return [str(name) for name in found if name]

    def take(self, models: Sequence[str], parameters: Parameters) -> None:
        """Show those of a conversation; a model that is no longer there is left out."""
        known = [name for name in models if any(name == model.id for model in self.models)]
        self.parameters = parameters
        self._quiet = True
        try:
            if known:
                self._first.set_value(known[0])
            elif not self._first.value and self.models:
                local = next((model for model in self.models if model.landbridge.local), self.models[0])
                self._first.set_value(local.id)
            self._two = len(known) > 1
            if self._two:
                self._second.set_value(known[1])
        finally:
            self._quiet = False
        self._show()

    def _select(self, options: dict[str, str], label: str) -> ui.select:
        return (
            ui.select(options, label=label, with_input=True, on_change=self._tell)
            .props("dense outlined options-dense hide-selected fill-input behavior=menu")
            .classes("lb-choice-model")
        )

    def _tell(self) -> None:
        if not self._quiet:
            self._changed()

    def _toggle(self) -> None:
        self._two = not self._two
        if self._two and not self._second.value:
            others = [model.id for model in self.models if model.id != self._first.value]
            self._quiet = True
            self._second.set_value(others[0] if others else self._first.value)
            self._quiet = False
        self._show()
        self._tell()

    def _show(self) -> None:
        self._second.set_visibility(self._two)
        label = _("Ask one model only") if self._two else _("Ask a second model beside it")
        self._compare.props(f'aria-label="{label}" aria-pressed={"true" if self._two else "false"}')
        self._compare.classes(replace="lb-on" if self._two else "")
        self._tune.classes(replace="lb-on" if self.parameters != Parameters() else "")

    # -- parameters ----------------------------------------------------------------------------------------------------

    def _open_parameters(self) -> None:
        given = self.parameters
        with (
            ui.dialog().props(f'aria-label="{_("Parameters")}"') as dialog,
            ui.card().classes("lb-dialog lb-parameters"),
        ):
            dialog.on("hide", dialog.delete)
            ui.label(_("Parameters")).classes("lb-title").props('role="heading" aria-level="2"')
            ui.label(_("Of this conversation. What is left empty is left to the model.")).classes("lb-muted")
            system = ui.textarea(_("System prompt"), value=given.system).props("outlined dense autogrow autofocus")
            temperature = ui.number(_("Temperature"), value=given.temperature, min=0, max=2, step=0.1, format="%.2g")
            most = ui.number(_("Most tokens of an answer"), value=given.max_tokens, min=1, max=1_000_000, step=1)
            thinking = ui.select(
                {"": _("As the model does"), "off": _("Off"), "low": _("Short"), "medium": _("Medium"),
                 "high": _("Long")},
                label=_("Thinking"), value=given.thinking,
            )  # fmt: skip
            for field in (temperature, most):
                field.props("outlined dense clearable")
            thinking.props("outlined dense options-dense")

            def use() -> None:
                if not (temperature.validate() and most.validate()):
                    return
                self.parameters = Parameters(
                    system=str(system.value or ""),
                    temperature=None if temperature.value is None else float(temperature.value),
                    max_tokens=None if most.value is None else int(most.value),
                    thinking=str(thinking.value or ""),
                )
                self._show()
                self._tell()
                dialog.close()

            with ui.element("div").classes("lb-dialog-buttons"):
                ui.button(_("Cancel"), on_click=dialog.close).props("flat no-caps")
                ui.button(_("Use"), on_click=use).props("unelevated no-caps")
        dialog.open()


def _title(model: Model) -> str:
    return f"{model.id} · {_('local')}" if model.landbridge.local else model.id
