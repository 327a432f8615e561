"""`input` of a Responses request to neutral messages.

Items of the model that follow each other (reasoning, text, calls) are one assistant turn, as they were one answer;
outputs that follow each other are one user turn of results. System and developer turns stay where they are, but for
those the conversation opens with. Items and parts nobody knows stay as `Opaque`.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

from ...errors import BadRequest
from ...neutral.parts import Audio, Document, Image, Message, Opaque, Part, Role, Text, ToolCall, ToolResult
from ..fields import decode_at, is_set
from .names import Names, as_args
from .signatures import read_reasoning
from .types import DIALECT, Item, Piece, Sound, decode_str, head, item_decoder, piece_decoder, raws_decoder, word

_sound = msgspec.json.Decoder(Sound)
_string = msgspec.json.Decoder(str)

_ROLES: dict[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
PART = " part"
"""Ends the name of an opaque part of a message's content, in difference to an item of its own."""


def read_input(raw: Raw, names: Names) -> tuple[tuple[Text, ...], tuple[Message, ...]]:
    """The system text the conversation opens with, and the conversation."""
    if head(raw) == b'"':
        return (), (Message("user", (Text(decode_at(_string, raw, "input")),)),)
    conversation = _Conversation(names)
    raws = decode_at(raws_decoder, raw, "input")
    for number, each in enumerate(raws):
        conversation.add(each, f"input[{number}]")
    return _open(conversation.messages)


def _open(messages: list[Message]) -> tuple[tuple[Text, ...], tuple[Message, ...]]:
    """Split off the leading system messages, as far as they are text."""
    system: list[Text] = []
    first = 0
    for message in messages:
        texts = [part for part in message.parts if isinstance(part, Text)]
        if message.role != "system" or len(texts) < len(message.parts):
            break
        system += texts
        first += 1
    return tuple(system), tuple(messages[first:])


class _Conversation:
    """The messages so far. An assistant turn grows until somebody else speaks."""

    def __init__(self, names: Names) -> None:
        self.messages: list[Message] = []
        self._names = names

    def add(self, raw: Raw, path: str) -> None:
        """One item."""
        if head(raw) == b'"':
            self.messages.append(Message("user", (Text(decode_at(_string, raw, path)),)))
            return
        item = decode_at(item_decoder, raw, path)
        match item.type:
            case "message" | None:
                self._add_message(item, path)
            case "reasoning":
                thinking = read_reasoning(item)
                if thinking.text or thinking.signature:
                    self._say(thinking)
            case "function_call" | "custom_tool_call":
                self._say(_read_call(item, self._names, path))
            case "function_call_output" | "custom_tool_call_output":
                self._answer(ToolResult(word(item.call_id), _read_output(item, path)))
            case str(kind):
                self._add_opaque(Opaque(DIALECT, kind, raw))
            case _:
                raise BadRequest(f"{path}.type: Expected `str`.")

    def _add_message(self, item: Item, path: str) -> None:
        if not isinstance(item.role, str):
            raise BadRequest(f"{path}.role is missing.", remedy="Say who speaks: user, assistant, developer or system.")
        # A role nobody knows yet is somebody who talks to the model.
        role = _ROLES.get(item.role, "user")
        parts = read_content(item.content, f"{path}.content")
        if role == "assistant":
            phase = word(item.phase)
            self._say(*(_in_phase(part, phase) for part in parts))
        else:
            self.messages.append(Message(role, parts))

    def _say(self, *parts: Part) -> None:
        """The model said something."""
        last = self.messages[-1] if self.messages else None
        if last is not None and last.role == "assistant":
            self.messages[-1] = Message("assistant", (*last.parts, *parts))
        else:
            self.messages.append(Message("assistant", parts))

    def _answer(self, part: ToolResult | Opaque) -> None:
        """A tool answered; answers that follow each other are one turn."""
        last = self.messages[-1] if self.messages else None
        if last is not None and last.role == "user" and last.parts and _is_answer(last.parts[-1]):
            self.messages[-1] = Message("user", (*last.parts, part))
        else:
            self.messages.append(Message("user", (part,)))

    def _add_opaque(self, part: Opaque) -> None:
        if part.name.endswith(("_output", "_response")):
            self._answer(part)
        else:
            self._say(part)


