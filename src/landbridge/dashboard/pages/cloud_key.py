"""Keys: where one is typed, where it will be, and another one in the place of the old. None is ever shown."""

from __future__ import annotations

from nicegui import ui

from ...manage.provider_presets import Offer
from ...server.admin_provider_change import Kept
from ..desk import Desk
from ..parts.asking import answer_of
from ..parts.cards import heading
from ..parts.faults import busy, fault_card, say
from ..router import at
from ..words import _
from .cloud_secret import SecretField
from .cloud_steps import StepList
from .cloud_words import advice

PATIENCE = 150.0
"""Seconds that a trial may take: a server of the neighbourhood may have to load a model first."""


class KeyFields:
    """The fields of a key, as a kind of provider wants it."""

    def __init__(self, auth: str, keys_in: str, keys_at: str = "", hint: str = "") -> None:
        self._secret: SecretField | None = None
        self._plain: ui.input | None = None
        self._variable: ui.input | None = None
        said = _("Kept in {place}, and never shown again.", place=keys_in)
        if auth == "google":
            self._plain = _text(_("Key file of a service account"), "/home/me/service-account.json")
            said = _("A path where the router runs. Empty: what 'gcloud auth application-default login' left.")
        elif auth == "backendai":
            self._plain = _text(_("Access key"))
            self._secret = SecretField(_("Secret key"))
        else:
            self._secret = SecretField(_("Key"))
        with ui.element("div").classes("cl-hint"):
            ui.label(f"{hint} {said}".strip()).classes("lb-muted lb-small lb-wrap")
            if keys_at:
                ui.link(_("Where keys are made"), keys_at, new_tab=True).classes("lb-small")

    def variable(self, usual: str = "") -> None:
        """A field for the variable that holds the key instead, where one can."""
        if self._plain is None:
            self._variable = _text(_("Variable that holds the key, where the router runs"), usual)

    async def said(self) -> dict[str, str]:
        """What the router is told."""
        plain = _typed(self._plain)
        if self._secret is None:
            return {"key_from": f"file:{plain}"} if plain else {}
        secret = await self._secret.take()
        if self._plain is not None:
            return {"key": f"{plain}:{secret}"} if plain or secret else {}
        if secret:
            return {"key": secret}
        name = _typed(self._variable).strip("${}")
        return {"key_from": f"${{{name}}}"} if name else {}

    def forget(self) -> None:
        """Nothing of it stays in the page."""
        if self._secret is not None:
            self._secret.forget()


def _typed(field: ui.input | None) -> str:
    return ((field.value if field is not None else "") or "").strip()


def _text(label: str, placeholder: str = "") -> ui.input:
    return ui.input(label, placeholder=placeholder).props('outlined dense autocomplete="off" spellcheck=false')


async def replace_key(desk: Desk, name: str, offer: Offer | None, keys_in: str) -> bool:
    """Ask for another key, try it, and keep it if it works; whether there is another one now."""
    auth = offer.auth if offer is not None else ""
    with ui.dialog().props("no-backdrop-dismiss") as dialog, ui.card().classes("lb-dialog cl-dialog"):
        dialog.props["aria-label"] = _("Another key for {name}", name=name)
        heading(_("Another key for {name}", name=name), _("It is tried before it takes the place of the old one."))
        fields = KeyFields(auth, keys_in, offer.keys_at if offer is not None else "")
        fields.variable(offer.variables[0] if offer is not None and offer.variables else "")
        steps, fault = StepList(desk), ui.element("div").classes("cl-fault")
        with ui.element("div").classes("lb-dialog-buttons"):
            cancel = ui.button(_("Cancel"), on_click=lambda: dialog.submit(False)).props("flat no-caps")
            anyway = ui.button(_("Keep it all the same"), on_click=lambda: keep("always")).props("flat no-caps")
            go = ui.button(_("Test and replace"), on_click=lambda: keep("good")).props("unelevated no-caps")
        anyway.set_visibility(False)

    async def keep(save: str) -> None:
        fault.clear()
        said = await fields.said()
        if not said:
            with fault:
                fault_card(_("Type a key, or the variable that holds one."))
            return
        async with busy(go, anyway, cancel):
            body = {**said, "save": save, "trial": steps.begin(), "how": "the dashboard"}
            try:
                done = await desk.router.ask("PUT", at("providers", name, "key"), Kept, body, seconds=PATIENCE)
            except BaseException:
                steps.stop()
                raise
            steps.end(done.steps)
            if done.saved:
                fields.forget()
                say(_("{name} has another key now.", name=name))
                dialog.submit(True)
                return
            with fault:
                fault_card(advice(done.checkup))
            anyway.set_visibility(True)

    return bool(await answer_of(dialog))
