"""Whole answers of the Messages API, both ways.

Reading gives what the stream of the same answer gives: blocks that say nothing are none, missing ids are made.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

from ...errors import Garbled
from ...neutral.blocks import is_whole
from ...neutral.events import Finish, Reason
from ...neutral.parts import Opaque, Part, Text, Thinking, ToolCall
from ...neutral.request import Request
from ...neutral.response import Response
from ..fields import is_set
from ..ids import from_safe, to_safe
from ..written import Loss, NewId, Written
from .errors import read_error
from .signatures import pack, unpack
from .types import DIALECT, STOP_READ, STOP_WRITTEN, WireAnswer, decode_answer, decode_block, encode, word
from .usage import read_usage, write_usage

_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def read_response(body: bytes, new_id: NewId, origin: str) -> Response:
    """The answer in `body`. Raises `Garbled` for what is no answer, and the error of an error body."""
    try:
        answer = decode_answer(body)
        parts = [_read_part(raw, new_id) for raw in answer.content]
    except _FAULTS:
        raise read_error(200, body, origin, {}) from None
    if answer.type == "error" or is_set(answer.error):
        raise read_error(0, body, origin, {})
    if answer.type != "message" and not parts and not isinstance(answer.stop_reason, str):
        raise Garbled(f"{origin} answered with JSON that is no message.", origin=origin)
    said = tuple(part for part in parts if part is not None)
    return Response(
        parts=said,
        finish=_finish(answer, said),
        usage=read_usage(answer.usage),
        id=word(answer.id),
        model=word(answer.model),
    )


def _finish(answer: WireAnswer, parts: tuple[Part, ...]) -> Finish:
    if isinstance(answer.stop_reason, str):
        return Finish(STOP_READ.get(answer.stop_reason, Reason.END), word(answer.stop_sequence))
    calls = any(isinstance(part, ToolCall) for part in parts)
    return Finish(Reason.TOOLS if calls else Reason.END)


def _read_part(raw: Raw, new_id: NewId) -> Part | None:
    block = decode_block.decode(raw)
    match block.type:
        case "text":
            text = word(block.text)
            citations = block.citations if is_set(block.citations) else Raw(b"")
            return Text(text, citations=citations) if text else None
        case "thinking":
            thought, token = word(block.thinking), word(block.signature)
            signature, origin = unpack(token)
            return Thinking(thought, signature=signature, origin=origin) if thought or token else None
        case "redacted_thinking":
            token = word(block.data)
            signature, origin = unpack(token)
            return Thinking(signature=signature, redacted=True, origin=origin) if token else None
        case "tool_use":
            args = block.input if is_set(block.input) else Raw(b"{}")
            return ToolCall(from_safe(word(block.id)) or new_id("toolu_"), word(block.name), args)
    return Opaque(DIALECT, word(block.type), raw)


def write_response(response: Response, now: int, request: Request | None = None) -> Written:
    """The answer as a Messages body. The dialect has no place for `now` or anything of the request."""
    losses: list[Loss] = []
    content = [
        block for number, part in enumerate(response.parts) if (block := _write_part(part, number, losses)) is not None
    ]
    for extra in response.extras:
        losses.append(Loss("stream", f"'{extra.name}' of {extra.dialect} has no place in the Messages API"))
    body = {
        "id": response.id,
        "type": "message",
        "role": "assistant",
        "model": response.model,
        "content": content,
        "stop_reason": STOP_WRITTEN[response.finish.reason],
        "stop_sequence": response.finish.stop_sequence or None,
        "usage": Raw(write_usage(response.usage)),
    }
    return Written(encode(body), tuple(losses))


def _write_part(part: Part, number: int, losses: list[Loss]) -> object | None:
    if isinstance(part, Text | ToolCall) and part.signature:
        losses.append(Loss(f"parts[{number}]", "its signature has no place in the Messages API"))
    match part:
        case Text():
            return _write_text(part)
        case Thinking() if part.redacted:
            return {"type": "redacted_thinking", "data": pack(part.signature, part.origin)}
        case Thinking():
            return {"type": "thinking", "thinking": part.text, "signature": pack(part.signature, part.origin)}
        case ToolCall():
            return {"type": "tool_use", "id": to_safe(part.id), "name": part.name, "input": _input(part.args)}
        case Opaque() if part.dialect == DIALECT:
            return part.raw
    losses.append(Loss(f"parts[{number}]", "it has no place in the Messages API"))
    return None


def _write_text(part: Text) -> object:
    block: dict[str, object] = {"type": "text", "text": part.text}
    if bytes(part.citations):
        block["citations"] = part.citations
    return block


def _input(args: Raw) -> object:
    """Arguments as the client wants them, an object always (P26); what is none in the form Claude Code itself gives to
    broken JSON, so nothing is lost (P29).
    """
    text = bytes(args).decode("utf-8", "replace")
    if not text.strip():
        return {}
    if is_whole(text) and text.lstrip()[:1] == "{":
        return args
    return {"__unparsedToolInput": {"raw": text, "len": len(text)}}
