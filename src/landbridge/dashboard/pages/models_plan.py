"""How a model is run here: the planner's numbers, its reasons, where the memory goes, and what else could be had."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from ...engines.choices import Choice
from ...engines.plan import Plan
from ...manage.model_facts import Explained
from ..parts import numbers
from ..parts.cards import Badge, Stat, heading
from ..words import _
from .models_bars import Stack

Use = Callable[[Choice], None]


class PlanCard:
    """The card; `set` shows another plan, and compares it with the one in force."""

    def __init__(self) -> None:
        with ui.element("section").classes("lb-card lbm-plan"):
            with ui.element("div").classes("lb-row"):
                heading(_("How it runs here"), _("What the planner makes of the settings and the free memory."))
                self._trial = Badge(_("with your changes"), "warn")
            self._trouble = ui.label().classes("lbm-fault lb-wrap").props('role="alert"')
            with ui.element("div").classes("lbm-figures") as self._figures:
                self._context, self._memory = Stat(_("Context")), Stat(_("Memory"))
                self._threads, self._token = Stat(_("Threads")), Stat(_("Cache a token"))
            self._stack = Stack(_("Memory"))
            self._why = ui.element("ul").classes("lbm-why-list")
            self._warning = ui.label().classes("lbm-warning lb-wrap").props('role="note"')

    def set(self, now: Explained, trial: Explained | None = None) -> None:
        """Show how it is run, or would be with changed settings."""
        said = trial or now
        self._show_trial(trial is not None)
        self._trouble.set_text(said.trouble)
        self._trouble.set_visibility(bool(said.trouble))
        plan = said.plan
        for element in (self._figures, self._why):
            element.set_visibility(plan is not None)
        self._warning.set_text(plan.warning if plan is not None else "")
        self._warning.set_visibility(plan is not None and bool(plan.warning))
        if plan is None:
            self._stack.set([], 0)
            return
        before = now.plan if trial is not None else None
        self._show_figures(plan, before, said.free)
        self._stack.set(_pieces(plan, said.free), max(said.free, plan.memory))
        self._why.clear()
        with self._why:
            for reason in plan.why:
                with ui.element("li"):
                    ui.label(reason)

    def _show_trial(self, there: bool) -> None:
        self._trial.set(_("with your changes") if there else _("as set"), "warn" if there else "calm")

    def _show_figures(self, plan: Plan, before: Plan | None, free: int) -> None:
        slots = _("in each of {slots} slots", slots=plan.slots) if plan.slots > 1 else _("in one slot")
        self._context.set(f"{plan.context:,}", slots)
        hint = _("of {free} that are free", free=numbers.size(free))
        if before is not None and before.memory != plan.memory:
            more = plan.memory - before.memory
            hint = f"{'+' if more > 0 else '−'}{numbers.size(abs(more))} · {hint}"
        if plan.vram:
            hint = f"{hint} · {_('{vram} on the graphics card', vram=numbers.size(plan.vram))}"
        self._memory.set(numbers.size(plan.memory), hint)
        layers = _("{layers} layers on the graphics card", layers=plan.gpu_layers) if plan.gpu_layers else ""
        self._threads.set(str(plan.threads), layers or _("batches of {batch}", batch=plan.batch))
        self._token.set(numbers.size(plan.kv_bytes_per_token), f"{plan.cache_k}, {plan.cache_v}")


def _pieces(plan: Plan, free: int) -> list[tuple[str, float, str]]:
    """Where the memory goes."""
    if plan.parts is None:
        return []
    parts = plan.parts
    named = (
        (_("weights"), parts.weights), (_("cache"), parts.cache), (_("checkpoints"), parts.checkpoints),
        (_("buffers"), parts.buffers), (_("beside it"), parts.companions), (_("prompts"), plan.cache_ram),
    )  # fmt: skip
    return [(name, size, numbers.size(size)) for name, size in named if size]


def choices_card(explained: Explained, use: Use) -> None:
    """What else it could be run with, and what that would take."""
    on_card = any(each.vram for each in explained.alternatives)
    with ui.element("section").classes("lb-card"):
        heading(_("What a change would cost"), _("Use puts one into the settings; nothing is saved yet."))
        with ui.element("div").classes("lb-table lbm-choices"), ui.element("table"):
            with ui.element("thead"), ui.element("tr"):
                titles = [_("Context"), _("Cache"), _("Slots"), _("Memory")]
                for title in (*titles, *([_("Graphics card")] if on_card else []), _("Fits")):
                    with ui.element("th").props('scope="col"'):
                        ui.label(title)
                with ui.element("th").props('scope="col"'):
                    ui.label(_("Use")).classes("lbm-hidden")
            with ui.element("tbody"):
                for each in explained.alternatives:
                    _choice(each, on_card, use)


def _choice(each: Choice, on_card: bool, use: Use) -> None:
    cells = [f"{each.context:,}", each.cache, str(each.slots), numbers.size(each.memory)]
    with ui.element("tr").classes("lbm-chosen" if each.chosen else ""):
        for cell in (*cells, *([numbers.size(each.vram)] if on_card else [])):
            with ui.element("td"):
                ui.label(cell)
        with ui.element("td"):
            if each.chosen:
                Badge(_("as now"), "good")
            else:
                Badge(_("Fits") if each.fits else _("Too large"), "good" if each.fits else "bad")
        with ui.element("td"):
            if not each.chosen:
                button = ui.button(_("Use"), on_click=lambda: use(each)).props("flat dense no-caps size=sm")
                button.props["aria-label"] = _(
                    "Use a context of {context}, cache {cache}, {slots} slots",
                    context=each.context, cache=each.cache, slots=each.slots,
                )  # fmt: skip
