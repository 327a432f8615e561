"""The list itself: rows are drawn by `requests_table.js`, of which only those in sight are in the page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from ...store.report import Exchange
from ..words import _
from .requests_rows import COLUMNS, headings, line_of


class ExchangeTable(Element, component="../static/requests_table.js"):
    """`more` is called with the id of the last row when older ones are wanted."""

    def __init__(self, more: Callable[[str], Awaitable[None]]) -> None:
        super().__init__()
        self.props["label"] = _("Exchanges, the newest first")
        self.props["fresh-words"] = _("{n} new")
        self.props["columns"] = headings()
        self.props["keys"] = list(COLUMNS)

        async def asked(event: GenericEventArguments) -> None:
            await more(str(event.args))

        self.on("more", asked)

    def reset(self, exchanges: Iterable[Exchange], *, more: bool) -> None:
        """Show these instead of all."""
        self.run_method("reset", _lines(exchanges), more)

    def append(self, exchanges: Iterable[Exchange], *, more: bool) -> None:
        """Show older ones, too."""
        self.run_method("append", _lines(exchanges), more)

    def merge(self, exchanges: Iterable[Exchange]) -> None:
        """Show newer ones, too; those that are there already stay."""
        self.run_method("merge", _lines(exchanges))

    def failed(self) -> None:
        """The older ones could not be had; they may be wanted again."""
        self.run_method("failed")


def _lines(exchanges: Iterable[Exchange]) -> Any:
    return msgspec.to_builtins([line_of(each) for each in exchanges])
