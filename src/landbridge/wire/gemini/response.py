"""A whole Gemini answer to a `Response` and back.

Reading is reading a stream of one chunk, so that streamed and whole answers cannot differ.
"""

from __future__ import annotations

from msgspec import Raw

from ...neutral.parts import Opaque, Part, Text, Thinking, ToolCall
from ...neutral.request import Request
from ...neutral.response import Response, collect
from ..written import Loss, NewId, Written
from .answer import Answer
from .arguments import as_object
from .signatures import Signature, pack
from .types import DIALECT, FINISH_WRITTEN, encode
from .usage import write_usage

Piece = dict[str, object]


def read_response(body: bytes, new_id: NewId, origin: str) -> Response:
    """The answer in `body`. Raises `Garbled` if it is none, or the error that stands in its place."""
    return collect(Answer(new_id, origin).read_whole(body))


def write_response(response: Response, now: int, request: Request | None = None) -> Written:
    """The answer as a `GenerateContentResponse`, which has neither a time nor anything of the request."""
    losses: list[Loss] = []
    pieces: list[Piece | Raw] = []
    for number, part in enumerate(response.parts):
        if (piece := write_piece(part)) is not None:
            pieces.append(piece)
        elif isinstance(part, Opaque):
            losses.append(Loss(f"parts[{number}]", f"a '{part.name}' block of {part.dialect} has no place in Gemini"))
    candidate: dict[str, object] = {
        "content": {"parts": pieces or [{"text": ""}], "role": "model"},
        "finishReason": FINISH_WRITTEN[response.finish.reason],
        "index": 0,
    }
    for extra in response.extras:
        if extra.dialect == DIALECT:
            candidate[extra.name] = extra.raw
        else:
            losses.append(Loss("extras", f"'{extra.name}' of {extra.dialect} has no place in Gemini"))
    body = {
        "candidates": [candidate],
        "usageMetadata": write_usage(response.usage),
        "modelVersion": response.model,
        "responseId": response.id,
    }
    return Written(encode(body), tuple(losses))


def write_piece(part: Part) -> Piece | Raw | None:
    """A part of an answer; None for what has no place in one."""
    match part:
        case Text():
            return _signed({"text": part.text}, Signature(part.signature, part.origin))
        case Thinking():
            signature = Signature(part.signature, part.origin, part.redacted)
            return _signed({"text": part.text, "thought": True}, signature)
        case ToolCall():
            call = {"id": part.id, "name": part.name, "args": as_object(part.args)}
            return _signed({"functionCall": call}, Signature(part.signature, part.origin))
        case Opaque(dialect=dialect) if dialect == DIALECT:
            return part.raw
    return None


def _signed(piece: Piece, signature: Signature) -> Piece:
    return {**piece, "thoughtSignature": pack(signature)} if signature.text else piece
