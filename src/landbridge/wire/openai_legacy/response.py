"""A whole completion to a `Response` and back."""

from __future__ import annotations

from ...neutral.events import Extra
from ...neutral.parts import Opaque, Part, Text, Thinking, ToolCall
from ...neutral.request import Request
from ...neutral.response import Response, collect
from ..openai_chat.answer import Answer
from ..openai_chat.logprobs import joined
from ..openai_chat.types import encode
from ..openai_chat.usage import write_usage
from ..written import Loss, NewId, Written
from .logprobs import is_logprobs, legacy_form
from .types import FINISH_WRITTEN


def read_response(body: bytes, new_id: NewId, origin: str) -> Response:
    """The answer in `body`. Raises `Garbled` if it is none, or the error that stands in its place."""
    return collect(Answer(new_id, origin).read_whole(body))


def write_response(response: Response, now: int, request: Request | None = None) -> Written:
    """The answer as `text_completion`; `now` in Unix seconds is its `created`."""
    losses = [Loss(f"parts[{number}]", why) for number, part in enumerate(response.parts) if (why := _unwritten(part))]
    odds = [extra.raw for extra in response.extras if is_logprobs(extra.dialect, extra.name)]
    losses += [_lost(extra) for extra in response.extras if not is_logprobs(extra.dialect, extra.name)]
    choice = {
        "text": "".join(part.text for part in response.parts if isinstance(part, Text)),
        "index": 0,
        "logprobs": legacy_form(joined(odds), prompt_length(request)) if odds else None,
        "finish_reason": FINISH_WRITTEN[response.finish.reason],
    }
    body = {
        "id": response.id,
        "object": "text_completion",
        "created": now,
        "model": response.model,
        "choices": [choice],
        "usage": write_usage(response.usage),
    }
    return Written(encode(body), tuple(losses))


def prompt_length(request: Request | None) -> int:
    """Characters of the prompt: offsets in the format begin behind it."""
    if request is None:
        return 0
    return sum(len(part.text) for turn in request.messages for part in turn.parts if isinstance(part, Text))


def _lost(extra: Extra) -> Loss:
    return Loss("extras", f"'{extra.name}' of {extra.dialect} has no place in a completion")


def _unwritten(part: Part) -> str:
    """Why a part is not (wholly) in a completion; empty if it is."""
    match part:
        case Text():
            return "its signature has no place in a completion" if part.signature else ""
        case Thinking():
            return "thinking has no place in a completion"
        case ToolCall():
            return f"a call of '{part.name}' has no place in a completion"
        case Opaque():
            return f"a '{part.name}' block of {part.dialect} has no place in a completion"
    return f"{type(part).__name__} has no place in an answer"
