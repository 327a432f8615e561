"""`input` of a Responses request to neutral messages.

Items of the model that follow each other (reasoning, text, calls) are one assistant turn, as they were one answer;
outputs that follow each other are one user turn of results. System and developer turns stay where they are, but for
those the conversation opens with. Items and parts nobody knows stay as `Opaque`.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

from ...errors import BadRequest
from ...neutral.parts import NONE, Audio, Document, Image, Message, Opaque, Part, Role, Text, ToolCall, ToolResult
from ..fields import decode_at, is_set
from .names import Names, as_args
from .signatures import read_reasoning
from .types import DIALECT, Item, Piece, Sound, decode_str, head, raws_decoder, word

_sound = msgspec.json.Decoder(Sound)
_input = msgspec.json.Decoder(str | list[Item | str])
_content = msgspec.json.Decoder(str | list[Piece | str] | None)

_ROLES: dict[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
PART = " part"
"""Ends the name of an opaque part of a message's content, in difference to an item of its own."""


def read_input(raw: Raw, names: Names) -> tuple[tuple[Text, ...], tuple[Message, ...]]:
    """The system text the conversation opens with, and the conversation."""
    given = decode_at(_input, raw, "input")
    if isinstance(given, str):
        return (), (Message("user", (Text(given),)),)
    conversation = _Conversation(names)
    raws: list[Raw] = []
    for number, item in enumerate(given):
        if conversation.add(item, number):
            continue
        # All items are decoded in one go; only where one is not known its bytes are wanted.
        raws = raws or decode_at(raws_decoder, raw, "input")
        conversation.keep(item, raws[number], number)
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

    def add(self, item: Item | str, number: int) -> bool:
        """One item, if it is a known one."""
        if isinstance(item, str):
            self.messages.append(Message("user", (Text(item),)))
            return True
        match item.type:
            case "message" | None:
                self._add_message(item, f"input[{number}]")
            case "function_call" | "custom_tool_call":
                self._say(_read_call(item, self._names, f"input[{number}]"))
            case "function_call_output" | "custom_tool_call_output":
                self._answer(ToolResult(word(item.call_id), _read_output(item, f"input[{number}]")))
            case "reasoning":
                thinking = read_reasoning(item)
                if thinking.text or thinking.signature:
                    self._say(thinking)
            case _:
                return False
        return True

    def keep(self, item: Item | str, raw: Raw, number: int) -> None:
        """An item only this dialect knows."""
        kind = item.type if isinstance(item, Item) else None
        if not isinstance(kind, str):
            raise BadRequest.at(f"input[{number}].type", ": Expected `str`.")
        part = Opaque(DIALECT, kind, raw)
        if kind.endswith(("_output", "_response")):
            self._answer(part)
        else:
            self._say(part)

    def _add_message(self, item: Item, path: str) -> None:
        if not isinstance(item.role, str):
            raise BadRequest.at(
                f"{path}.role", " is missing.", remedy="Say who speaks: user, assistant, developer or system."
            )
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
        raise BadRequest.at(f"{path}.name", " is missing.", remedy="A call names its tool.")
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
    if raw is NONE:
        return ()
    content = decode_at(_content, raw, path)
    if content is None or isinstance(content, str):
        return (Text(content),) if content else ()
    parts: list[Part] = []
    for number, piece in enumerate(content):
        part = Text(piece) if isinstance(piece, str) else _read_part(piece, path, number)
        if part is None:
            whole = decode_at(raws_decoder, raw, path)[number]
            part = Opaque(DIALECT, f"{word(getattr(piece, 'type', None))}{PART}", whole)
        parts.append(part)
    return tuple(parts)


def _read_part(piece: Piece, path: str, number: int) -> Part | None:
    """A part of a known type; None for any other."""
    match piece.type:
        case "input_text" | "output_text" | "text" | "summary_text" | "reasoning_text":
            return Text(_text(piece.text, f"{path}[{number}].text"))
        case "refusal":
            return Text(_text(piece.refusal, f"{path}[{number}].refusal"))
        case "input_image":
            return _image(piece)
        case "input_file":
            return _file(piece)
        case "input_audio":
            sound = decode_at(_sound, piece.input_audio, f"{path}[{number}].input_audio")
            return Audio(sound.data, sound.format)
    return None


def _text(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise BadRequest.at(path, ": Expected `str`.")
    return value


def _image(piece: Piece) -> Part | None:
    detail = word(piece.detail)
    url = word(piece.image_url)
    if inline := split_data_url(url):
        return Image(media_type=inline[0], data=inline[1], detail=detail)
    if url:
        return Image(url=url, detail=detail)
    if file_id := word(piece.file_id):
        return Image(file_id=file_id, detail=detail)
    return None


def _file(piece: Piece) -> Part | None:
    title = word(piece.filename)
    if data := word(piece.file_data):
        media_type, content = split_data_url(data) or ("application/pdf", data)
        return Document(data=content, media_type=media_type, title=title)
    if url := word(piece.file_url):
        return Document(url=url, title=title)
    if file_id := word(piece.file_id):
        return Document(file_id=file_id, title=title)
    return None


def split_data_url(url: str) -> tuple[str, str] | None:
    """Media type and base64 data of a `data:` URL; None for another URL."""
    head, found, data = url.partition(";base64,")
    if not found or not head.lower().startswith("data:"):
        return None
    return head[5:].partition(";")[0], data
