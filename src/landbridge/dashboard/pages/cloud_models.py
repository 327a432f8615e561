"""A provider's models: thousands of rows, of which only those in sight are in the page (`cloud_models.js`)."""

from __future__ import annotations

from collections.abc import Iterable

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from ...manage.provider_models import ProviderModel
from ..parts.asking import copy
from ..words import _
from .cloud_words import line_of


class ModelTable(Element, component="../static/cloud_models.js"):
    """Finds, sorts and scrolls in the browser."""

    def __init__(self) -> None:
        super().__init__()
        self.props["words"] = {
            "label": _("Models"),
            "search": _("Search models"),
            "count": _("{n} of {all}"),
            "none": _("No model is called that."),
            "model": _("Model"),
            "window": _("Context"),
            "output": _("Longest answer"),
            "can": _("Abilities"),
            "in": _("Input, 1M"),
            "out": _("Output, 1M"),
            "copy": _("Copy the name of {name}"),
            "copied": _("Copied"),
            "unknown": _("not known"),
            "assumed": _("{what}: not known, taken for granted"),
            "abilities": [_("sees pictures"), _("calls tools"), _("thinks"), _("reads PDFs")],
            "only": _("Only those that are known for: {what}"),
            "priced": _("Only those whose price is known"),
        }

        self.on("uncopied", self._copy)

    async def _copy(self, event: GenericEventArguments) -> None:
        await copy(str(event.args))

    def show(self, models: Iterable[ProviderModel]) -> None:
        """These are the models."""
        self.run_method("show", [line_of(each) for each in models])
