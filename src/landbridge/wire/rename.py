"""The model's name in a request body: read cheaply, replaced without touching another byte.

Pass-through sends the client's bytes. Where the target knows the model under another name, only the value of the
top-level `model` changes: white space, key order, number forms and unknown fields stay as they were. Works for every
dialect that has its model in the body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from ..errors import BadRequest

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"(?P<colon>\s*:\s*)?|[{}\[\]]', re.S)
"""A string, with its colon if it is a key, or a bracket."""

_KEY = b'"model"'
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.S)


class Peek(Struct, frozen=True):
    """What routing wants to know of a body."""

    model: str
    stream: bool = False


class _Body(Struct):
    model: str
    stream: bool | None = None


_decode = msgspec.json.Decoder(_Body).decode
_decode_str = msgspec.json.Decoder(str).decode


def peek(body: bytes) -> Peek:
    """Model and stream flag. Raises `BadRequest` for what is no JSON object with a model's name."""
    try:
        seen = _decode(body)
    except msgspec.ValidationError as error:
        raise _plain(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"The body is not valid JSON: {error}.") from None
    except RecursionError:
        raise BadRequest("The body is nested too deeply.") from None
    return Peek(seen.model, bool(seen.stream))


_LEADING = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*"model"[ \t\r\n]*:[ \t\r\n]*"([^"\\\\\x00-\x1f]+)"')


def leading_model(body: bytes) -> str | None:
    """The model's name where the body begins with it, as most clients' do; found without reading the rest.

    A first guess only: a body may name its model twice, and need not be JSON at all.
    """
    found = _LEADING.match(body)
    if found is None:
        return None
    try:
        return found[1].decode()
    except UnicodeDecodeError:
        return None


def rename(body: bytes, model: str) -> bytes:
    """The body with another model; the very same object if it names that model already. Raises `BadRequest`."""
    return body if peek(body).model == model else swap(body, model)


def swap(body: bytes, model: str) -> bytes:
    """The body with another model; for one that was peeked into and names a different one.

    A key that stands twice, with another name at its end, is replaced first and last: parsers differ in that.
    """
    value = msgspec.json.encode(model)
    pieces: list[bytes] = []
    at = 0
    for start, end in _spans(body):
        pieces += [body[at:start], value]
        at = end
        # Parsers take the first or the last of a key that stands twice: when a decoder that takes the last says the new
        # name, the rest need not be searched. Mostly the key stands once and near the start.
        renamed = b"".join([*pieces, body[at:]])
        if _decode(renamed).model == model:
            return renamed
    return b"".join([*pieces, body[at:]])


def _spans(body: bytes) -> Iterator[tuple[int, int]]:
    """Where the string values of the top-level key `model` stand. The body is known to be valid JSON."""
    depth = 0
    for token in _TOKEN.finditer(body):
        first = body[token.start()]
        if first in b"{[":
            depth += 1
        elif first in b"}]":
            depth -= 1
        elif depth == 1 and token["colon"] and _is_model(body[token.start() : token.start("colon")]):
            value = _STRING.match(body, token.end())
            if value is not None:
                yield value.span()


def _is_model(key: bytes) -> bool:
    """Whether a key is `model`, also if it is written with escapes."""
    return key == _KEY or (b"\\" in key and _decode_str(key) == "model")


def _plain(reason: str) -> BadRequest:
    """A decoder's complaint in words for the person who sent the body."""
    if "`$." not in reason and "missing required field" not in reason:
        return BadRequest("The body is JSON, but not an object.")
    if "missing required field `model`" in reason:
        return BadRequest.at("model", " is missing.")
    what, _, where = reason.partition(" - at `$.")
    return BadRequest.at(where.rstrip("`"), f": {what}.")
