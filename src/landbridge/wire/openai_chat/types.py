"""Flat Structs of the Chat Completions wire, made so that an unknown or oddly typed field never fails to decode.

What many backends fill differently is `Any` or `Raw` and is looked at where it is used. `Raw` fields default to an
empty `Raw`, because `Raw | None` decodes nothing but null.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct, field

from ...neutral.events import Reason
from ...neutral.parts import NONE

DIALECT = "openai_chat"
SEARCH = "web_search_options"
"""The field that has the provider search the web; here a hosted tool of this type."""


class Function(Struct):
    """Name and arguments of a call; arguments are JSON text in a string, or (some backends) the object itself."""

    name: Any = None
    arguments: Raw = NONE


class Call(Struct):
    """A tool call, or a fragment of one. Some backends leave `index` or `id` out (P22, P23)."""

    index: Any = None
    id: Any = None
    type: Any = None
    function: Function | None = None


class Said(Struct):
    """What the assistant says: `delta` of a chunk or `message` of an answer."""

    content: Any = None
    """A string, or a list of parts."""
    reasoning_content: Any = None
    reasoning: Any = None
    reasoning_details: Any = None
    refusal: Any = None
    tool_calls: list[Call] | None = None
    function_call: Function | None = None
    annotations: Raw = NONE


class Choice(Struct):
    """One choice of a chunk or an answer."""

    index: Any = 0
    delta: Said | None = None
    message: Said | None = None
    text: Any = None
    """Where completions that are no chat have their text."""
    finish_reason: Any = None
    stop_reason: Any = None
    """vLLM: the stop string that matched (or a token number)."""
    logprobs: Raw = NONE
    usage: Raw = NONE
    """Moonshot puts the usage of a stream here."""
    error: Raw = NONE


class GroqNote(Struct):
    """Groq's `x_groq` in its last chunk."""

    usage: Raw = NONE


class Chunk(Struct):
    """A `chat.completion.chunk`, or a whole `chat.completion`."""

    id: Any = None
    model: Any = None
    object: Any = None
    choices: list[Choice] | None = None
    usage: Raw = NONE
    timings: Raw = NONE
    prompt_progress: Raw = NONE
    """llama.cpp: how much of the prompt is read (`progress.py`)."""
    x_groq: GroqNote | None = None
    error: Raw = NONE


decode_chunk = msgspec.json.Decoder(Chunk).decode
decode_str = msgspec.json.Decoder(str).decode
decode_raws = msgspec.json.Decoder(list[Raw]).decode
decode_object = msgspec.json.Decoder(dict[str, Raw]).decode
encode = msgspec.json.Encoder().encode


class WirePart(Struct):
    """A part of a message's content; raw, because only the type says which fields mean something."""

    type: Any = None
    text: Raw = NONE
    refusal: Raw = NONE
    image_url: Raw = NONE
    input_audio: Raw = NONE
    file: Raw = NONE
    cache_control: Raw = NONE


class WireMessage(Struct):
    """A message of a request."""

    role: str
    content: Raw = NONE
    name: str | None = None
    tool_call_id: str | None = None
    tool_calls: list[Raw] | None = None
    function_call: Function | None = None
    refusal: str | None = None
    reasoning_content: Any = None
    reasoning: Any = None


class WireFunction(Struct):
    """The definition of a function."""

    name: str
    description: str | None = None
    parameters: Raw = NONE
    strict: bool | None = None


class WireTool(Struct):
    """A tool definition; other types than `function` are hosted by the provider."""

    type: str = "function"
    function: Raw = NONE
    name: Any = None
    cache_control: Raw = NONE


class PlainTool(Struct):
    """A function's definition, as nearly all are, for reading them in one pass."""

    function: WireFunction
    type: Literal["function"] = "function"
    cache_control: Raw = NONE


class WireCall(Struct):
    """A call in the history."""

    id: str | None = None
    type: str | None = None
    function: Function | None = None


class ImageUrl(Struct):
    """`image_url` of a part."""

    url: str
    detail: str | None = None


class InputAudio(Struct):
    """`input_audio` of a part."""

    data: str
    format: str = "wav"


class InputFile(Struct):
    """`file` of a part: data as a `data:` URL, or an uploaded file's id."""

    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class JsonSchema(Struct):
    """`response_format.json_schema`."""

    name: str = ""
    description: str | None = None
    schema: Raw = NONE
    strict: bool | None = None


class ResponseFormat(Struct):
    """`response_format`."""

    type: str
    json_schema: JsonSchema | None = None


class NamedChoice(Struct):
    """A tool choice that is an object: a function by name, or (2025) a list of allowed tools."""

    type: str = "function"
    function: Function | None = None
    name: Any = None


class StreamOptions(Struct):
    """`stream_options`."""

    include_usage: bool | None = field(default=None)


FINISH_READ = {
    "stop": Reason.END,
    "length": Reason.LENGTH,
    "max_tokens": Reason.LENGTH,
    "model_length": Reason.LENGTH,
    "tool_calls": Reason.TOOLS,
    "function_call": Reason.TOOLS,
    "content_filter": Reason.CONTENT_FILTER,
    "refusal": Reason.REFUSAL,
}
"""Words of `finish_reason`; `model_length` is Mistral's. Every other word is an ordinary end."""

FINISH_WRITTEN = {
    Reason.END: "stop",
    Reason.LENGTH: "length",
    Reason.TOOLS: "tool_calls",
    Reason.STOP_SEQUENCE: "stop",
    Reason.REFUSAL: "content_filter",
    Reason.CONTENT_FILTER: "content_filter",
    Reason.PAUSE: "stop",
    Reason.CONTEXT_FULL: "length",
}
