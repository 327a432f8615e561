"""Fields of a Gemini request, whose names come in two spellings, even mixed in one body (`wire/fields.py`).

A name that is known is camelCase from here on; what nobody knows keeps its own. Where the API wants a list, one
object is taken for a list of it, as Google's own examples write it.
"""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec
from msgspec import Raw

from .. import fields as wire
from ..fields import decode_at, is_set
from .types import decode_object

T = TypeVar("T")

_KNOWN = """
allowedFunctionNames cachedContent candidateCount codeExecution codeExecutionResult displayName executableCode fileData
fileUri frequencyPenalty functionCall functionCallingConfig functionDeclarations functionResponse generateContentRequest
generationConfig googleMaps googleSearch googleSearchRetrieval includeThoughts inlineData maxOutputTokens
mediaResolution mimeType parametersJsonSchema presencePenalty responseJsonSchema responseMimeType responseModalities
responseSchema retrievalConfig safetySettings speechConfig stopSequences systemInstruction thinkingBudget
thinkingConfig thinkingLevel thoughtSignature toolConfig topK topP urlContext videoMetadata
"""
_CAMEL = {re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name): name for name in _KNOWN.split()}

_objects = msgspec.json.Decoder(dict[str, Raw])
_list = msgspec.json.Decoder(list[Raw])


class Fields(wire.Fields):
    """The fields of one object, by their camelCase names."""

    def __init__(self, raws: dict[str, Raw], path: str = "") -> None:
        super().__init__({_CAMEL.get(name, name): raw for name, raw in raws.items()})
        self.path = path

    def take(self, name: str, decoder: msgspec.json.Decoder[T]) -> T | None:
        """Take a field; None if it is absent or null."""
        raw = self.raw(name)
        return None if raw is None else decode_at(decoder, raw, self.at(name))

    def all(self, name: str) -> list[Raw]:
        """Take a list, or a single object as one."""
        raw = self.raw(name)
        return [] if raw is None else read_list(raw, self.at(name))

    def inner(self, name: str) -> Fields | None:
        """Take an object as fields."""
        raw = self.raw(name)
        return None if raw is None else read_fields(raw, self.at(name))

    def at(self, name: str) -> str:
        """The path of a field."""
        return f"{self.path}.{name}" if self.path else name


def read_fields(raw: Raw | bytes, path: str) -> Fields:
    """The fields of an object, or a `BadRequest` that names its path."""
    try:
        return Fields(decode_object(raw), path)
    except msgspec.DecodeError:
        return Fields(decode_at(_objects, raw, path), path)  # says what is wrong


def read_list(raw: Raw, path: str) -> list[Raw]:
    """The items of a list; another value is its only item."""
    if not is_set(raw):
        return []
    return decode_at(_list, raw, path) if first(raw) == b"[" else [raw]


def first(raw: Raw) -> bytes:
    """The first byte of raw JSON: it tells the kind of value."""
    return bytes(memoryview(raw)[:1])
