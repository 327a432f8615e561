"""The machines under the laws, each made fresh with ids that count, so that two runs can be compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import count

from msgspec import Raw
from msgspec.structs import replace

from landbridge.neutral.events import Event, Kind, Usage
from landbridge.neutral.parts import Part, Text, Thinking, ToolCall
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response
from landbridge.wire.dialects import DIALECTS as PLACES
from landbridge.wire.dialects import dialect

from .strategies import Story

DIALECTS = sorted(PLACES)
PAIRS = [(one, other) for one in DIALECTS for other in DIALECTS]
ORIGIN = "provider:lab"


def counting() -> Callable[[str], str]:
    """A `new_id` that counts."""
    numbers = count()
    return lambda prefix: f"{prefix}{next(numbers)}"


def read(name: str, chunks: Iterable[bytes]) -> list[Event]:
    """All events of a stream in chunks, to its end."""
    reader = dialect(name).reader(counting(), ORIGIN)
    events = [event for chunk in chunks for event in reader.feed(chunk)]
    events += reader.close()
    assert reader.ended, "the reader does not know that the stream is over"
    assert reader.feed(b"more") == [] and reader.close() == [], "something came after the end"
    return events


def write(name: str, events: Iterable[Event]) -> bytes:
    """All bytes a client of dialect `name` gets."""
    writer = dialect(name).writer("msg_client", "asked-model", 1_790_000_000, Request("asked-model", ()))
    return b"".join(writer.feed(event) for event in events)


def said(response: Response, kind: type[Text] | type[Thinking]) -> str:
    """All text of one kind."""
    return "".join(part.text for part in response.parts if isinstance(part, Text | Thinking) and isinstance(part, kind))


def calls(response: Response) -> list[tuple[str, str, str]]:
    """Id, name and arguments of the calls, in order."""
    return [(part.id, part.name, text(part.args)) for part in response.parts if isinstance(part, ToolCall)]


def text(raw: Raw) -> str:
    """Raw JSON as text."""
    return bytes(raw).decode()


def expected_calls(story: Story) -> list[tuple[str, str, str]]:
    """Id, name and arguments of the calls of a story."""
    return [(id, name, story.said(Kind.TOOL, number)) for number, (id, name) in enumerate(story.calls)]


def spelled(calls: Iterable[Iterable[str]]) -> list[tuple[str, str, object]]:
    """Calls with their arguments as values, for a client that gets them as an object and not as text."""
    return sorted(((id, name, json.loads(args)) for id, name, args in calls), key=repr)


def plain(response: Response) -> Response:
    """The answer with the arguments' JSON in one spelling (a whole Anthropic answer has them as an object)."""

    def spelled(part: Part) -> Part:
        if not isinstance(part, ToolCall):
            return part
        return replace(part, args=Raw(json.dumps(json.loads(text(part.args)), sort_keys=True).encode()))

    return replace(response, parts=tuple(map(spelled, response.parts)))


def counted(usage: Usage) -> tuple[int, ...]:
    """Counts, where not said is zero."""
    return tuple(count or 0 for count in (usage.input, usage.output, usage.cache_read, usage.cache_write))


def same(one: Response, other: Response) -> None:
    """Assert that two answers say the same."""
    assert plain(one).parts == plain(other).parts
    assert one.finish == other.finish
    assert counted(one.usage) == counted(other.usage)
