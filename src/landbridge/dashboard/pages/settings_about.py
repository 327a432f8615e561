"""About: the program, the engine's build, the data folder, and who is signed in."""

from __future__ import annotations

from nicegui import ui

from ...manage.about import About
from ...server.admin_signin import Dashboard, Ended
from ..parts.asking import copyable, sure
from ..parts.cards import Badge, card, grid
from ..parts.faults import busy, say
from ..parts.numbers import size
from ..words import N_, _, n_
from .settings_state import Shared

PLACES = {
    "models": N_("Models"),
    "landbridge.db": N_("Ledger and conversations"),
    "responses.sqlite3": N_("Kept responses"),
    "prompts": N_("Prompts that models have read"),
    "bodies": N_("Requests and answers"),
    "settings-history": N_("History of the settings"),
    "logs": N_("Logs"),
    "run": N_("Of engines that run"),
}
"""What the larger parts of the data folder are."""


async def about_view(state: Shared) -> None:
    """Build it."""
    about = await state.desk.router.get("/api/v1/about", About)
    dashboard = await state.desk.router.get("/api/v1/dashboard", Dashboard)
    with grid(340):
        _program(about)
        _engine(about)
    _data(about)
    _signed_in(state, dashboard)


def _program(about: About) -> None:
    with card(_("landbridge {version}", version=about.version)):
        _facts(
            {
                _("Licence"): about.licence,
                _("Python"): about.python,
                _("System"): about.system,
                _("Processor cores"): str(about.cores),
            }
        )
        for title, path in ((_("All endpoints, for programs"), "/openapi.json"),):
            ui.label(f"{title}: {path}").classes("lb-muted lb-small")
        ui.label(_("The manual is in the folder docs/ of the source.")).classes("lb-muted lb-small")


def _engine(about: About) -> None:
    engine = about.engine
    with card(_("Engine of local models")):
        if engine.fault:
            Badge(engine.fault, "bad")
        _facts(
            {
                _("Engine"): engine.name,
                _("Version"): engine.version or "-",
                _("Built for"): " · ".join(part for part in (engine.target, engine.compiler) if part) or "-",
                _("Computes on"): ", ".join(f"{each.description} ({each.kind})" for each in engine.devices) or "-",
                _("Graphics cards"): ", ".join(f"{gpu.name}, {size(gpu.memory)}" for gpu in about.gpus)
                or _("none found"),
            }
        )
        if about.gpus and not engine.gpu:
            ui.label(_("This build cannot use the graphics card.")).classes("lb-muted")
        if engine.instructions:
            ui.label(_("Instructions it uses")).classes("lb-muted lb-small")
            with ui.element("div").classes("lb-row"):
                for name in engine.instructions:
                    Badge(name)


def _data(about: About) -> None:
    with card(_("Data folder"), _("{size} free on its disk", size=size(about.free))):
        copyable(about.data_folder, _("Copy the path of the data folder"))
        total = sum(place.bytes for place in about.places)
        rest = sum(place.bytes for place in about.places if place.name not in PLACES)
        with ui.element("div").classes("ls-places"):
            for place in about.places:
                if place.name in PLACES:
                    _place(place.name, _(PLACES[place.name]), place.bytes, total)
            _place("", _("Everything else"), rest, total)
        _facts({_("Settings file"): about.settings_file, _("Ledger"): about.ledger})


def _place(name: str, what: str, bytes: int, total: int) -> None:
    with ui.element("div").classes("ls-place"):
        with ui.element("div").classes("ls-place-words"):
            ui.label(what)
            ui.label(name).classes("lb-muted lb-mono")
            ui.space()
            ui.label(size(bytes)).classes("ls-size")
        with ui.element("div").classes("lb-meter-track"):
            ui.element("div").classes("lb-meter-bar lb-fill-good").style(f"width: {bytes / (total or 1):.1%}")


def _signed_in(state: Shared, dashboard: Dashboard) -> None:
    with card(_("This dashboard")):
        copyable(dashboard.url, _("Copy the address of the dashboard"))
        if not dashboard.sign_in:
            ui.label(_("Only programs of this machine reach it, so nobody signs in.")).classes("lb-muted")
            return
        ui.label(
            _("Others in the network reach it. Each browser signs in by a link of its own, which opens once.")
        ).classes("lb-muted")
        copyable("landbridge dashboard", _("Copy the command that prints a link"))

        async def end() -> None:
            what = _("All browsers need a new link, this one, too.")
            if await sure(_("Sign out everywhere?"), what, _("Sign out")):
                async with busy(button):
                    ended = await state.desk.router.ask("DELETE", "/api/v1/dashboard/sessions", Ended)
                    say(n_("{n} session has ended.", "{n} sessions have ended.", ended.sessions))

        button = ui.button(_("Sign out everywhere"), icon="logout", on_click=end).props("outline no-caps")


def _facts(facts: dict[str, str]) -> None:
    with ui.element("dl").classes("ls-facts"):
        for name, value in facts.items():
            with ui.element("dt"):
                ui.label(name).classes("lb-muted")
            with ui.element("dd"):
                ui.label(value).classes("lb-wrap")
