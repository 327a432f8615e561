"""Flat Structs of the Responses wire, made so that an unknown or oddly typed field never fails to decode.

Fields whose shape depends on the item's type are `Any` or `Raw` and are looked at where they are used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Raw, Struct

from ...neutral.events import Reason
from ...neutral.parts import NONE

DIALECT = "openai_responses"
INCLUDE = "reasoning.encrypted_content"
"""What has to be asked for so that reasoning can be replayed."""


class Item(Struct):
    """An item of `input` or `output`."""

    type: Any = None
    id: Any = None
    role: Any = None
    status: Any = None
    content: Raw = NONE
    phase: Any = None
    call_id: Any = None
    name: Any = None
    namespace: Any = None
    arguments: Raw = NONE
    input: Any = None
    output: Raw = NONE
    summary: Raw = NONE
    encrypted_content: Any = None


class Piece(Struct):
    """A part of an item's content or summary."""

    type: Any = None
    text: Any = None
    refusal: Any = None
    annotations: Raw = NONE
    image_url: Any = None
    file_id: Any = None
    file_data: Any = None
    file_url: Any = None
    filename: Any = None
    detail: Any = None
    input_audio: Raw = NONE


class Sound(Struct):
    """`input_audio` of a part."""

    data: str
    format: str = "wav"


class WireReason(Struct):
    """`incomplete_details`."""

    reason: Any = None


class WireResponse(Struct):
    """A response object, whole or inside a lifecycle event."""

    id: Any = None
    object: Any = None
    model: Any = None
    status: Any = None
    output: Raw = NONE
    usage: Raw = NONE
    error: Raw = NONE
    incomplete_details: WireReason | None = None
    tool_usage: Raw = NONE


class WireEvent(Struct):
    """An event of a stream."""

    type: Any = None
    output_index: Any = None
    content_index: Any = None
    summary_index: Any = None
    delta: Any = None
    text: Any = None
    refusal: Any = None
    arguments: Any = None
    input: Any = None
    name: Any = None
    item: Raw = NONE
    annotation: Raw = NONE
    response: Raw = NONE
    error: Raw = NONE
    code: Any = None
    message: Any = None


class TextDelta(Struct, tag_field="type", tag="response.output_text.delta"):
    """Some text of a message: what is looked at in most events. A delta of another shape is read as any event."""

    delta: str
    output_index: int = 0
    content_index: int = 0


class SummaryDelta(Struct, tag_field="type", tag="response.reasoning_summary_text.delta"):
    """Some text of a summary."""

    delta: str
    output_index: int = 0
    summary_index: int = 0


class ArgumentsDelta(Struct, tag_field="type", tag="response.function_call_arguments.delta"):
    """Some arguments of a call."""

    delta: str
    output_index: int = 0


PlainDelta = TextDelta | SummaryDelta | ArgumentsDelta


class WireTool(Struct):
    """A tool definition."""

    type: Any = None
    name: Any = None
    description: Any = None
    parameters: Raw = NONE
    strict: bool | None = None


class WireNamespace(Struct):
    """A definition of several tools."""

    type: Any = None
    name: Any = None
    tools: list[Raw] | None = None


class WireGrammar(Struct):
    """`format` of a custom tool, if it is a grammar."""

    syntax: Any = None
    definition: Any = None


class WireChoice(Struct):
    """`tool_choice` as an object, or a tool that one allows."""

    type: Any = None
    name: Any = None
    namespace: Any = None
    mode: Any = None
    server_label: Any = None
    tools: list[Raw] | None = None


class WireReasoning(Struct):
    """`reasoning`."""

    effort: str | None = None
    summary: str | None = None


class WireFormat(Struct):
    """`text.format`."""

    type: str
    name: str | None = None
    description: str | None = None
    schema: Raw = NONE
    strict: bool | None = None


class WireText(Struct):
    """`text`."""

    format: WireFormat | None = None


class WireError(Struct):
    """An error's code."""

    code: Any = None


item_decoder = msgspec.json.Decoder(Item)
piece_decoder = msgspec.json.Decoder(Piece)
raws_decoder = msgspec.json.Decoder(list[Raw])
decode_event = msgspec.json.Decoder(WireEvent).decode
decode_delta: Callable[[bytes], PlainDelta] = msgspec.json.Decoder(PlainDelta).decode
decode_response = msgspec.json.Decoder(WireResponse).decode
decode_error = msgspec.json.Decoder(WireError).decode
decode_str = msgspec.json.Decoder(str).decode
encode = msgspec.json.Encoder().encode

FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises."""


def head(raw: Raw) -> bytes:
    """The first byte of raw JSON, which says of what kind it is; looked at without copying the rest."""
    return bytes(memoryview(raw)[:1])


def word(value: Any) -> str:
    """The value if it is text, else nothing."""
    return value if isinstance(value, str) else ""


STATUS_WRITTEN = {
    Reason.LENGTH: "max_output_tokens",
    Reason.CONTEXT_FULL: "max_output_tokens",
    Reason.CONTENT_FILTER: "content_filter",
}
"""Endings that are `incomplete`, with their reason; every other one is `completed`.

A refusal is a complete answer with a part that says so, as it is at OpenAI; Codex asks five more times after
`content_filter`, and pays for each.
"""
