"""Structured answers of targets that cannot be held to them: what cannot be a field becomes words in the system prompt.

The words depend on the wanted format alone, so they are the same in every turn of a conversation (P80). The schema
stays as it came, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from ..neutral.parts import Text
from ..neutral.request import Request
from .written import Loss

ONLY = "Answer with one JSON object and nothing else: no words before or after it, no code block."


def instructed(request: Request, *, schemas: bool, objects: bool) -> tuple[Request, tuple[Loss, ...]]:
    """The request with words for what the target has no field for, and the loss that this is.

    `schemas`: it can be held to a schema; `objects`: to JSON of any shape. Servers that have a mode for the latter
    refuse it where nothing in the prompt says JSON; there the words are no loss.
    """
    output = request.output
    if output is None:
        return request, ()
    schema = bytes(output.schema).decode()
    if schema and schemas:
        return request, ()
    if not schema and objects:
        return (request if _says_json(request) else _told(request, ONLY)), ()
    words = f"{ONLY} It must follow this JSON schema:\n{schema}" if schema else ONLY
    held = "can be held to JSON, but not to a schema" if objects else "cannot be held to a format"
    where = "output.schema" if schema and objects else "output"
    return _told(request, words), (Loss(where, f"this model {held}; it is told in words"),)


def _told(request: Request, words: str) -> Request:
    return replace(request, system=(*request.system, Text(words)))


def _says_json(request: Request) -> bool:
    return any("json" in text.lower() for text in _texts(request))


def _texts(request: Request) -> Iterator[str]:
    for part in (*request.system, *(part for message in request.messages for part in message.parts)):
        if isinstance(part, Text):
            yield part.text
