"""Shapes of Gemini's API. Names may be written in snake_case, too."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from .shared import Fraction, Json, Limit, Penalty, Schema, Seed, Warmth, Words


class Blob(Struct, rename="camel"):
    """Data in base64."""

    mime_type: str
    data: str
    display_name: str | None = None


class FileData(Struct, rename="camel"):
    """An address."""

    file_uri: str
    mime_type: str | None = None


class FunctionCall(Struct, rename="camel"):
    """A call of a function."""

    name: Words
    args: Json | None = None
    id: str | None = None


class FunctionResponse(Struct, rename="camel"):
    """What a function answered."""

    name: str
    response: Json
    id: str | None = None


class Part(Struct, rename="camel"):
    """Text, data, an address, a call or an answer: one of them."""

    text: str | None = None
    thought: bool | None = None
    thought_signature: str | None = None
    inline_data: Blob | None = None
    file_data: FileData | None = None
    function_call: FunctionCall | None = None
    function_response: FunctionResponse | None = None


class Content(Struct, rename="camel"):
    """What somebody says."""

    parts: list[Part]
    role: Literal["user", "model", "function"] | None = None


class Declaration(Struct, rename="camel"):
    """What a function is."""

    name: Words
    description: str | None = None
    parameters: Schema | None = None
    parameters_json_schema: Schema | None = None


class Tool(Struct, rename="camel"):
    """Functions of the client's, or Google's own tools."""

    function_declarations: list[Declaration] | None = None
    google_search: Json | None = None
    url_context: Json | None = None


class Calling(Struct, rename="camel"):
    """Whether a function must be called, and which."""

    mode: Literal["AUTO", "ANY", "NONE", "VALIDATED"] | None = None
    allowed_function_names: list[str] | None = None


class ToolConfig(Struct, rename="camel"):
    """`toolConfig`."""

    function_calling_config: Calling | None = None


class ThinkingConfig(Struct, rename="camel"):
    """`thinkingConfig`."""

    include_thoughts: bool | None = None
    thinking_budget: Annotated[int, Meta(ge=-1, le=2**31 - 1)] | None = None
    thinking_level: str | None = None


class GenerationConfig(Struct, rename="camel"):
    """`generationConfig`."""

    max_output_tokens: Limit | None = None
    candidate_count: Literal[1] | None = None
    temperature: Warmth | None = None
    top_p: Fraction | None = None
    top_k: Annotated[float, Meta(ge=0, le=2**31 - 1)] | None = None
    seed: Seed | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    stop_sequences: list[str] | None = None
    response_mime_type: Literal["text/plain", "application/json"] | None = None
    response_schema: Schema | None = None
    response_json_schema: Schema | None = None
    thinking_config: ThinkingConfig | None = None


class Asked(Struct, rename="camel"):
    """A request for content."""

    contents: Annotated[list[Content], Meta(min_length=1)]
    system_instruction: Content | None = None
    tools: list[Tool] | None = None
    tool_config: ToolConfig | None = None
    generation_config: GenerationConfig | None = None


class Counted(Struct, rename="camel"):
    """A prompt to be counted: contents alone, or a whole request."""

    contents: list[Content] | None = None
    generate_content_request: Asked | None = None


class Answer(Struct, rename="camel"):
    """The answer. As a stream such objects come one by one: as `text/event-stream` with `alt=sse`, else as a list."""

    candidates: list[Json] | None = None
    usage_metadata: Json | None = None
    model_version: str | None = None
    response_id: str | None = None
    prompt_feedback: Json | None = None


class Count(Struct, rename="camel"):
    """How many tokens a prompt has; the header `x-landbridge-count` says how that is known."""

    total_tokens: int


class ErrorBody(Struct):
    """What is wrong, and what to do."""

    code: int
    message: str
    status: str
    details: list[Any] | None = None


class Error(Struct):
    """An error."""

    error: ErrorBody


class Model(Struct, rename="camel"):
    """A model."""

    name: str
    display_name: str
    supported_generation_methods: list[str]
    input_token_limit: int | None = None
    output_token_limit: int | None = None


class Models(Struct):
    """All models; there is one page."""

    models: list[Model]
