"""The fields of a request's body: what is known is taken and checked, what is left over is kept as raw JSON.

Errors name the field's path (`messages[2].content`), as the dialects' makers do.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Generic, TypeVar

import msgspec
from msgspec import Raw, Struct

from ..errors import BadRequest
from ..neutral.parts import NONE

T = TypeVar("T")
S = TypeVar("S", bound=Struct)

FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises."""
NULL = b"null"
_object = msgspec.json.Decoder(dict[str, Raw])


def is_set(raw: Raw) -> bool:
    """Whether a raw field is there and not null. (Absent fields are `NONE` itself; hot paths look at that first.)"""
    # Only what is short enough to be null is looked at: looking copies, and tools and prompts are long.
    return raw is not NONE and (len(raw) > len(NULL) or bytes(raw) not in (b"", NULL))


def decode_body(body: bytes) -> dict[str, Raw]:
    """The body's fields. Raises `BadRequest` for what is not a JSON object in UTF-8."""
    try:
        if not body.isascii():
            body.decode()
        return _object.decode(body)
    except UnicodeDecodeError as error:
        raise BadRequest(f"The body is not valid UTF-8 (byte {error.start}).") from None
    except RecursionError:
        raise BadRequest("The body is nested too deeply.") from None
    except msgspec.ValidationError:
        raise BadRequest("The body is JSON, but not an object.") from None
    except msgspec.DecodeError as error:
        raise BadRequest(f"The body is not valid JSON: {error}.") from None


def decode_at(decoder: msgspec.json.Decoder[T], raw: Raw | bytes, path: str) -> T:
    """The value of a field, or a `BadRequest` that names its path."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        raise BadRequest.at(path + where.rstrip("`"), f": {what}.") from None
    except RecursionError:
        raise BadRequest.at(path, " is nested too deeply.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest.at(path, f": {error}.") from None


def others(raw: Raw, known: Container[str], path: str) -> dict[str, Raw]:
    """The fields of an object that are not `known`."""
    return {name: value for name, value in decode_at(_object, raw, path).items() if name not in known}


class Known(Generic[S]):
    """Reads objects: the fields that a struct has, and beside them all others as raw JSON."""

    def __init__(self, struct: type[S]) -> None:
        self._any = msgspec.json.Decoder(struct)
        # Nearly all have no others: those are read in one pass, and looked at again only where this fails.
        strict = msgspec.defstruct(struct.__name__, (), bases=(struct,), forbid_unknown_fields=True)
        self._only: msgspec.json.Decoder[S] = msgspec.json.Decoder(strict)
        self._names = frozenset(struct.__struct_encode_fields__)

    def read(self, raw: Raw, path: str) -> tuple[S, dict[str, Raw]]:
        """The known fields, and the others. Raises a `BadRequest` that names the path."""
        try:
            return self._only.decode(raw), {}
        except FAULTS:
            return decode_at(self._any, raw, path), others(raw, self._names, path)


class Fields:
    """The fields of a body; what is taken is gone, what is null was never there."""

    def __init__(self, raws: dict[str, Raw]) -> None:
        self._raws = raws

    def raw(self, name: str) -> Raw | None:
        """Take a field as raw JSON."""
        raw = self._raws.pop(name, None)
        return raw if raw is not None and is_set(raw) else None

    def take(self, name: str, decoder: msgspec.json.Decoder[T]) -> T | None:
        """Take a field; None if it is absent or null."""
        raw = self._raws.pop(name, None)
        return None if raw is None or not is_set(raw) else decode_at(decoder, raw, name)

    @property
    def left(self) -> bool:
        """Whether anything has not been taken yet."""
        return bool(self._raws)

    def put(self, name: str, raw: Raw) -> None:
        """Put a field back that was taken."""
        self._raws[name] = raw

    def rest(self) -> dict[str, Raw]:
        """What nobody took."""
        return {name: raw for name, raw in self._raws.items() if bytes(raw) != NULL}
