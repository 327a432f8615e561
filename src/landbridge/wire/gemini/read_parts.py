"""One part of a request's content to a neutral part.

A part nobody knows stays as `Opaque`; only a known one with an impossible field is an error.
"""

from __future__ import annotations

import base64
import binascii

import msgspec
from msgspec import Raw

from ...errors import BadRequest
from ...neutral.parts import NONE, Audio, Document, Image, Opaque, Part, Text, Thinking, ToolCall, ToolResult
from ..fields import decode_at, is_set
from .fields import first, read_fields, read_list
from .identifiers import own_id, read_name
from .signatures import Signature, unpack
from .types import DIALECT, WireBlob, WireCall, WirePart, WireResult, decode_object

_string = msgspec.json.Decoder(str)
_part = msgspec.json.Decoder(WirePart)
_call = msgspec.json.Decoder(WireCall)
_result = msgspec.json.Decoder(WireResult)
_blob = msgspec.json.Decoder(WireBlob)

_ABOUT = frozenset({"thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata"})
"""Fields that say something of a part and are none themselves."""
_HOSTS = ("https://generativelanguage.googleapis.com/", "gs://")
"""Beginnings of addresses that only Google can read."""
UNSIGNED = Signature()


def read_parts(raw: Raw | None, path: str) -> tuple[Part, ...]:
    """The parts of a content: a list, or one object."""
    if raw is None or not is_set(raw):
        return ()
    return tuple([read_part(item, f"{path}[{number}]") for number, item in enumerate(read_list(raw, path))])


def read_part(raw: Raw, path: str) -> Part:
    """The part in `raw`. Raises `BadRequest`."""
    if first(raw) == b'"':
        return Text(_string.decode(raw))
    part = decode_at(_part, raw, path)
    token = part.signature or part.thought_signature
    signature = unpack(token) if token else UNSIGNED
    if is_set(call := _either(part.call, part.function_call)):
        wire = decode_at(_call, call, f"{path}.functionCall")
        if not wire.name:
            raise BadRequest(f"{path}.functionCall.name is missing.", remedy="Name the function.")
        return read_call(wire, signature)
    if is_set(result := _either(part.result, part.function_response)):
        return _read_result(decode_at(_result, result, f"{path}.functionResponse"), path)
    if is_set(data := _either(part.inlineData, part.inline_data)):
        return _read_data(decode_at(_blob, data, f"{path}.inlineData"), raw, signed=bool(token))
    if is_set(file := _either(part.fileData, part.file_data)):
        return _read_file(decode_at(_blob, file, f"{path}.fileData"), raw)
    if is_set(part.text):
        return _read_text(part, signature, path)
    fields = read_fields(raw, path).rest()
    return Opaque(DIALECT, next((name for name in fields if name not in _ABOUT), ""), raw)


def _either(one: Raw, other: Raw) -> Raw:
    """The field in the spelling it came in."""
    return other if one is NONE else one


def _read_text(part: WirePart, signature: Signature, path: str) -> Part:
    if first(part.text) != b'"':
        raise BadRequest(f"{path}.text: Expected `str`.")
    text = _string.decode(part.text)
    if part.thought:
        return Thinking(text, signature.text, signature.redacted, signature.origin)
    return Text(text, signature.text, signature.origin)


def read_call(call: WireCall, signature: Signature) -> ToolCall:
    """A call that has a name."""
    name = call.name or ""
    args = call.args if is_set(call.args) else Raw(b"{}")
    return ToolCall(own_id(call.id or "", name), read_name(name), args, signature.text, signature.origin)


def _read_result(result: WireResult, path: str) -> Part:
    name = result.name or ""
    texts, is_error = _said(result.response) if is_set(result.response) else ((), False)
    media = read_parts(result.parts, f"{path}.functionResponse.parts")
    kept = tuple([part for part in media if isinstance(part, Text | Image | Document | Opaque)])
    return ToolResult(own_id(result.id or "", name), (*texts, *kept), is_error, read_name(name))


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


def _read_data(blob: WireBlob, raw: Raw, *, signed: bool) -> Part:
    kind, title = blob.mimeType or blob.mime_type, blob.displayName or blob.display_name
    family = kind.partition("/")[0]
    if signed or not blob.data or family == "video":
        return Opaque(DIALECT, "inlineData", raw)  # signed: an image Gemini made itself, and wants back as it was
    if family == "image":
        return Image(data=blob.data, media_type=kind)
    if family == "audio":
        return Audio(blob.data, kind)
    if family == "text" and (text := _decoded(blob.data)) is not None:
        return Document(text=text, media_type=kind, title=title)
    return Document(data=blob.data, media_type=kind, title=title)


def _decoded(data: str) -> str | None:
    try:
        return base64.b64decode(data.replace("-", "+").replace("_", "/"), validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def _read_file(blob: WireBlob, raw: Raw) -> Part:
    kind, title = blob.mimeType or blob.mime_type, blob.displayName or blob.display_name
    address = blob.fileUri or blob.file_uri
    url, file_id = ("", address) if address.startswith(_HOSTS) else (address, "")
    if kind.startswith("image/") and address:
        return Image(url=url, file_id=file_id, media_type=kind)
    if kind.partition("/")[0] in ("application", "text") and address:
        return Document(url=url, file_id=file_id, media_type=kind, title=title)
    return Opaque(DIALECT, "fileData", raw)
