"""`messages` of a Chat Completions request to neutral messages.

Tool messages that follow each other are one user turn of results, as they are in every dialect that has no tool role.
The old `function_call` and role `function` become a call and its result under an id made of their place. Unknown
parts stay as `Opaque`.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

from ...errors import BadRequest
from ...neutral.parts import (
    NONE,
    Audio,
    Document,
    Image,
    Message,
    Opaque,
    Part,
    Role,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from ..fields import decode_at, is_set
from .calls import arguments_text
from .types import (
    DIALECT,
    ImageUrl,
    InputAudio,
    InputFile,
    WireCall,
    WireMessage,
    WirePart,
    decode_raws,
    decode_str,
)

_message = msgspec.json.Decoder(WireMessage)
_call = msgspec.json.Decoder(WireCall)
_part = msgspec.json.Decoder(WirePart)
_image_url = msgspec.json.Decoder(ImageUrl | str)
_input_audio = msgspec.json.Decoder(InputAudio)
_input_file = msgspec.json.Decoder(InputFile)
_QUOTE, _BRACKET = b'"['
"""First bytes of a string and of a list."""

_ROLES: dict[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


def read_messages(raws: list[Raw]) -> tuple[tuple[Text, ...], tuple[Message, ...]]:
    """The system text the conversation opens with, and the conversation."""
    messages: list[Message] = []
    legacy_id = ""
    for number, raw in enumerate(raws):
        path = f"messages[{number}]"
        wire = decode_at(_message, raw, path)
        if wire.role in ("tool", "function"):
            id = legacy_id if wire.role == "function" else wire.tool_call_id or ""
            _add_result(messages, ToolResult(id, _result_parts(wire, path), name=wire.name or ""))
            continue
        # A role nobody knows yet is somebody who talks to the model.
        role = _ROLES.get(wire.role, "user")
        legacy_id = f"call_{number}"
        parts = _content(wire.content, f"{path}.content")
        messages.append(Message(role, _assistant(wire, parts, path, legacy_id) if role == "assistant" else parts))
    return _open(messages)


def _open(messages: list[Message]) -> tuple[tuple[Text, ...], tuple[Message, ...]]:
    """Split off the leading system messages, as far as they are text."""
    system: list[Text] = []
    while messages and messages[0].role == "system":
        texts = [part for part in messages[0].parts if isinstance(part, Text)]
        if len(texts) < len(messages[0].parts):
            break
        system += texts
        messages = messages[1:]
    return tuple(system), tuple(messages)


def _add_result(messages: list[Message], result: ToolResult) -> None:
    last = messages[-1] if messages else None
    if last is not None and last.role == "user" and last.parts and isinstance(last.parts[-1], ToolResult):
        messages[-1] = Message("user", (*last.parts, result))
    else:
        messages.append(Message("user", (result,)))


def _result_parts(wire: WireMessage, path: str) -> tuple[Text | Image | Document | Opaque, ...]:
    parts = _content(wire.content, f"{path}.content")
    return tuple(part for part in parts if isinstance(part, Text | Image | Document | Opaque))


def _assistant(wire: WireMessage, content: tuple[Part, ...], path: str, legacy_id: str) -> tuple[Part, ...]:
    """Reasoning, text, refusal and calls of an assistant turn, in this order."""
    parts: list[Part] = []
    thoughts = wire.reasoning_content or wire.reasoning
    if isinstance(thoughts, str):
        parts.append(Thinking(thoughts))
    parts += content
    if wire.refusal:
        parts.append(Text(wire.refusal))
    for number, raw in enumerate(wire.tool_calls or ()):
        parts.append(_tool_call(raw, f"{path}.tool_calls[{number}]"))
    if wire.function_call is not None and not wire.tool_calls:
        name = wire.function_call.name
        args = arguments_text(wire.function_call)
        parts.append(ToolCall(legacy_id, name if isinstance(name, str) else "", _args(args)))
    return tuple(parts)


def _tool_call(raw: Raw, path: str) -> Part:
    wire = decode_at(_call, raw, path)
    if wire.function is None:
        if wire.type not in (None, "function"):
            return Opaque(DIALECT, wire.type or "", _copy(raw))
        raise BadRequest.at(f"{path}.function", " is missing.")
    if not isinstance(wire.function.name, str) or not wire.function.name:
        raise BadRequest.at(f"{path}.function.name", ": Expected `str`.")
    return ToolCall(wire.id or "", wire.function.name, _args(arguments_text(wire.function)))


def _args(text: str) -> Raw:
    """The arguments as they came; a call without any has an empty object (P26)."""
    return Raw(text.encode() if text.strip() else b"{}")


def _copy(raw: Raw) -> Raw:
    """A raw value that does not keep the whole body alive."""
    return Raw(bytes(raw)) if is_set(raw) else NONE


def _content(raw: Raw, path: str) -> tuple[Part, ...]:
    """Content is a string, a list of parts, or null."""
    if not is_set(raw):
        return ()
    head = memoryview(raw)[0]  # `bytes(raw)` would copy all of it
    if head == _QUOTE:
        text = decode_str(raw)
        return (Text(text),) if text else ()
    if head != _BRACKET:
        raise BadRequest.at(path, ": Expected a string or a list of parts.")
    return tuple([_read_part(item, f"{path}[{number}]") for number, item in enumerate(decode_raws(raw))])


def _read_part(raw: Raw, path: str) -> Part:
    if memoryview(raw)[0] == _QUOTE:
        return Text(decode_str(raw))
    wire = decode_at(_part, raw, path)
    cache = _copy(wire.cache_control)
    kind = wire.type if wire.type is not None or not is_set(wire.text) else "text"
    match kind:
        case "text" | "input_text" | "output_text":
            return Text(_text(wire.text, f"{path}.text"), cache=cache)
        case "refusal":
            return Text(_text(wire.refusal, f"{path}.refusal"))
        case "image_url":
            return _image(decode_at(_image_url, wire.image_url, f"{path}.image_url"), cache)
        case "input_audio":
            audio = decode_at(_input_audio, wire.input_audio, f"{path}.input_audio")
            return Audio(audio.data, audio.format, cache=cache)
        case "file":
            return _file(decode_at(_input_file, wire.file, f"{path}.file"), cache)
    return Opaque(DIALECT, kind if isinstance(kind, str) else "", _copy(raw))


def _text(raw: Raw, path: str) -> str:
    if bytes(raw)[:1] != b'"':
        raise BadRequest.at(path, ": Expected `str`.")
    return decode_str(raw)


def _image(wire: ImageUrl | str, cache: Raw) -> Image:
    image = ImageUrl(wire) if isinstance(wire, str) else wire
    detail = image.detail or ""
    if inline := _split_data_url(image.url):
        return Image(media_type=inline[0], data=inline[1], detail=detail, cache=cache)
    return Image(url=image.url, detail=detail, cache=cache)


def _file(wire: InputFile, cache: Raw) -> Document:
    if not wire.file_data:
        return Document(file_id=wire.file_id or "", title=wire.filename or "", cache=cache)
    media_type, data = _split_data_url(wire.file_data) or ("application/pdf", wire.file_data)
    return Document(data=data, media_type=media_type, title=wire.filename or "", cache=cache)


def _split_data_url(url: str) -> tuple[str, str] | None:
    """Media type and base64 data of a `data:` URL; None for another URL."""
    head, found, data = url.partition(";base64,")
    if not found or not head.lower().startswith("data:"):
        return None
    return head[5:].partition(";")[0], data
