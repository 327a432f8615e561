"""A whole Chat Completions answer to a `Response` and back.

Reading is reading a stream of one chunk, so that streamed and whole answers cannot differ.
"""

from __future__ import annotations

from ...neutral.parts import Opaque, Part, Text, Thinking, ToolCall
from ...neutral.request import Request
from ...neutral.response import Response, collect
from ..written import Loss, NewId, Written
from .answer import Answer
from .logprobs import joined
from .plain import read_plain
from .types import DIALECT, FINISH_WRITTEN, encode
from .usage import write_usage


def read_response(body: bytes, new_id: NewId, origin: str) -> Response:
    """The answer in `body`. Raises `Garbled` if it is none, or the error that stands in its place."""
    return read_plain(body) or collect(Answer(new_id, origin).read_whole(body))


def write_response(response: Response, now: int, request: Request | None = None) -> Written:
    """The answer as `chat.completion`; `now` in Unix seconds is its `created`. The request says nothing it needs."""
    losses: list[Loss] = []
    message: dict[str, object] = {"role": "assistant", "content": _joined(response, Text), "refusal": None}
    if thoughts := _joined(response, Thinking):
        message["reasoning_content"] = thoughts
    if calls := [_call(part) for part in response.parts if isinstance(part, ToolCall)]:
        message["tool_calls"] = calls
    for number, part in enumerate(response.parts):
        if why := _unwritten(part):
            losses.append(Loss(f"parts[{number}]", why))
    own = {extra.name: extra.raw for extra in response.extras if extra.dialect == DIALECT}
    odds = [extra.raw for extra in response.extras if extra.dialect == DIALECT and extra.name == "logprobs"]
    losses += [
        Loss("extras", f"'{extra.name}' of {extra.dialect} has no place in chat completions")
        for extra in response.extras
        if extra.dialect != DIALECT
    ]
    if "annotations" in own:
        message["annotations"] = own["annotations"]
    body = {
        "id": response.id,
        "object": "chat.completion",
        "created": now,
        "model": response.model,
        "choices": [
            {
                "index": 0,
                "message": message,
                "logprobs": joined(odds) if odds else None,
                "finish_reason": FINISH_WRITTEN[response.finish.reason],
            }
        ],
        "usage": write_usage(response.usage),
    }
    return Written(encode(body), tuple(losses))


def _joined(response: Response, kind: type[Text] | type[Thinking]) -> str | None:
    """All texts of one kind as one, as a stream of them would read; None if there is none."""
    texts = [part.text for part in response.parts if isinstance(part, Text | Thinking) and isinstance(part, kind)]
    return "".join(texts) if texts else None


def _call(part: ToolCall) -> dict[str, object]:
    args = bytes(part.args).decode() or "{}"
    return {"id": part.id, "type": "function", "function": {"name": part.name, "arguments": args}}


def _unwritten(part: Part) -> str:
    """Why a part is not (wholly) in a chat answer; empty if it is."""
    match part:
        case Thinking(redacted=True):
            return "redacted thinking has no place in chat completions"
        case Text() | Thinking() | ToolCall():
            return "its signature has no place in chat completions" if part.signature else ""
        case Opaque():
            return f"a '{part.name}' block of {part.dialect} has no place in chat completions"
    return f"{type(part).__name__} has no place in an answer"
