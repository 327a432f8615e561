"""Tools as coding agents have them, and what streams of events say once their cuts are forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import count
from typing import Any

from msgspec import Raw

from landbridge.neutral.events import BlockStart, BlockStop, Delta, Event, Finish, Kind, Reason, Start
from landbridge.neutral.request import Tool
from landbridge.wire.repair.cursor import LeakedCall
from landbridge.wire.repair.search import Piece, Search
from landbridge.wire.repair.shapes import Shapes


def tool(name: str, required: Iterable[str] = (), **properties: Any) -> Tool:
    schema = {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}
    return Tool(name, schema=Raw(json.dumps(schema).encode()))


STRING = {"type": "string"}
READ = tool(
    "Read",
    ["file_path"],
    file_path=STRING,
    pages={"type": "string", "description": "Page range for PDF files"},
    limit={"type": "integer"},
    offset={"type": ["integer", "null"]},
)
BASH = tool(
    "Bash",
    ["command"],
    command=STRING,
    description=STRING,
    run_in_background={"type": "boolean"},
    env={"type": "object"},
)
EDIT = tool("Edit", ["file_path", "old_string", "new_string"], file_path=STRING, old_string=STRING, new_string=STRING)
TOOLS = (READ, BASH, EDIT, tool("Stop"))
SHAPES = Shapes(TOOLS)


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces with neighbouring texts made one."""
    out: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and out and isinstance(before := out[-1], str):
            out[-1] = before + piece
        else:
            out.append(piece)
    return out


def found(fragments: Iterable[str], *, in_order: bool = True, whole: bool = True) -> list[Piece]:
    """What a search finds in one text block that comes in these fragments and ends the answer."""
    search = Search(SHAPES, whole)
    pieces = [piece for fragment in fragments for piece in search.feed(fragment)]
    return joined([*pieces, *search.close(in_order=in_order)])


def call(name: str, *names: str, **args: Any) -> LeakedCall:
    return LeakedCall(name, json.dumps(args), names)


def counting() -> Any:
    numbers = count(1)
    return lambda prefix: f"{prefix}{next(numbers)}"


def answer(*blocks: tuple[Kind, str, list[str]], reason: Reason = Reason.END) -> list[Event]:
    """A stream of blocks: kind, name of the tool, fragments."""
    events: list[Event] = [Start()]
    for index, (kind, name, fragments) in enumerate(blocks):
        events.append(BlockStart(index, kind, f"id_{index}" if kind is Kind.TOOL else "", name))
        events += [Delta(index, fragment) for fragment in fragments]
        events.append(BlockStop(index))
    return [*events, Finish(reason)]


def text(*fragments: str) -> tuple[Kind, str, list[str]]:
    return Kind.TEXT, "", [*fragments]


def told(events: Iterable[Event]) -> list[Event]:
    """The events with the deltas of a block made one."""
    out: list[Event] = []
    for event in events:
        if isinstance(event, Delta) and out and isinstance(before := out[-1], Delta):
            out[-1] = Delta(event.index, before.text + event.text)
        else:
            out.append(event)
    return out
