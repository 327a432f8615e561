"""What has been said, from the first question to the last: it is changed in place, however it grows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from nicegui import background_tasks, ui

from ...store.conversation import Answer, Turn
from ..dialogue import SIDES, answer_of, branch, siblings
from ..parts.asking import copy_button
from ..talks import Talk
from ..words import _
from .chat_answer import AnswerView, Doing
from .chat_files import show_files

LONG = 1500
"""Characters of a question that scrolls by itself."""


class Doings:
    """What the page does with what is said."""

    def __init__(
        self,
        edit: Callable[[Turn, str], None],
        again: Callable[[Turn, Answer], None],
    ) -> None:
        self.edit, self.again = edit, again


class Thread:
    """The branch that is in use. `painted` waits until the browser has drawn what it was sent."""

    def __init__(self, talk: Talk, doings: Doings, painted: Callable[[], Awaitable[object]]) -> None:
        self._talk, self._doings, self._painted = talk, doings, painted
        self._views: list[_TurnView] = []
        self._grown: dict[str, tuple[Turn, Answer]] = {}
        self._painting = False
        self._place = ui.element("div").classes("lb-thread")
        self.show(None, None)
        talk.watchers.append(self.show)

    def close(self) -> None:
        """Show no more of it."""
        if self.show in self._talk.watchers:
            self._talk.watchers.remove(self.show)

    def show(self, turn: Turn | None, answer: Answer | None) -> None:
        """An answer has grown, a question has other answers, or everything may have changed."""
        if self._place.is_deleted or self._place.client.id not in type(self._place.client).instances:
            self.close()
            return
        if turn is None:
            self._show_all()
        elif answer is not None and answer.id in self._talk.writing:
            self._grown[answer.id] = turn, answer
            if not self._painting:
                self._painting = True
                background_tasks.create(self._paint(), name="paint answers")
        else:
            self._show(turn, answer)

    def _show(self, turn: Turn, answer: Answer | None) -> None:
        for view in self._views:
            if view.turn.id == turn.id:
                view.show(answer)

    async def _paint(self) -> None:
        """Show what has grown, as often as the browser draws it: a slow one would fall behind for ever."""
        try:
            while self._grown and not self._place.is_deleted:
                grown, self._grown = self._grown, {}
                for turn, answer in grown.values():
                    self._show(turn, answer)
                with suppress(TimeoutError):  # a tab that sleeps
                    await self._painted()
        finally:
            self._painting = False

    def progress(self, said: Mapping[str, str]) -> None:
        """What is done for each model that has not said anything yet."""
        for view in self._views:
            view.progress(said)

    def _show_all(self) -> None:
        turns = branch(self._talk.said)
        same = 0
        while same < min(len(turns), len(self._views)) and self._views[same].turn.id == turns[same].id:
            self._views[same].show(None)
            same += 1
        for view in self._views[same:]:
            view.delete()
        del self._views[same:]
        with self._place:
            self._views += [_TurnView(self._talk, turn, self._doings) for turn in turns[same:]]


class _TurnView:
    """A question and its answers."""

    def __init__(self, talk: Talk, turn: Turn, doings: Doings) -> None:
        self.turn, self._talk, self._doings = turn, talk, doings
        self._answers: dict[int, AnswerView] = {}
        with ui.element("article").classes("lb-turn") as self._place:
            with ui.element("div").classes("lb-question"):
                self._question = ui.element("div").classes("lb-question-said")
                with self._question:
                    self._show_question()
                self._buttons = ui.element("div").classes("lb-question-buttons")
                with self._buttons:
                    self._show_buttons()
            self._answers_place = ui.element("div").classes("lb-answers")
        self.show(None)

    def delete(self) -> None:
        """It is no longer to be seen."""
        self._place.delete()

    def show(self, answer: Answer | None) -> None:
        """An answer has grown, or others are in use."""
        if answer is not None:
            for view in self._answers.values():
                if view.answer.id == answer.id:
                    view.show()
            return
        self.turn = next((turn for turn in self._talk.said.turns if turn.id == self.turn.id), self.turn)
        for side in range(SIDES):
            used = answer_of(self.turn, side)
            if used is None:
                if (gone := self._answers.pop(side, None)) is not None:
                    gone.delete()
            elif side not in self._answers:
                with self._answers_place:
                    self._answers[side] = AnswerView(used, self._doing(side))
            else:
                self._answers[side].take(used)
        self._answers_place.classes(
            add="lb-two" if len(self._answers) > 1 else "", remove="" if len(self._answers) > 1 else "lb-two"
        )
        self._count_forms()

    def progress(self, said: Mapping[str, str]) -> None:
        """What is done for a model that has not said anything yet."""
        for view in self._answers.values():
            if view.answer.id in self._talk.writing:
                view.progress(said.get(view.answer.model, ""))

    def _doing(self, side: int) -> Doing:
        return Doing(self._talk, self.turn, side, self._doings.again)

    # -- the question --------------------------------------------------------------------------------------------------

    def _show_question(self) -> None:
        if self.turn.files:
            show_files(self.turn.files)
        if self.turn.text:
            said = ui.label(self.turn.text).classes("lb-wrap")
            if len(self.turn.text) > LONG:
                said.classes("lb-long").props(f'tabindex="0" role="region" aria-label="{_("The question")}"')

    def _show_buttons(self) -> None:
        with ui.element("div").classes("lb-forms") as self._forms:
            ui.button(icon="chevron_left", on_click=lambda: self._go(-1)).props(
                f'flat round dense size=sm aria-label="{_("Earlier form of the question")}"'
            )
            self._form = ui.label().classes("lb-muted lb-small")
            ui.button(icon="chevron_right", on_click=lambda: self._go(1)).props(
                f'flat round dense size=sm aria-label="{_("Later form of the question")}"'
            )
        ui.button(icon="edit", on_click=self._edit).props(
            f'flat round dense size=sm aria-label="{_("Edit the question")}"'
        )
        copy_button(self.turn.text, _("Copy the question"))

    def _count_forms(self) -> None:
        forms = siblings(self._talk.said, self.turn)
        self._forms.set_visibility(len(forms) > 1)
        at = next((number for number, form in enumerate(forms) if form.id == self.turn.id), 0)
        self._form.set_text(f"{at + 1}/{len(forms)}")

    def _go(self, step: int) -> None:
        forms = siblings(self._talk.said, self.turn)
        at = next(number for number, form in enumerate(forms) if form.id == self.turn.id)
        if 0 <= at + step < len(forms):
            self._talk.go(forms[at + step])

    def _edit(self) -> None:
        """The question becomes a field; what is asked instead stands beside it."""
        self._question.clear()
        self._buttons.set_visibility(False)

        def back() -> None:
            self._question.clear()
            with self._question:
                self._show_question()
            self._buttons.set_visibility(True)

        def send() -> None:
            text = str(field.value or "").strip()
            if text or self.turn.files:
                back()
                self._doings.edit(self.turn, text)

        with self._question:
            if self.turn.files:
                show_files(self.turn.files)
            field = ui.textarea(value=self.turn.text).classes("lb-edit")
            field.props(f'autogrow outlined dense autofocus aria-label="{_("The question")}"')
            field.on("keydown.escape.stop", back)
            with ui.element("div").classes("lb-dialog-buttons"):
                ui.button(_("Cancel"), on_click=back).props("flat dense no-caps")
                ui.button(_("Ask this instead"), on_click=send).props("unelevated dense no-caps").classes("lb-pad")
