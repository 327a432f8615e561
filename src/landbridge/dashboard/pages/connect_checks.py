"""The guide's troubleshooting as live checks: what is wrong first, then what is well."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import background_tasks, ui

from ...manage.findings import Finding
from ...server.admin_checks import Checks as Found
from ..desk import Desk
from ..parts.cards import Badge, Kind
from ..parts.faults import busy, fault_card, loading
from ..router import RouterFault
from ..words import N_, _, n_
from .connect_choice import Choice

WORDS: dict[str, tuple[str, Kind]] = {
    "fail": (N_("wrong"), "bad"),
    "warn": (N_("look"), "warn"),
    "ok": (N_("fine"), "good"),
}
SECONDS = 120.0


def sorted_out(findings: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """What somebody should look at, the worst first; and what is well."""
    bad = [each for verdict in ("fail", "warn") for each in findings if each.verdict == verdict]
    return bad, [each for each in findings if each.verdict == "ok"]


class Checks:
    """The list."""

    def __init__(self, desk: Desk, choice: Choice) -> None:
        self._desk, self._choice = desk, choice
        with ui.element("div").classes("lb-row"):
            self._summary = ui.label(_("Looking")).classes("lb-grow").props('aria-live="polite"')
            self._button = ui.button(_("Check again"), icon="refresh", on_click=self._look).props(
                'outline dense no-caps padding="4px 12px"'
            )
        with ui.element("div").classes("lb-findings").props('data-part="checks"') as self._place:
            loading(4)
            background_tasks.create(self._look(), name="checks")

    async def _look(self) -> None:
        with self._place:
            async with busy(self._button):
                try:
                    found = await self._desk.router.get("/api/v1/checks", Found, SECONDS, model=self._choice.model)
                except RouterFault as fault:
                    self._place.clear()
                    fault_card(fault.message)
                    return
        self._show(found.findings)

    def _show(self, findings: list[Finding]) -> None:
        bad, good = sorted_out(findings)
        wrong = sum(each.verdict == "fail" for each in bad)
        parts = [n_("{n} is wrong", "{n} are wrong", wrong)] if wrong else []
        if len(bad) > wrong:
            parts.append(n_("{n} to look at", "{n} to look at", len(bad) - wrong))
        parts.append(n_("{n} fine", "{n} fine", len(good)))
        self._summary.set_text(" · ".join(parts))
        self._place.clear()
        with self._place:
            for each in bad:
                _line(each)
            if not bad:
                with ui.element("div").classes("lb-well"):
                    ui.icon("check_circle").props('aria-hidden="true"')
                    ui.label(_("Nothing is wrong."))
            if good:
                title = n_("{n} check is fine", "{n} checks are fine", len(good))
                with ui.expansion(title).props("dense").classes("lb-fine"):
                    for each in good:
                        _line(each)


def _line(each: Finding) -> None:
    word, kind = WORDS[each.verdict]
    with ui.element("div").classes("lb-finding").props(f'data-verdict="{each.verdict}"'):
        Badge(_(word), kind)
        with ui.element("div").classes("lb-finding-words"):
            ui.label(each.check).classes("lb-finding-name")
            ui.label(each.finding).classes("lb-wrap")
            if each.remedy:
                ui.label(each.remedy).classes("lb-wrap lb-finding-remedy")
