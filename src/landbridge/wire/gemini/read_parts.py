"""One part of a request's content to a neutral part.

A part nobody knows stays as `Opaque`; only a known one with an impossible field is an error.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

import msgspec
from msgspec import Raw

from ...errors import BadRequest
from ...neutral.parts import Audio, Document, Image, Opaque, Part, Text, Thinking, ToolCall, ToolResult
from ..fields import is_set
from .fields import Fields, first, read_fields, read_list
from .identifiers import own_id, read_name
from .signatures import unpack
from .types import DIALECT, decode_object

_string = msgspec.json.Decoder(str)
_flag = msgspec.json.Decoder(bool)

_ABOUT = frozenset({"thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata"})
"""Fields that say something of a part and are none themselves."""
_HOSTS = ("https://generativelanguage.googleapis.com/", "gs://")
"""Beginnings of addresses that only Google can read."""


def read_part(raw: Raw, path: str) -> Part:
    """The part in `raw`. Raises `BadRequest`."""
    if first(raw) == b'"':
        return Text(msgspec.json.decode(raw, type=str))
    fields = read_fields(raw, path)
    for kind, read in _KINDS.items():
        if (value := fields.raw(kind)) is not None:
            return read(fields, value, raw)
    name = next((name for name in fields.rest() if name not in _ABOUT), "")
    return Opaque(DIALECT, name, raw)


def _text(fields: Fields, value: Raw, raw: Raw) -> Part:
    if first(value) != b'"':
        raise BadRequest(f"{fields.at('text')}: Expected `str`.")
    text = _string.decode(value)
    signature = unpack(fields.take("thoughtSignature", _string) or "")
    if fields.take("thought", _flag):
        return Thinking(text, signature.text, signature.redacted, signature.origin)
    return Text(text, signature.text, signature.origin)


def _call(fields: Fields, value: Raw, raw: Raw) -> Part:
    call = read_fields(value, fields.at("functionCall"))
    signature = unpack(fields.take("thoughtSignature", _string) or "")
    name = call.take("name", _string)
    if not name:
        raise BadRequest(f"{call.at('name')} is missing.", remedy="Name the function.")
    args = call.raw("args")
    id = own_id(call.take("id", _string) or "", name)
    return ToolCall(id, read_name(name), args or Raw(b"{}"), signature.text, signature.origin)


def _result(fields: Fields, value: Raw, raw: Raw) -> Part:
    result = read_fields(value, fields.at("functionResponse"))
    name = result.take("name", _string) or ""
    id = own_id(result.take("id", _string) or "", name)
    response = result.raw("response")
    texts, is_error = ((), False) if response is None else _said(response)
    media = (read_part(item, f"{result.at('parts')}[{at}]") for at, item in enumerate(result.all("parts")))
    kept = tuple(part for part in media if isinstance(part, Text | Image | Document | Opaque))
    return ToolResult(id, (*texts, *kept), is_error, read_name(name))


def _said(response: Raw) -> tuple[tuple[Text, ...], bool]:
    """What the tool said, and whether it is an error. An object without `output` or `error` is said as a whole."""
    if first(response) == b"{":
        names = decode_object(response)
        if "error" in names:
            return _texts(names["error"] if len(names) == 1 else response), True
        if len(names) == 1 and (name := next(iter(names))) in ("output", "result"):
            return _texts(names[name]), False
    return _texts(response), False


def _texts(value: Raw) -> tuple[Text, ...]:
    """A string as text, anything else as the JSON it is."""
    text = _string.decode(value) if first(value) == b'"' else bytes(value).decode()
    return (Text(text),) if text else ()


def _inline(fields: Fields, value: Raw, raw: Raw) -> Part:
    blob = read_fields(value, fields.at("inlineData"))
    kind = blob.take("mimeType", _string) or ""
    data = blob.take("data", _string) or ""
    title = blob.take("displayName", _string) or ""
    if fields.raw("thoughtSignature") is not None or not data:
        return Opaque(DIALECT, "inlineData", raw)  # an image Gemini made itself, and wants back as it was
    family = kind.partition("/")[0]
    if family == "image":
        return Image(data=data, media_type=kind)
    if family == "audio":
        return Audio(data, kind)
    if family == "video":
        return Opaque(DIALECT, "inlineData", raw)
    if family == "text" and (text := _decoded(data)) is not None:
        return Document(text=text, media_type=kind, title=title)
    return Document(data=data, media_type=kind, title=title)


def _decoded(data: str) -> str | None:
    try:
        return base64.b64decode(data.replace("-", "+").replace("_", "/"), validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def _file(fields: Fields, value: Raw, raw: Raw) -> Part:
    file = read_fields(value, fields.at("fileData"))
    address = file.take("fileUri", _string) or ""
    kind = file.take("mimeType", _string) or ""
    title = file.take("displayName", _string) or ""
    url, file_id = ("", address) if address.startswith(_HOSTS) else (address, "")
    if kind.startswith("image/") and address:
        return Image(url=url, file_id=file_id, media_type=kind)
    if kind.partition("/")[0] in ("application", "text") and address:
        return Document(url=url, file_id=file_id, media_type=kind, title=title)
    return Opaque(DIALECT, "fileData", raw)


_KINDS: dict[str, Callable[[Fields, Raw, Raw], Part]] = {
    "functionCall": _call,
    "functionResponse": _result,
    "inlineData": _inline,
    "fileData": _file,
    "text": _text,
}


def read_parts(raw: Raw | None, path: str) -> tuple[Part, ...]:
    """The parts of a content: a list, or one object."""
    if raw is None or not is_set(raw):
        return ()
    return tuple(read_part(item, f"{path}[{number}]") for number, item in enumerate(read_list(raw, path)))