def _is_answer(part: Part) -> bool:
    return isinstance(part, ToolResult) or (isinstance(part, Opaque) and not part.name.endswith(PART))


def _in_phase(part: Part, phase: str) -> Part:
    """Text with the word OpenAI wants back with it (`commentary`, `final_answer`)."""
    if not phase or not isinstance(part, Text):
        return part
    return msgspec.structs.replace(part, signature=phase, origin=DIALECT)


def _read_call(item: Item, names: Names, path: str) -> ToolCall:
    name = word(item.name)
    if not name:
        raise BadRequest(f"{path}.name is missing.", remedy="A call names its tool.")
    known = names.flat(name, word(item.namespace))
    if item.type == "custom_tool_call":
        return ToolCall(word(item.call_id), known, as_args(word(item.input)))
    return ToolCall(word(item.call_id), known, args_of(item.arguments))


def args_of(raw: Raw) -> Raw:
    """The JSON text of a call's arguments: the string's content, or the object some clients put there (P26)."""
    if not is_set(raw):
        return Raw(b"{}")
    text = decode_str(raw) if head(raw) == b'"' else bytes(raw).decode()
    return Raw(text.encode() if text.strip() else b"{}")


def _read_output(item: Item, path: str) -> tuple[Text | Image | Document | Opaque, ...]:
    parts = read_content(item.output, f"{path}.output")
    return tuple(part for part in parts if isinstance(part, Text | Image | Document | Opaque))


def read_content(raw: Raw, path: str) -> tuple[Part, ...]:
    """Content is a string, a list of parts, or null."""
    if not is_set(raw):
        return ()
    match head(raw):
        case b'"':
            text = decode_at(_string, raw, path)
            return (Text(text),) if text else ()
        case b"[":
            raws = decode_at(raws_decoder, raw, path)
            return tuple(_read_part(each, f"{path}[{number}]") for number, each in enumerate(raws))
    raise BadRequest(f"{path} is neither text nor a list of parts.")


def _read_part(raw: Raw, path: str) -> Part:
    if head(raw) == b'"':
        return Text(decode_at(_string, raw, path))
    piece = decode_at(piece_decoder, raw, path)
    match piece.type:
        case "input_text" | "output_text" | "text" | "summary_text" | "reasoning_text":
            return Text(_text(piece.text, f"{path}.text"))
        case "refusal":
            return Text(_text(piece.refusal, f"{path}.refusal"))
        case "input_image":
            return _image(piece, raw)
        case "input_file":
            return _file(piece, raw)
        case "input_audio":
            sound = decode_at(_sound, piece.input_audio, f"{path}.input_audio")
            return Audio(sound.data, sound.format)
    return Opaque(DIALECT, f"{word(piece.type)}{PART}", raw)


def _text(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise BadRequest(f"{path}: Expected `str`.")
    return value


def _image(piece: Piece, raw: Raw) -> Part:
    detail = word(piece.detail)
    url = word(piece.image_url)
    if inline := split_data_url(url):
        return Image(media_type=inline[0], data=inline[1], detail=detail)
    if url:
        return Image(url=url, detail=detail)
    if file_id := word(piece.file_id):
        return Image(file_id=file_id, detail=detail)
    return Opaque(DIALECT, f"input_image{PART}", raw)


def _file(piece: Piece, raw: Raw) -> Part:
    title = word(piece.filename)
    if data := word(piece.file_data):
        media_type, content = split_data_url(data) or ("application/pdf", data)
        return Document(data=content, media_type=media_type, title=title)
    if url := word(piece.file_url):
        return Document(url=url, title=title)
    if file_id := word(piece.file_id):
        return Document(file_id=file_id, title=title)
    return Opaque(DIALECT, f"input_file{PART}", raw)


def split_data_url(url: str) -> tuple[str, str] | None:
    """Media type and base64 data of a `data:` URL; None for another URL."""
    head, found, data = url.partition(";base64,")
    if not found or not head.lower().startswith("data:"):
        return None
    return head[5:].partition(";")[0], data
