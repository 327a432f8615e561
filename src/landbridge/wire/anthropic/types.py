"""Flat Structs of the Messages wire. Unknown block types never fail to decode; oddly typed fields are looked at where
used.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw, Struct

from ...neutral.events import Reason
from ...neutral.parts import NONE

DIALECT = "anthropic"


class WireBlock(Struct):
    """A content block of any type; `type` says which fields mean something."""

    type: Any = None
    text: Any = None
    cache_control: Raw = NONE
    citations: Raw = NONE
    source: Raw = NONE
    title: Any = None
    context: Any = None
    thinking: Any = None
    signature: Any = None
    data: Any = None
    id: Any = None
    name: Any = None
    input: Raw = NONE
    tool_use_id: Any = None
    tool_name: Any = None
    content: Raw = NONE
    is_error: Any = None


class WireSource(Struct):
    """Where an image or a document is."""

    type: Any = None
    media_type: str | None = None
    data: str | None = None
    url: str | None = None
    file_id: str | None = None
    content: Raw = NONE


class WireMessage(Struct):
    """One message of a request."""

    role: str
    content: Raw = NONE


class WireTool(Struct):
    """A tool definition; one with a `type` other than `custom` is run by Anthropic."""

    name: str = ""
    type: str | None = None
    description: str | None = None
    input_schema: Raw = NONE
    strict: bool | None = None
    defer_loading: bool | None = None
    cache_control: Raw = NONE


class WireChoice(Struct):
    """`tool_choice`."""

    type: str
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class WireThinking(Struct):
    """`thinking`."""

    type: str
    budget_tokens: int | None = None
    display: str | None = None


class WireFormat(Struct):
    """`output_config.format`."""

    type: str = ""
    schema: Raw = NONE
    name: str | None = None


class WireOutputConfig(Struct):
    """`output_config`; what else it holds is kept raw beside it."""

    effort: str | None = None
    format: WireFormat | None = None


class Creation(Struct):
    """`usage.cache_creation`."""

    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class Searches(Struct):
    """`usage.server_tool_use`."""

    web_search_requests: int | None = None
    web_fetch_requests: int | None = None


class WireUsage(Struct):
    """`usage`."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: Creation | None = None
    server_tool_use: Searches | None = None


class WireAnswer(Struct):
    """A whole answer, and the `message` of `message_start`."""

    type: Any = None
    id: Any = None
    model: Any = None
    content: list[Raw] = []
    stop_reason: Any = None
    stop_sequence: Any = None
    usage: Raw = NONE
    error: Raw = NONE


class WireDelta(Struct):
    """`delta` of `content_block_delta` and `message_delta`."""

    type: Any = None
    text: Any = None
    thinking: Any = None
    partial_json: Any = None
    signature: Any = None
    citation: Raw = NONE
    stop_reason: Any = None
    stop_sequence: Any = None


class WireEvent(Struct):
    """One event of a stream."""

    type: Any = None
    index: Any = None
    delta: WireDelta | None = None
    content_block: Raw = NONE
    message: WireAnswer | None = None
    usage: Raw = NONE
    error: Raw = NONE


class WireError(Struct):
    """The error object of error bodies and events."""

    type: Any = None
    message: Any = None


decode_blocks = msgspec.json.Decoder(list[WireBlock]).decode
decode_block = msgspec.json.Decoder(WireBlock)
decode_source = msgspec.json.Decoder(WireSource)
decode_raws = msgspec.json.Decoder(list[Raw])
decode_answer = msgspec.json.Decoder(WireAnswer).decode
decode_event = msgspec.json.Decoder(WireEvent).decode
decode_usage = msgspec.json.Decoder(WireUsage).decode
decode_error = msgspec.json.Decoder(WireError).decode
encode = msgspec.json.Encoder().encode

STOP_READ = {
    "end_turn": Reason.END,
    "max_tokens": Reason.LENGTH,
    "stop_sequence": Reason.STOP_SEQUENCE,
    "tool_use": Reason.TOOLS,
    "pause_turn": Reason.PAUSE,
    "refusal": Reason.REFUSAL,
    "model_context_window_exceeded": Reason.CONTEXT_FULL,
}
"""Words of `stop_reason`; every other word is an ordinary end."""

STOP_WRITTEN = {
    Reason.END: "end_turn",
    Reason.LENGTH: "max_tokens",
    Reason.TOOLS: "tool_use",
    Reason.STOP_SEQUENCE: "stop_sequence",
    Reason.REFUSAL: "refusal",
    Reason.CONTENT_FILTER: "refusal",
    Reason.PAUSE: "pause_turn",
    Reason.CONTEXT_FULL: "model_context_window_exceeded",
}


def word(value: Any) -> str:
    """A string, or nothing."""
    return value if isinstance(value, str) else ""
