"""A whole Responses answer to a `Response` and back.

Reading is reading its items one after the other, as a stream of them is read, so that streamed and whole answers
cannot differ.
"""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from ...neutral.blocks import is_whole
from ...neutral.events import Reason
from ...neutral.parts import Opaque, Part, Text, Thinking, ToolCall
from ...neutral.request import Request
from ...neutral.response import Response, collect
from ..written import Loss, NewId, Written
from .answer import Answer
from .echo import echo
from .names import names_of
from .signatures import own_id, reasoning_item
from .types import DIALECT, STATUS_WRITTEN, encode
from .write_items import (
    MESSAGE,
    REASONING,
    REFUSED,
    call_item,
    call_prefix,
    ending,
    item_id,
    message_item,
    refusal_item,
    response_object,
)

_NOBODY = Request("", ())


def read_response(body: bytes, new_id: NewId, origin: str) -> Response:
    """The answer in `body`. Raises `Garbled` if it is none, or the error that stands in its place."""
    return collect(Answer(new_id, origin).read_whole(body))


def write_response(response: Response, now: int, request: Request | None = None) -> Written:
    """The answer as a response object; `now` in Unix seconds."""
    request = request or _NOBODY
    losses: list[Loss] = []
    items = [
        item for number in range(len(response.parts)) if (item := _item(response, number, request, losses)) is not None
    ]
    if response.finish.reason is Reason.REFUSAL:
        items += _refusal(response)
    for extra in response.extras:
        if extra.dialect != DIALECT or extra.name != "annotation":
            losses.append(Loss("extras", f"'{extra.name}' of {extra.dialect} has no place in a response"))
    body = response_object(response.id, response.model, now, "completed", echo(request))
    body |= ending(response.finish, response.usage, now)
    return Written(encode(body | {"output": items}), tuple(losses))


def _refusal(response: Response) -> list[dict[str, Any]]:
    """The item that says an answer was refused, after words where there are none."""
    place = len(response.parts)
    said = any(isinstance(part, Text) and part.text for part in response.parts)
    words = [] if said else [message_item(item_id(MESSAGE, response.id, place), REFUSED)]
    return [*words, refusal_item(item_id(MESSAGE, response.id, place + len(words)))]


def _item(response: Response, number: int, request: Request, losses: list[Loss]) -> object | None:
    part = response.parts[number]
    place = item_id("", response.id, number)
    if why := _unwritten(part):
        losses.append(Loss(f"parts[{number}]", why))
    match part:
        case Text():
            notes = [extra.raw for extra in response.extras if extra.dialect == DIALECT and extra.index == number]
            return _in_phase(message_item(MESSAGE + place, part.text, notes), part)
        case Thinking():
            id = own_id(part.signature, part.origin) or REASONING + place
            return reasoning_item(id, part.text, part.signature, part.origin, part.redacted)
        case ToolCall():
            return _call(part, number, response, request, place)
        case Opaque(dialect=dialect) if dialect == DIALECT:
            return part.raw
    return None


def _call(part: ToolCall, number: int, response: Response, request: Request, place: str) -> dict[str, Any]:
    name = names_of(request.tools).own(part.name)
    args = bytes(part.args).decode("utf-8", "replace")
    args = args if args.strip() else "{}"
    # A call that was cut off is not one to be run.
    half = response.finish.reason in STATUS_WRITTEN and number == len(response.parts) - 1 and not is_whole(args)
    return call_item(call_prefix(name) + place, part.id, name, args, "incomplete" if half else "completed")


def _in_phase(item: dict[str, Any], part: Text) -> dict[str, Any]:
    return item | {"phase": part.signature} if part.signature and part.origin == DIALECT else item


def _unwritten(part: Part) -> str:
    """Why a part is not (wholly) in a response; empty if it is."""
    match part:
        case Text() | ToolCall():
            foreign = part.signature and part.origin != DIALECT
            return "its signature has no place in a response" if foreign else _citations(part)
        case Thinking():
            return ""
        case Opaque():
            own = part.dialect == DIALECT
            return "" if own else f"a '{part.name}' block of {part.dialect} has no place in a response"
    return f"{type(part).__name__} has no place in an answer"


def _citations(part: Text | ToolCall) -> str:
    cited: Raw | None = part.citations if isinstance(part, Text) else None
    return "its citations have no place in a response" if cited is not None and bytes(cited) else ""
