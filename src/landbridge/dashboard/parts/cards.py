"""Cards, headings, figures and states: the same on every page."""

from __future__ import annotations

from typing import Literal

from nicegui import ui

Kind = Literal["good", "warn", "bad", "calm"]


def card(title: str = "", hint: str = "") -> ui.element:
    """A card with a heading: `with card(_("Keys")): ...`."""
    with ui.element("section").classes("lb-card") as found:
        if title:
            heading(title, hint)
    return found


def heading(title: str, hint: str = "") -> None:
    """Of a card or a part of a page."""
    with ui.element("div").classes("lb-heading"):
        ui.label(title).classes("lb-title").props('role="heading" aria-level="2"')
        if hint:
            ui.label(hint).classes("lb-muted")


def grid(smallest: int = 260) -> ui.element:
    """Cards beside each other as far as there is room, none narrower than `smallest` pixels."""
    return ui.element("div").classes("lb-grid").style(f"--smallest: {smallest}px")


def row() -> ui.element:
    """Things on one line, which break where there is no room."""
    return ui.element("div").classes("lb-row")


class Stat:
    """A figure with what it means. `set` changes it in place."""

    def __init__(self, label: str, value: str = "-", hint: str = "") -> None:
        with ui.element("div").classes("lb-stat"):
            ui.label(label).classes("lb-muted")
            self._value = ui.label(value).classes("lb-figure")
            self._hint = ui.label(hint).classes("lb-muted lb-small")

    def set(self, value: str, hint: str | None = None) -> None:
        """Show another value."""
        self._value.set_text(value)
        if hint is not None:
            self._hint.set_text(hint)


class Meter:
    """How much of something is used: a bar with words. Amber above 80 %, red above 95 %."""

    def __init__(self, label: str) -> None:
        with ui.element("div").classes("lb-meter"):
            with ui.element("div").classes("lb-meter-words"):
                ui.label(label)
                self._words = ui.label("-").classes("lb-muted")
            with ui.element("div").classes("lb-meter-track"):
                self._bar = ui.element("div").classes("lb-meter-bar")
        self._track_label = label

    def set(self, share: float, words: str) -> None:
        """Show a share of 1, and what it is in words."""
        kind = "bad" if share > 0.95 else "warn" if share > 0.8 else "good"
        self._bar.style(f"width: {min(max(share, 0), 1):.1%}").classes(replace=f"lb-meter-bar lb-fill-{kind}")
        self._words.set_text(words)


class Badge:
    """A state in a word, with its colour. Never by colour alone."""

    def __init__(self, text: str, kind: Kind = "calm") -> None:
        self._label = ui.label(text).classes(f"lb-badge lb-{kind}")

    def set(self, text: str, kind: Kind) -> None:
        """Show another one."""
        self._label.set_text(text)
        self._label.classes(replace=f"lb-badge lb-{kind}")
