"""OpenAI's form of embeddings (`POST /v1/embeddings`), which local engines and most providers speak, too."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw, Struct

from ...errors import BadRequest
from ...neutral.parts import NONE
from ..fields import Fields, decode_body
from ..openai_chat.errors import read_error
from .wish import Input, Vectors, Wish, as_base64, as_numbers, is_vector, no_vectors

MAX_INPUTS = 2048
"""Texts of one request, as OpenAI has it."""

_string = msgspec.json.Decoder(str)
_input = msgspec.json.Decoder(str | list[str | int | list[int]])
_dimensions = msgspec.json.Decoder(int)

EXPECTED = "Send a text, a list of texts, a list of tokens, or a list of lists of tokens."


class _Entry(Struct):
    embedding: Raw = NONE
    index: int | None = None


class _Usage(Struct):
    prompt_tokens: Any = None


class _Answer(Struct):
    data: list[_Entry]
    usage: _Usage | None = None


_decode = msgspec.json.Decoder(_Answer).decode


def read_wish(body: bytes) -> Wish:
    """What a request's body asks for. Raises `BadRequest`."""
    fields = Fields(decode_body(body))
    fields.raw("model")
    fields.raw("user")
    return Wish(
        inputs=_read_inputs(fields),
        dimensions=_read_dimensions(fields),
        base64=_read_format(fields),
        foreign=tuple(fields.rest()),
    )


def _read_inputs(fields: Fields) -> tuple[Input, ...]:
    given = fields.take("input", _input)
    if given is None:
        raise BadRequest.at("input", " is missing.", remedy=EXPECTED)
    if isinstance(given, str):
        inputs: list[Input] = [given]
    elif any(isinstance(each, int) for each in given):
        tokens = [each for each in given if isinstance(each, int)]
        if len(tokens) < len(given):
            raise BadRequest.at("input", " is a mixture of tokens and texts.", remedy=EXPECTED)
        inputs = [tuple(tokens)]
    else:
        inputs = [each if isinstance(each, str) else tuple(each) for each in given if not isinstance(each, int)]
    if not inputs:
        raise BadRequest.at("input", " is an empty list.", remedy=EXPECTED)
    if len(inputs) > MAX_INPUTS:
        raise BadRequest.at(
            "input", f" has {len(inputs)} texts; {MAX_INPUTS} are the most.", remedy="Send several requests."
        )
    for number, each in enumerate(inputs):
        place = "input" if isinstance(given, str) or len(inputs) == 1 else f"input[{number}]"
        if not each:
            raise BadRequest.at(place, " is empty.", remedy="Leave empty texts out.")
        if not isinstance(each, str) and min(each) < 0:
            raise BadRequest.at(place, " holds a token below 0.")
    return tuple(inputs)


def _read_dimensions(fields: Fields) -> int | None:
    dimensions = fields.take("dimensions", _dimensions)
    if dimensions is not None and dimensions < 1:
        raise BadRequest.at("dimensions", " is less than 1.", remedy="Leave it out to get the model's own.")
    return dimensions


def _read_format(fields: Fields) -> bool:
    form = fields.take("encoding_format", _string)
    if form not in (None, "float", "base64"):
        raise BadRequest.at("encoding_format", f": '{form}' is none.", remedy="Use float or base64.")
    return form == "base64"


def write_wish(wish: Wish, model: str) -> bytes:
    """The body for a provider's `model`."""
    body: dict[str, object] = {"model": model, "input": wish.inputs}
    if wish.dimensions is not None:
        body["dimensions"] = wish.dimensions
    if wish.base64:
        body["encoding_format"] = "base64"
    return msgspec.json.encode(body)


def read_vectors(body: bytes, count: int, origin: str) -> Vectors:
    """The answer in `body`, which shall have `count` vectors. Raises `Garbled`, or the error in its place."""
    try:
        answer = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise read_error(200, body, origin, {}) from None
    places = [entry.index if entry.index is not None else number for number, entry in enumerate(answer.data)]
    whole = sorted(places) == [*range(count)] and all(is_vector(entry.embedding) for entry in answer.data)
    if not whole:
        raise no_vectors(origin)
    found = {place: entry.embedding for place, entry in zip(places, answer.data, strict=True)}
    said = answer.usage.prompt_tokens if answer.usage is not None else None
    return Vectors(tuple(found[number] for number in range(count)), said if type(said) is int else None)


def write_vectors(answer: Vectors, wish: Wish, model: str, tokens: int, origin: str) -> bytes:
    """The answer for a client that knows the model as `model`; `tokens` are what was read, or about that."""
    form = as_base64 if wish.base64 else as_numbers
    data = [
        {"object": "embedding", "index": number, "embedding": form(vector, origin)}
        for number, vector in enumerate(answer.vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return msgspec.json.encode({"object": "list", "data": data, "model": model, "usage": usage})
