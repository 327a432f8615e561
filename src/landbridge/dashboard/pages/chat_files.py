"""Files of a question: chosen, dropped or pasted, checked, and shown."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from functools import partial

from nicegui import events, ui

from ...store.conversation import File
from ..attachments import LARGEST, MB, MOST, Unfit, attach
from ..parts import numbers
from ..parts.faults import complain
from ..words import _


class Files:
    """What will go with the next question. `files` is changed in place."""

    def __init__(self, files: list[File], changed: Callable[[], None]) -> None:
        self.files, self._changed = files, changed
        self._place = ui.element("div").classes("lb-files")
        self.uploader = (
            ui.upload(multiple=True, auto_upload=True, max_file_size=LARGEST, on_upload=self._take)
            .on_rejected(lambda: complain(_("A file may have {most:.0f} MB.", most=LARGEST / MB)))
            .classes("lb-hidden")
        )
        self.show()

    def pick(self) -> None:
        """Let the reader choose some."""
        self.uploader.run_method("pickFiles")

    def show(self) -> None:
        """Show what there is."""
        self._place.clear()
        self._place.set_visibility(bool(self.files))
        with self._place:
            for file in self.files:
                with _frame(file):
                    ui.button(icon="close", on_click=partial(self._remove, file)).props(
                        f'flat round dense size=xs aria-label="{_("Remove the file")}"'
                    ).classes("lb-file-remove")

    async def _take(self, event: events.UploadEventArguments) -> None:
        data = await event.file.read()
        try:
            if len(self.files) >= MOST:
                raise Unfit(_("A question takes {most} files.", most=MOST))
            self.files.append(attach(event.file.name, data))
        except Unfit as why:
            complain(str(why))
        self.uploader.reset()
        self.show()
        self._changed()

    def _remove(self, file: File) -> None:
        self.files.remove(file)
        self.show()
        self._changed()


def show_files(files: Sequence[File]) -> None:
    """Those of a question that was asked."""
    with ui.element("div").classes("lb-files"):
        for file in files:
            with _frame(file):
                pass


def _frame(file: File) -> ui.element:
    with ui.element("div").classes("lb-file") as frame:
        if file.type.startswith("image/"):
            with ui.element("img").classes("lb-file-picture") as picture:
                picture.props["src"] = f"data:{file.type};base64,{file.data}"
                picture.props["alt"] = file.name
        else:
            ui.icon("picture_as_pdf" if file.type == "application/pdf" else "description").props('aria-hidden="true"')
            with ui.element("div").classes("lb-file-words"):
                ui.label(file.name)
                ui.label(numbers.size(len(base64.b64decode(file.data)))).classes("lb-muted lb-small")
    return frame
