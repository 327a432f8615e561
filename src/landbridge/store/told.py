"""One exchange with what was said in it, as values for programs: bodies as JSON, and what conversion changed."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from .answers import dialect_of, read_answer
from .bodies import Bodies
from .differences import Change, differences
from .report import Exchange


class ToldRound(Struct, kw_only=True):
    """What a target was asked, and what it answered."""

    url: str
    dialect: str
    """Empty where it is none that generates."""
    sent: Any
    """JSON, or text that is none."""
    status: int
    received: Any


class ToldBodies(Struct, kw_only=True):
    """What was said."""

    dialect: str
    """The client's."""
    headers: dict[str, str]
    request: Any
    rounds: list[ToldRound]
    status: int
    answer: Any
    """JSON, or text (a stream)."""
    text: str
    """What a person would read of the answer, as far as it came."""
    error: str
    """What it says went wrong."""
    cut: int
    """Bytes that are not kept."""
    changes: list[Change]
    """What conversion changed in the request."""
    answer_changes: list[Change]
    """What it changed in the answer, both sides in landbridge's own form."""


class Told(Struct, kw_only=True):
    """One exchange."""

    exchange: Exchange
    said: ToldBodies | None = None
    """Null where it is not kept."""


def tell(exchange: Exchange, bodies: Bodies | None) -> Told:
    """The exchange, and what was said where that is kept."""
    if bodies is None:
        return Told(exchange=exchange)
    rounds = [
        ToldRound(
            url=each.url,
            dialect=dialect_of(each.url),
            sent=value_of(each.sent),
            status=each.status,
            received=value_of(each.received),
        )
        for each in bodies.rounds
    ]
    read = read_answer(bodies.dialect, bodies.status, bodies.answer)
    said = ToldBodies(
        dialect=bodies.dialect,
        headers=bodies.headers,
        request=value_of(bodies.request),
        rounds=rounds,
        status=bodies.status,
        answer=value_of(bodies.answer),
        text=read.text,
        error=read.error,
        cut=bodies.cut,
        changes=request_changes(bodies),
        answer_changes=answer_changes(bodies),
    )
    return Told(exchange=exchange, said=said)


def value_of(body: bytes) -> Any:
    """A body as JSON, where it is, else as text."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body.decode("utf-8", "replace")


def request_changes(bodies: Bodies) -> list[Change]:
    """What became of the request on its way to the first target."""
    if not bodies.rounds or bodies.rounds[0].sent == bodies.request:
        return []
    before, after = value_of(bodies.request), value_of(bodies.rounds[0].sent)
    return differences(before, after) if isinstance(before, dict) and isinstance(after, dict) else []


def answer_changes(bodies: Bodies) -> list[Change]:
    """What became of what the last target said, on its way to the client; both in landbridge's own form."""
    last = bodies.rounds[-1] if bodies.rounds else None
    if last is None or last.received == bodies.answer:
        return []
    theirs = read_answer(dialect_of(last.url), last.status, last.received).response
    ours = read_answer(bodies.dialect, bodies.status, bodies.answer).response
    if theirs is None or ours is None:
        return []
    return differences(msgspec.json.decode(msgspec.json.encode(theirs)), msgspec.json.decode(msgspec.json.encode(ours)))
