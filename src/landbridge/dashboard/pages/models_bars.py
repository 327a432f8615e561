"""Bars of the Models page: how far something is, and what a memory is made of."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui


class Bar:
    """How far something is, with words. Unlike a `Meter`, full is good."""

    def __init__(self, label: str) -> None:
        with ui.element("div").classes("lb-meter") as self.element:
            with ui.element("div").classes("lb-meter-words"):
                ui.label(label)
                self._words = ui.label().classes("lb-muted")
            with ui.element("div").classes("lb-meter-track") as self._track:
                self._bar = ui.element("div").classes("lb-meter-bar lb-fill-good")
        self._track.props('role="progressbar" aria-valuemin="0" aria-valuemax="100"')
        self._track.props["aria-label"] = label

    def set(self, share: float | None, words: str) -> None:
        """Show a share of 1 (None: nobody knows), and what it is in words."""
        known = 0.0 if share is None else min(max(share, 0.0), 1.0)
        self._bar.style(f"width: {known:.1%}")
        percent = f"{known:.0%}".removesuffix("%")
        if self._track.props.get("aria-valuenow") != percent:
            self._track.props["aria-valuenow"] = percent
        self._words.set_text(words)


class Stack:
    """What a memory is made of: pieces beside each other, and their names below. At most eight."""

    def __init__(self, label: str) -> None:
        self._label = label
        with ui.element("div").classes("lbm-stack"):
            self._track = ui.element("div").classes("lbm-stack-track").props('role="img"')
            self._legend = ui.element("div").classes("lbm-legend lb-small")

    def set(self, pieces: Sequence[tuple[str, float, str]], whole: float) -> None:
        """Show pieces (name, size, size in words) of a whole."""
        self._track.clear()
        self._legend.clear()
        self._track.props["aria-label"] = f"{self._label}: " + ", ".join(f"{name} {said}" for name, _, said in pieces)
        for number, (name, size, said) in enumerate(pieces):
            with self._track:
                piece = ui.element("div").classes(f"lbm-piece lbm-piece-{number}")
                piece.style(f"width: {size / whole if whole else 0:.2%}")
            with self._legend, ui.element("span").classes("lbm-key"):
                ui.element("span").classes(f"lbm-dot lbm-piece-{number}").props('aria-hidden="true"')
                ui.label(f"{name} {said}")
