"""Parts of messages. Frozen values; what is opaque (arguments, schemas, unknown blocks) is raw JSON and stays so."""

from __future__ import annotations

from typing import Literal

from msgspec import Raw, Struct

NONE = Raw(b"")
"""No raw JSON. `msgspec.Raw | None` cannot be decoded into, so an empty `Raw` stands for absence."""

Role = Literal["system", "user", "assistant"]


class Text(Struct, frozen=True, tag="text", omit_defaults=True):
    """Plain text."""

    text: str
    signature: str = ""
    """Opaque token the provider wants back with this part (Gemini thought signatures)."""
    origin: str = ""
    """Dialect that made `signature`, with the provider's name behind `@` where it is known (`wire/origins.py`)."""
    cache: Raw = NONE
    """The client's cache marker, as it wrote it (`{"type":"ephemeral"}`)."""
    citations: Raw = NONE
    """Citations of this text in the client's own form (a JSON array), opaque."""


class Image(Struct, frozen=True, tag="image", omit_defaults=True):
    """A picture: exactly one of `data` (base64), `url` and `file_id` is set."""

    data: str = ""
    media_type: str = ""
    url: str = ""
    file_id: str = ""
    detail: str = ""
    """OpenAI's `low`/`high`/`auto`; empty if the client did not say."""
    cache: Raw = NONE


class Document(Struct, frozen=True, tag="document", omit_defaults=True):
    """A file to read: one of `data` (base64), `text`, `url`, `file_id` and `parts` is set."""

    data: str = ""
    media_type: str = ""
    text: str = ""
    url: str = ""
    file_id: str = ""
    parts: tuple[Text | Image, ...] = ()
    title: str = ""
    context: str = ""
    citations: Raw = NONE
    cache: Raw = NONE


class Audio(Struct, frozen=True, tag="audio", omit_defaults=True):
    """A sound: base64 `data` in `format` (`wav`, `mp3`, or a media type)."""

    data: str
    format: str
    cache: Raw = NONE


class Thinking(Struct, frozen=True, tag="thinking", omit_defaults=True):
    """Reasoning the model showed. Sent back only to the provider that made it."""

    text: str = ""
    signature: str = ""
    """Opaque proof or encrypted reasoning, kept byte for byte."""
    redacted: bool = False
    """The reasoning is not readable; `signature` holds all of it (Anthropic `redacted_thinking`)."""
    origin: str = ""
    """As a text's; empty if there is no signature."""
    cache: Raw = NONE


class ToolCall(Struct, frozen=True, tag="tool_call", omit_defaults=True):
    """The model asks for a tool. `args` is the JSON text of the arguments, exactly as it came."""

    id: str
    name: str
    args: Raw = Raw(b"{}")
    signature: str = ""
    origin: str = ""
    cache: Raw = NONE


class ToolReference(Struct, frozen=True, tag="tool_reference", omit_defaults=True):
    """A tool result names a tool whose definition is now loaded (Claude Code's ToolSearch)."""

    name: str


class Opaque(Struct, frozen=True, tag="opaque", omit_defaults=True):
    """A block only its own dialect knows. Written back to that dialect as it came, reported as a loss elsewhere."""

    dialect: str
    name: str
    """Its type in that dialect (`server_tool_use`)."""
    raw: Raw


class ToolResult(Struct, frozen=True, tag="tool_result", omit_defaults=True):
    """What a tool answered. `id` is the call's id; empty if the client sent none (then it pairs by position)."""

    id: str
    parts: tuple[Text | Image | Document | ToolReference | Opaque, ...] = ()
    is_error: bool = False
    name: str = ""
    """The tool's name, where the dialect repeats it (Gemini)."""
    cache: Raw = NONE


Part = Text | Image | Document | Audio | Thinking | ToolCall | ToolResult | ToolReference | Opaque


class Message(Struct, frozen=True):
    """One turn. A `system` turn inside a conversation stays where it came; it is never hoisted."""

    role: Role
    parts: tuple[Part, ...]
