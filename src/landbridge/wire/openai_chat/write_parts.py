"""Parts of user turns and tool results to content, with a note in the text where the target cannot take one.

Text is what every backend takes, so content without pictures and files is one string, whatever the number of blocks
the client made of it: the same message looks the same when it is a list today and a string tomorrow (CLIENTS.md 7).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from ...neutral.parts import Audio, Document, Image, Opaque, Part, Text, ToolReference
from ...neutral.traits import Traits
from ..written import Loss
from .types import DIALECT

Content = list[Any]
"""Content parts: strings for text, dicts or raw JSON for the rest."""

BETWEEN = "\n\n"
"""Stands between two blocks of text that become one string."""


class PartWriter:
    """Writes the parts of one request and collects what is lost."""

    def __init__(self, traits: Traits) -> None:
        self._traits = traits
        self.losses: list[Loss] = []

    def write(self, part: Part, path: str) -> Content:
        """The content of one part; a part that has no place is a loss and, where it can be said, a note."""
        match part:
            case Text():
                return [part.text] if part.text else []
            case Image():
                return [self._image(part, path)]
            case Document():
                return self._document(part, path)
            case Audio() | Opaque() if not self._traits.fetches_images and _names_address(part):
                return [
                    self._note(
                        path, "[Something stood here that is at an address; it cannot be fetched for this model.]"
                    )
                ]
            case Audio():
                return [{"type": "input_audio", "input_audio": {"data": part.data, "format": _sound(part.format)}}]
            case ToolReference():
                return [f"{part.name} is loaded now."]
            case Opaque(dialect=dialect) if dialect == DIALECT:
                return [part.raw]
            case Opaque():
                self.lose(path, f"a '{part.name}' block of {part.dialect} has no place in chat completions")
            case _:
                self.lose(path, f"{type(part).__name__} has no place in this turn")
        return []

    def lose(self, path: str, why: str) -> None:
        """Note a loss."""
        self.losses.append(Loss(path, why))

    def _image(self, image: Image, path: str) -> object:
        if not self._traits.images:
            return self._note(path, "[An image stood here; this model cannot see images.]")
        url = f"data:{image.media_type or 'image/png'};base64,{image.data}" if image.data else image.url
        if image.url and not self._traits.fetches_images:
            return self._note(path, "[An image at an address stood here; it was not fetched.]")
        if not url:
            return self._note(path, f"[An uploaded image ({image.file_id}) stood here; it is not available here.]")
        wire = {"url": url, "detail": image.detail} if image.detail else {"url": url}
        return {"type": "image_url", "image_url": wire}

    def _document(self, document: Document, path: str) -> Content:
        if b"true" in bytes(document.citations):
            self.lose(path, "citations of this document cannot be given")
        title = document.title or "document"
        about = [f"{document.title}:" if document.title else "", document.context]
        head = [line for line in about if line]
        if document.text:
            return [*head, document.text]
        if document.parts:
            return [*head, *(item for part in document.parts for item in self.write(part, path))]
        name = title if "." in title else f"{title}.pdf"
        if not self._traits.documents:
            kind = document.media_type or "file"
            return [self._note(path, f"[A document stood here: {title} ({kind}). This model cannot read it.]")]
        if document.data:
            data = f"data:{document.media_type or 'application/pdf'};base64,{document.data}"
            return [*head[1:], {"type": "file", "file": {"filename": name, "file_data": data}}]
        if document.file_id.startswith("file-"):
            return [*head[1:], {"type": "file", "file": {"file_id": document.file_id}}]
        where = document.url or document.file_id
        return [self._note(path, f"[A document stood here: {title}, {where}. It is not available here.]")]

    def _note(self, path: str, note: str) -> str:
        self.lose(path, note.strip("[]"))
        return note


def _names_address(part: Audio | Opaque) -> bool:
    """Whether an engine of this machine would fetch something, from wherever a client says (`video_url`)."""
    if isinstance(part, Audio):
        return ":" in part.data
    try:
        return _holds_address(msgspec.json.decode(part.raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return True


def _holds_address(value: Any) -> bool:
    if isinstance(value, str):
        return "://" in value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_holds_address(each) for each in inner)


def _sound(format: str) -> str:
    """`audio/mpeg` as OpenAI's `mp3`."""
    kind = format.removeprefix("audio/")
    return {"mpeg": "mp3", "x-wav": "wav"}.get(kind, kind)


def write_content(content: Content) -> object:
    """Content for the wire: one string if it is all text, else a list of parts."""
    if all(isinstance(item, str) for item in content):
        return BETWEEN.join(content)
    return [{"type": "text", "text": item} if isinstance(item, str) else item for item in content]


def split_text(content: Content) -> tuple[list[str], Content]:
    """The texts, and what is no text."""
    texts = [item for item in content if isinstance(item, str)]
    return texts, [item for item in content if not isinstance(item, str)]


def join_texts(texts: Iterable[str]) -> str:
    """One text of several blocks; empty ones leave no trace (P61)."""
    return BETWEEN.join([text for text in texts if text])
