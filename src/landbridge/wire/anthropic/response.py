"""Whole answers of the Messages API, both ways.

Reading gives what the stream of the same answer gives: blocks that say nothing are none, missing ids are made, and
citations stand beside their text.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from ...errors import Garbled
from ...neutral.blocks import is_whole
from ...neutral.events import Extra, Finish, Reason
from ...neutral.parts import Opaque, Part, Text, Thinking, ToolCall
from ...neutral.request import Request
from ...neutral.response import Response
from ..fields import is_set
from ..ids import from_safe, to_safe
from ..written import Loss, NewId, Written
from .errors import read_error
from .signatures import pack, unpack
from .types import (
    DIALECT,
    STOP_READ,
    STOP_WRITTEN,
    WireAnswer,
    WireBlock,
    decode_answer,
    decode_block,
    decode_raws,
    encode,
    word,
)
from .usage import read_usage, write_usage

CITATION = "citations_delta"
"""Name of the record of one citation, as the stream of an answer calls it."""

_FAULTS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def read_response(body: bytes, new_id: NewId, origin: str) -> Response:
    """The answer in `body`. Raises `Garbled` for what is no answer, and the error of an error body."""
    try:
        answer = decode_answer(body)
        parts, extras = _read_content(answer.content, new_id)
    except _FAULTS:
        raise read_error(200, body, origin, {}) from None
    if answer.type == "error" or is_set(answer.error):
        raise read_error(0, body, origin, {})
    if answer.type != "message" and not answer.content and not isinstance(answer.stop_reason, str):
        raise Garbled(f"{origin} answered with JSON that is no message.", origin=origin)
    return Response(
        parts=tuple(parts),
        finish=_finish(answer, parts),
        usage=read_usage(answer.usage),
        id=word(answer.id),
        model=word(answer.model),
        extras=tuple(extras),
    )


def _read_content(content: list[Raw], new_id: NewId) -> tuple[list[Part], list[Extra]]:
    """The parts, and the citations of each as records beside it."""
    parts: list[Part] = []
    extras: list[Extra] = []
    for raw in content:
        block = decode_block.decode(raw)
        part = _read_part(block, raw, new_id)
        if part is None:
            continue
        if isinstance(part, Text) and bytes(block.citations)[:1] == b"[":
            cited = decode_raws.decode(block.citations)
            extras += [Extra(len(parts), DIALECT, CITATION, each) for each in cited]
        parts.append(part)
    return parts, extras


def _finish(answer: WireAnswer, parts: Sequence[Part]) -> Finish:
    if isinstance(answer.stop_reason, str):
        return Finish(STOP_READ.get(answer.stop_reason, Reason.END), word(answer.stop_sequence))
    calls = any(isinstance(part, ToolCall) for part in parts)
    return Finish(Reason.TOOLS if calls else Reason.END)


def _read_part(block: WireBlock, raw: Raw, new_id: NewId) -> Part | None:
    match block.type:
        case "text":
            text = word(block.text)
            return Text(text) if text else None
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
    cited: dict[int, list[Raw]] = {}
    others: list[Extra] = []
    for extra in response.extras:
        if (extra.dialect, extra.name) == (DIALECT, CITATION):
            cited.setdefault(extra.index, []).append(extra.raw)
        else:
            others.append(extra)
    written = [_write_part(part, number, cited.get(number), losses) for number, part in enumerate(response.parts)]
    content = [block for block in written if block is not None]
    for extra in others:
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


def _write_part(part: Part, number: int, cited: list[Raw] | None, losses: list[Loss]) -> object | None:
    if isinstance(part, Text | ToolCall) and part.signature:
        losses.append(Loss(f"parts[{number}]", "its signature has no place in the Messages API"))
    match part:
        case Text():
            return {"type": "text", "text": part.text, **({"citations": cited} if cited else {})}
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
