"""An answer: who says it, what it thought, what it says, how fast and for how much, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from ...store.conversation import Answer, Turn
from ..dialogue import tries
from ..markdown import Growing
from ..parts import numbers
from ..parts.faults import fault_card, say
from ..talks import Talk
from ..words import N_, _

STOPS = {
    "length": N_("Cut: it reached the most tokens of an answer."),
    "stopped": N_("Stopped."),
    "refusal": N_("The model refused to go on."),
    "content_filter": N_("A filter of the provider's ended it."),
    "context_full": N_("Cut: the model's window is full."),
}


class Doing:
    """What can be done with the answers of one side of a question."""

    def __init__(self, talk: Talk, turn: Turn, side: int, again: Callable[[Turn, Answer], None]) -> None:
        self.talk, self.turn, self.side, self._again = talk, turn, side, again

    def again(self, answer: Answer) -> None:
        """Ask for another one."""
        self._again(self.turn, answer)

    def retry(self, answer: Answer) -> None:
        """Ask for another one in the place of one that came to nothing."""
        if not answer.text:
            self.talk.drop(self.turn, self.side)
        self._again(self.turn, answer)

    def tries(self) -> list[Answer]:
        """All answers of this side."""
        return tries(self.turn, self.side)

    def step(self, answer: Answer, step: int) -> None:
        """Use the one before or behind it."""
        found = self.tries()
        at = next((number for number, each in enumerate(found) if each.id == answer.id), 0) + step
        if 0 <= at < len(found):
            self.talk.choose(self.turn, found[at])


class Prose:
    """Markdown that grows: only its last chunk is sent anew."""

    def __init__(self) -> None:
        self._place = ui.element("div").classes("lb-prose")
        self._growing = Growing()
        self._parts: list[ui.html] = []
        self._text = ""

    def show(self, text: str) -> None:
        """Show this much of it."""
        if text == self._text:
            return
        self._text = text
        chunks = self._growing.chunks(text)
        for part in self._parts[len(chunks) :]:
            part.delete()
        del self._parts[len(chunks) :]
        for part, chunk in zip(self._parts, chunks, strict=False):
            if part.content != chunk:
                part.set_content(chunk)
        with self._place:
            self._parts += [ui.html(chunk, sanitize=True) for chunk in chunks[len(self._parts) :]]


class AnswerView:
    """One side's answer."""

    def __init__(self, answer: Answer, doing: Doing) -> None:
        self.answer, self._doing = answer, doing
        with ui.element("section").classes("lb-answer") as self._place:
            self._build()
        self.show()

    def delete(self) -> None:
        """It is no longer to be seen."""
        self._place.delete()

    def take(self, answer: Answer) -> None:
        """Another one is in use, or this one is another copy."""
        if answer.id != self.answer.id:
            self.answer = answer
            self._place.clear()
            with self._place:
                self._build()
        self.answer = answer
        self.show()

    def progress(self, words: str) -> None:
        """What is done before the first word."""
        self._waiting_words.set_text(words or _("Waiting for the model"))

    def _build(self) -> None:
        answer = self.answer
        self._place.props["aria-label"] = _("Answer of {model}", model=answer.model)
        ui.label(answer.model).classes("lb-answer-model")
        self._folded, self._thoughts = None, None
        self._thinking_place = ui.element("div")
        with ui.element("div").classes("lb-waiting").props('role="status"') as self._waiting:
            ui.element("span").classes("lb-pulse").props('aria-hidden="true"')
            self._waiting_words = ui.label(_("Waiting for the model"))
        self._prose = Prose()
        self._fault = ui.element("div")
        self._shown_fault = ""
        self._note = ui.label().classes("lb-muted lb-small")
        with ui.element("div").classes("lb-answer-foot") as self._foot:
            self._figures = ui.label().classes("lb-muted lb-small lb-figures")
            self._build_buttons()

    _folded: ui.element | None
    _thoughts: Prose | None

    def _build_buttons(self) -> None:
        with ui.element("div").classes("lb-answer-buttons"):
            with ui.element("div").classes("lb-forms") as self._forms:
                ui.button(icon="chevron_left", on_click=lambda: self._doing.step(self.answer, -1)).props(
                    f'flat round dense size=sm aria-label="{_("Earlier answer")}"'
                )
                self._form = ui.label().classes("lb-muted lb-small")
                ui.button(icon="chevron_right", on_click=lambda: self._doing.step(self.answer, 1)).props(
                    f'flat round dense size=sm aria-label="{_("Later answer")}"'
                )
            ui.button(icon="content_copy", on_click=self._copy).props(
                f'flat round dense size=sm aria-label="{_("Copy the answer")}"'
            )
            ui.button(icon="refresh", on_click=lambda: self._doing.again(self.answer)).props(
                f'flat round dense size=sm aria-label="{_("Answer again")}"'
            )

    def _copy(self) -> None:
        ui.clipboard.write(self.answer.text)
        say(_("Copied"))

    # -- as it stands --------------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Show it as it is now."""
        answer = self.answer
        running = answer.id in self._doing.talk.writing
        with self._place:
            self._show_thinking(running)
            self._prose.show(answer.text)
            self._waiting.set_visibility(running and not answer.text and not answer.thinking)
            self._show_fault("" if running else answer.fault)
            note = STOPS.get(answer.stop, "") if not running else ""
            if not running and not note and not answer.fault and not answer.text:
                note = N_("The model said nothing.") if answer.stop else N_("It was not answered.")
            self._note.set_text(_(note) if note else "")
            self._note.set_visibility(bool(note))
            self._figures.set_text(figures(answer))
            self._foot.set_visibility(not running)
            found = self._doing.tries()
            self._forms.set_visibility(len(found) > 1)
            at = next((number for number, each in enumerate(found) if each.id == answer.id), 0)
            self._form.set_text(f"{at + 1}/{len(found)}")

    def _show_thinking(self, running: bool) -> None:
        answer = self.answer
        if not answer.thinking:
            return
        if self._thoughts is None:
            with self._thinking_place, ui.element("details").classes("lb-thinking") as self._folded:
                with ui.element("summary"):
                    self._thinking_words = ui.label()
                self._thoughts = Prose()
        self._thoughts.show(answer.thinking)
        self._thinking_words.set_text(_("Thinking") if running and not answer.text else _("Thought"))

    def _show_fault(self, fault: str) -> None:
        if fault == self._shown_fault:
            return
        self._shown_fault = fault
        self._fault.clear()
        if fault:
            with self._fault:
                fault_card(fault, retry=lambda: self._doing.retry(self.answer))


def figures(answer: Answer) -> str:
    """How fast it was and what it cost: `41.2 tokens/s · first word after 340 ms · 512 tokens · ... · cost $0.0031`."""
    if answer.seconds is None or answer.fault:
        return ""
    first = "-" if answer.first is None else numbers.seconds(answer.first)
    speed = rate(answer)
    words = [
        _("{speed} tokens/s", speed="-" if speed is None else f"{speed:.1f}"),
        _("first word after {first}", first=first),
        _("{n} tokens", n="-" if answer.output is None else numbers.count(answer.output)),
        _("prompt of {n}", n="-" if answer.input is None else numbers.count(answer.input)),
        _("cost {cost}", cost=numbers.money(answer.cost)),
    ]
    return " · ".join(word.replace(" ", "\u00a0") for word in words)  # lines break between them


def rate(answer: Answer) -> float | None:
    """Tokens a second after the first word; None where that cannot be known."""
    if answer.output is None or answer.first is None or answer.seconds is None:
        return None
    writing = answer.seconds - answer.first
    return answer.output / writing if writing > 0.05 and answer.output > 1 else None
