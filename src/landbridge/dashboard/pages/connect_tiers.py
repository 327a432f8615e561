"""Where the names of Claude's models lead: opus, sonnet and haiku, each to a model here."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from ...agents.claude_code import TIERS
from ...server.admin_change import SETTINGS, Edited
from ..desk import Desk
from ..parts.faults import busy, complain, say
from ..words import _
from .connect_choice import Choice

DEFAULT = ""


def label_of(chain: Any) -> str:
    """How a tier's target is told: a name, or several in turn."""
    return ", ".join(map(str, chain)) if isinstance(chain, list) else str(chain)


def edits(before: dict[str, Any], after: dict[str, str]) -> dict[str, Any]:
    """What to say to `PATCH /api/v1/settings`, so that the tiers lead to `after` (labels; empty: the default model)."""
    changed = {tier: label for tier, label in after.items() if label != label_of(before.get(tier, DEFAULT))}
    return {
        "set": {f"tiers.{tier}": label for tier, label in changed.items() if label},
        "unset": [f"tiers.{tier}" for tier, label in changed.items() if not label],
        "how": "the dashboard: Claude's tiers",
    }


class Tiers:
    """The three choices, saved together."""

    def __init__(self, desk: Desk, choice: Choice) -> None:
        self._desk, self._choice = desk, choice
        with ui.element("div").classes("lb-labelled").props('data-part="tiers"'):
            ui.label(_("Claude's tiers")).classes("lb-part-title")
            ui.label(
                _("Claude Code asks for its own models by these names, in the background and for subagents, too.")
            ).classes("lb-muted lb-small")
            with ui.element("div").classes("lb-tiers"):
                self._selects = {
                    tier: ui.select({DEFAULT: _("The default model")}, value=DEFAULT, label=tier).props(
                        "outlined dense options-dense"
                    )
                    for tier in TIERS
                }
            for select in self._selects.values():
                select.on_value_change(self._compare)
            with ui.element("div").classes("lb-row"):
                self._save = ui.button(_("Save the tiers"), on_click=self._save_all).props("unelevated dense no-caps")
                self._save.props('padding="4px 12px"')
                self._hint = ui.label(_("Once saved: with the model 'opus' above, each tier goes where it leads here."))
                self._hint.classes("lb-muted lb-small lb-grow")
        self._compare()
        choice.learn(self._offer)

    def _offer(self) -> None:
        """Models or tiers are others than before; what the reader has chosen and not saved yet stays."""
        choice = self._choice
        for tier, select in self._selects.items():
            label = label_of(choice.tiers.get(tier, DEFAULT))
            names = [name for name in (label, *choice.names) if name]
            options = {DEFAULT: _("The default model ({name})", name=choice.default)} | {name: name for name in names}
            kept = select.value if tier in self._touched and select.value in options else label
            select.set_options(options, value=kept)
        self._compare()

    @property
    def _touched(self) -> set[str]:
        return getattr(self, "_changed", set())

    def _compare(self) -> None:
        tiers = self._choice.tiers
        self._changed = {
            tier for tier, select in self._selects.items() if select.value != label_of(tiers.get(tier, DEFAULT))
        }
        self._save.set_enabled(bool(self._changed))

    async def _save_all(self) -> None:
        chosen = {tier: select.value or DEFAULT for tier, select in self._selects.items()}
        async with busy(self._save):
            done = await self._desk.router.ask("PATCH", SETTINGS, Edited, edits(self._choice.tiers, chosen))
            if done.fault:
                complain(done.fault)
                return
            self._choice.known(self._choice.names, {tier: to for tier, to in chosen.items() if to})
            say(_("Saved: the tiers lead there from now on"))
