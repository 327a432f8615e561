"""Shapes of Chat Completions, and of the errors and lists of models that all of OpenAI's APIs share."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from ...wire.openai_chat.types import ImageUrl, InputAudio, InputFile, StreamOptions
from .shared import Json, Limit, Name, Penalty, Schema, Seed, Top, Warmth, Words


class TextPart(Struct, tag="text"):
    """Text."""

    text: str


class RefusalPart(Struct, tag="refusal"):
    """What the model said instead of an answer."""

    refusal: str


class ImagePart(Struct, tag="image_url"):
    """An image, by its address or as a `data:` URL."""

    image_url: ImageUrl


class AudioPart(Struct, tag="input_audio"):
    """Sound, in base64."""

    input_audio: InputAudio


class FilePart(Struct, tag="file"):
    """A PDF, as a `data:` URL or by its id."""

    file: InputFile


Parts = list[TextPart | RefusalPart | ImagePart | AudioPart | FilePart]


class Function(Struct):
    """Which function is called, and with what; arguments are JSON text."""

    name: Words
    arguments: str


class Call(Struct, tag="function"):
    """A call of a function."""

    id: str
    function: Function


class System(Struct, tag="system", tag_field="role"):
    """What the model is told."""

    content: str | Parts


class Developer(Struct, tag="developer", tag_field="role"):
    """What the model is told."""

    content: str | Parts


class User(Struct, tag="user", tag_field="role"):
    """What the user says."""

    content: str | Parts


class Assistant(Struct, tag="assistant", tag_field="role"):
    """What the model said."""

    content: str | Parts | None = None
    reasoning_content: str | None = None
    refusal: str | None = None
    tool_calls: list[Call] | None = None


class Result(Struct, tag="tool", tag_field="role"):
    """What a function answered."""

    tool_call_id: str
    content: str | Parts


Turn = System | Developer | User | Assistant | Result


class Definition(Struct):
    """What a function is."""

    name: Words
    description: str | None = None
    parameters: Schema | None = None
    strict: bool | None = None


class Tool(Struct):
    """A function of the client's. Tools with another `type` are the provider's own, with fields of their own."""

    type: Annotated[str, Meta(examples=["function"])] = "function"
    function: Definition | None = None


class Named(Struct):
    """The name of a function."""

    name: Words


class Choice(Struct, tag="function"):
    """The function that must be called."""

    function: Named


class SchemaOf(Struct):
    """The schema of an answer."""

    schema: Schema
    name: str = ""
    description: str | None = None
    strict: bool | None = None


class TextFormat(Struct, tag="text"):
    """Any text."""


class JsonFormat(Struct, tag="json_object"):
    """Any JSON."""


class SchemaFormat(Struct, tag="json_schema"):
    """JSON of a schema."""

    json_schema: SchemaOf


class Asked(Struct):
    """A request for a completion."""

    model: Name
    messages: list[Turn]
    max_completion_tokens: Limit | None = None
    max_tokens: Limit | None = None
    tools: list[Tool] | None = None
    tool_choice: Literal["auto", "required", "none"] | Choice | None = None
    parallel_tool_calls: bool | None = None
    response_format: TextFormat | JsonFormat | SchemaFormat | None = None
    reasoning_effort: str | None = None
    temperature: Warmth | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_k: Top | None = None
    seed: Seed | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    stop: str | list[str] | None = None
    n: Literal[1] | None = None
    user: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None


class Said(Struct):
    """What the model says."""

    role: str
    content: str | None
    tool_calls: list[Json] | None = None
    reasoning_content: str | None = None


class Chosen(Struct):
    """The one choice there is."""

    index: int
    message: Said
    finish_reason: str | None


class Completion(Struct, tag="chat.completion", tag_field="object"):
    """The answer. With `stream: true` its chunks come one by one, as `text/event-stream`."""

    id: str
    created: int
    model: str
    choices: list[Chosen]
    usage: Json | None = None


class ErrorBody(Struct):
    """What is wrong, and what to do."""

    message: str
    type: str
    param: str | None = None
    code: Any = None


class Error(Struct):
    """An error."""

    error: ErrorBody


class Model(Struct, tag="model", tag_field="object"):
    """A model."""

    id: str
    created: int
    owned_by: str


class Models(Struct, tag="list", tag_field="object"):
    """All models."""

    data: list[Model]
