"""Parts of user turns and tool results to content, with a note in the text where the target cannot take one."""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from ...neutral.parts import Audio, Document, Image, Opaque, Part, Text, ToolReference
from ...neutral.traits import Traits
from ..written import Loss
from .read_input import PART
from .types import DIALECT

Piece = dict[str, Any] | Raw
"""One content part: a dict, or what came raw from a client of this dialect."""

SOUNDS = {"mpeg": "mp3", "x-wav": "wav"}


class PartWriter:
    """Writes the parts of one request and collects what is lost."""

    def __init__(self, traits: Traits) -> None:
        self._traits = traits
        self.losses: list[Loss] = []

    def write(self, part: Part, path: str) -> list[Piece]:
        """The content of one part; a part that has no place is a loss and, where it can be said, a note."""
        match part:
            case Text():
                return [say(part.text)] if part.text else []
            case Image():
                return [self._image(part, path)]
            case Document():
                return self._document(part, path)
            case Audio():
                return [self._audio(part)]
            case ToolReference():
                return [say(f"{part.name} is loaded now.")]
            case Opaque(dialect=dialect, name=name) if dialect == DIALECT and name.endswith(PART):
                return [part.raw]
            case Opaque():
                self.lose(path, f"a '{part.name}' block of {part.dialect} has no place in a Responses request")
            case _:
                self.lose(path, f"{type(part).__name__} has no place in this turn")
        return []

    def lose(self, path: str, why: str) -> None:
        """Note a loss."""
        self.losses.append(Loss(path, why))

    def _image(self, image: Image, path: str) -> Piece:
        if not self._traits.images:
            return self._note(path, "[An image stood here; this model cannot see images.]")
        wire: dict[str, Any] = {"type": "input_image", "detail": image.detail or "auto"}
        if image.data:
            return wire | {"image_url": f"data:{image.media_type or 'image/png'};base64,{image.data}"}
        if image.url:
            return wire | {"image_url": image.url}
        if image.file_id.startswith("file-"):
            return wire | {"file_id": image.file_id}
        return self._note(path, f"[An uploaded image ({image.file_id}) stood here; it is not available here.]")

    def _document(self, document: Document, path: str) -> list[Piece]:
        if b"true" in bytes(document.citations):
            self.lose(path, "citations of this document cannot be given")
        title = document.title or "document"
        head = [say(document.context)] if document.context else []
        if document.text or document.parts:
            if document.title:
                head.insert(0, say(f"{document.title}:"))
            inner = (Text(document.text),) if document.text else document.parts
            return [*head, *(piece for part in inner for piece in self.write(part, path))]
        if not self._traits.documents:
            kind = document.media_type or "file"
            return [self._note(path, f"[A document stood here: {title} ({kind}). This model cannot read it.]")]
        if document.data:
            name = title if "." in title else f"{title}.pdf"
            data = f"data:{document.media_type or 'application/pdf'};base64,{document.data}"
            return [*head, {"type": "input_file", "filename": name, "file_data": data}]
        if document.url:
            return [*head, {"type": "input_file", "file_url": document.url}]
        if document.file_id.startswith("file-"):
            return [*head, {"type": "input_file", "file_id": document.file_id}]
        return [self._note(path, f"[A document stood here: {title}, {document.file_id}. It is not available here.]")]

    @staticmethod
    def _audio(audio: Audio) -> Piece:
        kind = audio.format.removeprefix("audio/")
        return {"type": "input_audio", "input_audio": {"data": audio.data, "format": SOUNDS.get(kind, kind)}}

    def _note(self, path: str, note: str) -> Piece:
        self.lose(path, note.strip("[]"))
        return say(note)


def say(text: str) -> Piece:
    """Text for the model."""
    return {"type": "input_text", "text": text}
