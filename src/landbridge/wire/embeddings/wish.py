"""The neutral form of embeddings: a `Wish` for vectors, and the `Vectors` that answer it.

A vector stays as its provider wrote it: a JSON array of numbers, or a string of base64 (numbers of 32 bits, little
endian). It is decoded only where the client wants the other form.
"""

from __future__ import annotations

import base64
import binascii
import math
import struct
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Raw, Struct

from ...errors import Garbled
from ..fields import is_set

Input = str | tuple[int, ...]
"""A text, or the tokens of one."""

BYTES_PER_TOKEN = 3.6

_numbers = msgspec.json.Decoder(list[float]).decode
_string = msgspec.json.Decoder(str).decode
_array = msgspec.json.Decoder(list[Raw]).decode


class Wish(Struct, frozen=True):
    """What a client asks for."""

    inputs: tuple[Input, ...]
    dimensions: int | None = None
    """How many numbers a vector shall have; None: as many as the model gives."""
    base64: bool = False
    """Whether vectors are wanted as base64."""
    foreign: tuple[str, ...] = ()
    """Fields of its form that other providers have no place for."""


class Vectors(Struct, frozen=True):
    """The answer, in the order of the inputs. `tokens` were read; None where nobody says."""

    vectors: tuple[Raw, ...]
    tokens: int | None = None


def groups(inputs: Sequence[Input], most: int, size: int) -> Iterator[tuple[Input, ...]]:
    """`inputs` in their order, at most `most` in a group and about `size` characters or tokens, but at least one."""
    group: list[Input] = []
    held = 0
    for each in inputs:
        if group and (len(group) >= most or held + len(each) > size):
            yield tuple(group)
            group, held = [], 0
        group.append(each)
        held += len(each)
    if group:
        yield tuple(group)


def estimated(inputs: Sequence[Input]) -> int:
    """About how many tokens they have."""
    sizes = (len(each.encode("utf-8", "surrogatepass")) / BYTES_PER_TOKEN for each in inputs if isinstance(each, str))
    return max(1, math.ceil(sum(sizes)) + sum(len(each) for each in inputs if not isinstance(each, str)))


def as_numbers(vector: Raw, origin: str) -> Raw:
    """The vector as a JSON array."""
    return vector if not _is_text(vector) else Raw(msgspec.json.encode(_unpacked(vector, origin)))


def as_base64(vector: Raw, origin: str) -> Raw:
    """The vector as a JSON string of base64."""
    if _is_text(vector):
        return vector
    try:
        numbers = _numbers(vector)
        packed = struct.pack(f"<{len(numbers)}f", *numbers)
    except (msgspec.DecodeError, UnicodeDecodeError, OverflowError) as error:
        raise no_vectors(origin) from error
    return Raw(b'"' + base64.b64encode(packed) + b'"')


def length_of(vector: Raw, origin: str) -> int:
    """How many numbers it has."""
    if _is_text(vector):
        return len(_unpacked(vector, origin))
    try:
        return len(_array(vector))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise no_vectors(origin) from error


def is_vector(raw: Raw) -> bool:
    """Whether it may be one: an array, or text."""
    return is_set(raw) and bytes(memoryview(raw)[:1]) in (b"[", b'"')


def _is_text(vector: Raw) -> bool:
    return bytes(memoryview(vector)[:1]) == b'"'


def _unpacked(vector: Raw, origin: str) -> tuple[float, ...]:
    try:
        packed = base64.b64decode(_string(vector), validate=True)
        return struct.unpack(f"<{len(packed) // 4}f", packed)
    except (msgspec.DecodeError, UnicodeDecodeError, binascii.Error, ValueError, struct.error) as error:
        raise no_vectors(origin) from error


def no_vectors(origin: str) -> Garbled:
    """The answer is not what it shall be."""
    return Garbled(f"{origin} did not answer with a vector for each text.", origin=origin)
