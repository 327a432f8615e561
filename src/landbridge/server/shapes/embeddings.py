"""Shapes of embeddings, in OpenAI's form and in Google's."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from .shared import Limit, Name, Words

Token = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Tokens = Annotated[list[Token], Meta(min_length=1)]


class Asked(Struct):
    """Texts or tokens to be embedded. Nothing in it may be empty."""

    model: Name
    input: Words | Annotated[list[Words | Tokens | Token], Meta(min_length=1, max_length=2048)]
    dimensions: Limit | None = None
    encoding_format: Literal["float", "base64"] | None = None
    user: str | None = None


class Entry(Struct, tag="embedding", tag_field="object"):
    """One vector: numbers, or the base64 of 32-bit floats."""

    index: int
    embedding: str | list[float]


class Usage(Struct):
    """How much was read."""

    prompt_tokens: int
    total_tokens: int


class Embeddings(Struct, tag="list", tag_field="object"):
    """The vectors, in the order of the inputs."""

    data: list[Entry]
    model: str
    usage: Usage


class TextPart(Struct):
    """Text."""

    text: Words


class TextContent(Struct):
    """Texts, embedded as one."""

    parts: Annotated[list[TextPart], Meta(min_length=1)]


class GoogleAsked(Struct, rename="camel"):
    """A content to be embedded."""

    content: TextContent
    output_dimensionality: Limit | None = None
    task_type: str | None = None


class GoogleBatch(Struct, rename="camel"):
    """Contents to be embedded, all to the same length."""

    requests: Annotated[list[GoogleAsked], Meta(min_length=1, max_length=100)]


class Values(Struct):
    """One vector."""

    values: list[float]


class GoogleEmbedding(Struct, rename="camel"):
    """The vector."""

    embedding: Values


class GoogleEmbeddings(Struct, rename="camel"):
    """The vectors, in the order of the contents."""

    embeddings: list[Values]
