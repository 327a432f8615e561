"""Shapes of the Responses API."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from ...wire.openai_responses.types import Sound, WireReasoning
from .shared import Fraction, Json, Limit, Name, Schema, Warmth, Words


class InputText(Struct, tag="input_text"):
    """Text of the user's."""

    text: str


class OutputText(Struct, tag="output_text"):
    """Text of the model's."""

    text: str
    annotations: list[Json] | None = None


class Refusal(Struct, tag="refusal"):
    """What the model said instead of an answer."""

    refusal: str


class InputImage(Struct, tag="input_image"):
    """An image, by its address, as a `data:` URL, or by its id."""

    image_url: str | None = None
    file_id: str | None = None
    detail: str | None = None


class InputFile(Struct, tag="input_file"):
    """A PDF, by its address, as a `data:` URL, or by its id."""

    file_data: str | None = None
    file_url: str | None = None
    file_id: str | None = None
    filename: str | None = None


class InputAudio(Struct, tag="input_audio"):
    """Sound, in base64."""

    input_audio: Sound


Parts = list[InputText | OutputText | Refusal | InputImage | InputFile | InputAudio]


class MessageItem(Struct, tag="message"):
    """What somebody says. `type` may be left out."""

    role: Literal["user", "assistant", "system", "developer"]
    content: str | Parts


class CallItem(Struct, tag="function_call"):
    """A call of a function; arguments are JSON text."""

    call_id: str
    name: Words
    arguments: str
    namespace: str | None = None


class OutputItem(Struct, tag="function_call_output"):
    """What a function answered."""

    call_id: str
    output: str | Parts


class CustomCallItem(Struct, tag="custom_tool_call"):
    """A call of a tool that takes text."""

    call_id: str
    name: Words
    input: str


class CustomOutputItem(Struct, tag="custom_tool_call_output"):
    """What such a tool answered."""

    call_id: str
    output: str | Parts


class Summary(Struct, tag="summary_text"):
    """A piece of what can be read of the model's reasoning."""

    text: str


class ReasoningItem(Struct, tag="reasoning"):
    """Earlier reasoning, with what its provider wants back."""

    summary: list[Summary]
    id: str | None = None
    encrypted_content: str | None = None


Item = MessageItem | CallItem | OutputItem | CustomCallItem | CustomOutputItem | ReasoningItem


class FunctionTool(Struct, tag="function"):
    """A function of the client's."""

    name: Words
    parameters: Schema | None = None
    description: str | None = None
    strict: bool | None = None


class CustomTool(Struct, tag="custom"):
    """A tool that takes text, which may have to follow a grammar."""

    name: Words
    description: str | None = None
    format: Json | None = None


class NamespaceTool(Struct, tag="namespace"):
    """Tools that belong together."""

    name: Words
    tools: list[FunctionTool | CustomTool]
    description: str | None = None


class SearchTool(Struct, tag="web_search"):
    """The web search of the model's provider, or landbridge's."""


class Choice(Struct, tag="function"):
    """The function that must be called."""

    name: Words


class TextFormat(Struct, tag="text"):
    """Any text."""


class JsonFormat(Struct, tag="json_object"):
    """Any JSON."""


class SchemaFormat(Struct, tag="json_schema"):
    """JSON of a schema."""

    schema: Schema
    name: str | None = None
    description: str | None = None
    strict: bool | None = None


class TextConfig(Struct):
    """`text`."""

    format: TextFormat | JsonFormat | SchemaFormat | None = None
    verbosity: str | None = None


class Asked(Struct):
    """A request for a response. `background`, `conversation` and `prompt` are refused by name."""

    model: Name
    input: str | list[Item]
    instructions: str | None = None
    max_output_tokens: Limit | None = None
    tools: list[FunctionTool | CustomTool | NamespaceTool | SearchTool] | None = None
    tool_choice: Literal["auto", "required", "none"] | Choice | None = None
    parallel_tool_calls: bool | None = None
    reasoning: WireReasoning | None = None
    text: TextConfig | None = None
    temperature: Warmth | None = None
    top_p: Fraction | None = None
    include: list[str] | None = None
    metadata: Json | None = None
    prompt_cache_key: str | None = None
    user: str | None = None
    stream: bool | None = None


class Response(Struct, tag="response", tag_field="object"):
    """The answer. With `stream: true` its events come one by one, as `text/event-stream`."""

    id: str
    created_at: float
    model: str
    status: str
    output: list[Json]
    usage: Json | None = None
    error: Json | None = None
    incomplete_details: Json | None = None


class Count(Struct, tag="response.input_tokens", tag_field="object"):
    """How many tokens a prompt has; the header `x-landbridge-count` says how that is known."""

    input_tokens: int


class Items(Struct, tag="list", tag_field="object"):
    """A page of items, each with an id."""

    data: list[Json]
    has_more: bool
    first_id: str | None
    last_id: str | None


class Deleted(Struct, tag="response", tag_field="object"):
    """What was deleted."""

    id: str
    deleted: bool
