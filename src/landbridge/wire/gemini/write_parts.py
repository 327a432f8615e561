"""One neutral part of a user's turn as parts of a Gemini content; what has no place is a loss and a note.

Media types come with everything that is no text, because Google refuses files without one.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Raw

from ...neutral.parts import Audio, Document, Image, Opaque, Part, Text, ToolReference
from ...neutral.traits import Traits
from ..written import Loss
from .types import DIALECT

Piece = dict[str, object] | Raw
"""A part on the wire."""

GOOGLE = ("https://", "http://", "gs://")
"""Beginnings of addresses a file can have; ids of other providers have none of them."""
_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".gif": "image/gif"}


class PartWriter:
    """Writes the parts of one request and collects what is lost."""

    def __init__(self, traits: Traits) -> None:
        self._traits = traits
        self.losses: list[Loss] = []

    def write(self, part: Part, path: str) -> list[Piece]:
        """The pieces of one part."""
        match part:
            case Text():
                return text(part.text)
            case Image():
                return [self._image(part, path)]
            case Document():
                return self._document(part, path)
            case Audio():
                return [_blob(_sound(part.format), part.data)]
            case ToolReference():
                return text(f"{part.name} is loaded now.")
            case Opaque(dialect=dialect) if dialect == DIALECT:
                return [part.raw]
            case Opaque():
                self.lose(path, f"a '{part.name}' block of {part.dialect} has no place in Gemini")
            case _:
                self.lose(path, f"{type(part).__name__} has no place in this turn")
        return []

    def lose(self, path: str, why: str) -> None:
        """Note a loss."""
        self.losses.append(Loss(path, why))

    def _image(self, image: Image, path: str) -> Piece:
        if not self._traits.images:
            return self._note(path, "[An image stood here; this model cannot see images.]")
        if image.data:
            return _blob(image.media_type or "image/png", image.data)
        address = image.url or image.file_id
        if not address.startswith(GOOGLE):
            return self._note(path, f"[An uploaded image ({address}) stood here; it is not available here.]")
        return _file(image.media_type or _guessed(address, "image/jpeg"), address)

    def _document(self, document: Document, path: str) -> list[Piece]:
        if b"true" in bytes(document.citations):
            self.lose(path, "citations of this document cannot be given")
        title = document.title or "document"
        head = [*text(f"{document.title}:" if document.title else ""), *text(document.context)]
        if document.text:
            return [*head, *text(document.text)]
        if document.parts:
            return [*head, *(piece for part in document.parts for piece in self.write(part, path))]
        kind = document.media_type or "application/pdf"
        if not self._traits.documents:
            return [self._note(path, f"[A document stood here: {title} ({kind}). This model cannot read it.]")]
        if document.data:
            return [*head, _blob(kind, document.data)]
        address = document.url or document.file_id
        if address.startswith(GOOGLE):
            return [*head, _file(document.media_type or _guessed(address, kind), address)]
        return [self._note(path, f"[A document stood here: {title}, {address}. It is not available here.]")]

    def _note(self, path: str, note: str) -> Piece:
        self.lose(path, note.strip("[]"))
        return {"text": note}


def text(said: str) -> list[Piece]:
    """A text, if it is one: empty ones are refused (P61)."""
    return [{"text": said}] if said else []


def joined(pieces: Iterable[Piece]) -> tuple[str, list[Piece]]:
    """The texts as one, and what is no text."""
    texts: list[str] = []
    others: list[Piece] = []
    for piece in pieces:
        said = piece.get("text") if isinstance(piece, dict) else None
        if isinstance(said, str):
            texts.append(said)
        else:
            others.append(piece)
    return "\n\n".join(texts), others


def _blob(kind: str, data: str) -> Piece:
    return {"inlineData": {"mimeType": kind, "data": data}}


def _file(kind: str, address: str) -> Piece:
    return {"fileData": {"mimeType": kind, "fileUri": address}}


def _guessed(address: str, otherwise: str) -> str:
    """The media type an address ends in."""
    _, dot, ending = address.partition("?")[0].rpartition("/")[2].rpartition(".")
    return {**_TYPES, ".pdf": "application/pdf"}.get(f"{dot}{ending}".lower(), otherwise)


def _sound(format: str) -> str:
    """OpenAI's `mp3` as a media type."""
    return format if "/" in format else f"audio/{format}"
