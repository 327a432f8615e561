"""Shapes of the Messages API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from ...wire.anthropic.types import WireChoice, WireThinking, WireUsage
from .shared import Fraction, Json, Limit, Name, Schema, Top, Words


class Base64Source(Struct, tag="base64"):
    """Data of an image or a document."""

    media_type: str
    data: str


class UrlSource(Struct, tag="url"):
    """An address."""

    url: str


class FileSource(Struct, tag="file"):
    """A file of Anthropic's."""

    file_id: str


class TextSource(Struct, tag="text"):
    """A document's text."""

    data: str
    media_type: str = "text/plain"


Source = Base64Source | UrlSource | FileSource | TextSource


class TextBlock(Struct, tag="text"):
    """Text."""

    text: str
    cache_control: Json | None = None
    citations: Any = None


class ImageBlock(Struct, tag="image"):
    """An image."""

    source: Base64Source | UrlSource | FileSource
    cache_control: Json | None = None


class DocumentBlock(Struct, tag="document"):
    """A PDF or a text."""

    source: Source
    title: str | None = None
    context: str | None = None
    citations: Any = None
    cache_control: Json | None = None


class ThinkingBlock(Struct, tag="thinking"):
    """Earlier thinking, with its signature."""

    thinking: str
    signature: str = ""


class RedactedBlock(Struct, tag="redacted_thinking"):
    """Earlier thinking nobody can read."""

    data: str


class CallBlock(Struct, tag="tool_use"):
    """A call of a tool."""

    id: str
    name: Words
    input: Json
    cache_control: Json | None = None


class ReferenceBlock(Struct, tag="tool_reference"):
    """A tool that was found."""

    tool_name: str


class ResultBlock(Struct, tag="tool_result"):
    """What a tool answered."""

    tool_use_id: str
    content: str | list[TextBlock | ImageBlock | DocumentBlock | ReferenceBlock] | None = None
    is_error: bool | None = None
    cache_control: Json | None = None


Block = (
    TextBlock | ImageBlock | DocumentBlock | ThinkingBlock | RedactedBlock | CallBlock | ResultBlock | ReferenceBlock
)


class Turn(Struct):
    """A message. Blocks of types that are not named here are passed on where the target speaks the dialect."""

    role: Literal["user", "assistant", "system"]
    content: str | list[Block]


class Tool(Struct):
    """A tool of the client's. Those with a `type` other than `custom` are Anthropic's own, and have no schema."""

    name: Words
    input_schema: Schema | None = None
    description: str | None = None
    type: Annotated[str, Meta(examples=["custom", "web_search_20250305", "web_fetch_20250910"])] | None = None
    strict: bool | None = None
    defer_loading: bool | None = None
    cache_control: Json | None = None


class Format(Struct, tag="json_schema"):
    """An answer of a schema."""

    schema: Schema


class OutputConfig(Struct):
    """`output_config`."""

    effort: str | None = None
    format: Format | None = None


class Asked(Struct):
    """A request for a message; `max_tokens` may be left out, unlike at Anthropic."""

    model: Name
    messages: Annotated[list[Turn], Meta(min_length=1)]
    max_tokens: Limit | None = None
    system: str | list[TextBlock] | None = None
    tools: list[Tool] | None = None
    tool_choice: WireChoice | None = None
    thinking: WireThinking | None = None
    output_config: OutputConfig | None = None
    temperature: Fraction | None = None
    top_p: Fraction | None = None
    top_k: Top | None = None
    stop_sequences: list[str] | None = None
    metadata: Json | None = None
    stream: bool | None = None


class Message(Struct, tag="message"):
    """The answer. With `stream: true` its events come one by one, as `text/event-stream`."""

    id: str
    role: Literal["assistant"]
    model: str
    content: list[Json]
    stop_reason: str | None
    stop_sequence: str | None
    usage: WireUsage


class Count(Struct):
    """How many tokens a prompt has; the header `x-landbridge-count` says how that is known."""

    input_tokens: int


class ErrorBody(Struct):
    """What is wrong, and what to do."""

    type: str
    message: str


class Error(Struct, tag="error"):
    """An error."""

    error: ErrorBody
    request_id: str | None = None


class Model(Struct, tag="model"):
    """A model. `landbridge` says more of it than the dialect has fields for."""

    id: str
    display_name: str
    created_at: str
    max_input_tokens: int | None
    max_tokens: int | None
    landbridge: Json


class Models(Struct):
    """All models; there is one page."""

    data: list[Model]
    has_more: bool
    first_id: str | None
    last_id: str | None
