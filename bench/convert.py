"""CPU of conversion alone, for every pair of dialects: `python -m bench.convert`.

A stream of 200 text events, one read at a time as a model sends them, from one dialect to the other; beside it, the
same records read and written by Python's own `json`. And a request of 300 KB (an agent's: system text, 100 tools, a
long history) from one dialect to the other, the first time and as the next turn of the same conversation; beside it,
`json.loads` and `json.dumps` of its body.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count

from msgspec import Raw
from msgspec.structs import replace

from landbridge.neutral.events import BlockStart, BlockStop, Delta, Event, Finish, Kind, Reason, Start, Usage
from landbridge.neutral.parts import Message, Text, ToolCall, ToolResult
from landbridge.neutral.request import Request, Tool
from landbridge.neutral.traits import Traits
from landbridge.server.collector import leave_alone_what_stays
from landbridge.wire.dialects import DIALECTS, dialect

from . import table
from .works import EVENTS, WORDS, prose

PER_EVENT = 10.0
"""Microseconds a streamed event may cost."""
PER_REQUEST = 3.0
"""Milliseconds a request of 300 KB may cost."""
SIZE = 300_000
NAMES = sorted(DIALECTS)
PAIRS = [(source, target) for source in NAMES for target in NAMES if source != target]
ASK = Request(model="m", messages=(Message("user", (Text("Hi"),)),), stream=True)


def new_id() -> Callable[[str], str]:
    """Fresh ids that count."""
    numbers = count()
    return lambda prefix: f"{prefix}{next(numbers)}"


def stream(name: str) -> list[bytes]:
    """The records of a stream of `EVENTS` words in the dialect."""
    writer = dialect(name).writer("id_1", "m", 1, ASK)
    events: list[Event] = [Start(usage=Usage(input=20)), BlockStart(0, Kind.TEXT)]
    events += [Delta(0, f"{WORDS[number % len(WORDS)]} ") for number in range(EVENTS)]
    events += [BlockStop(0), Usage(input=20, output=EVENTS), Finish(Reason.END)]
    return [record for event in events if (record := writer.feed(event))]


def convert(source: str, target: str, records: Sequence[bytes]) -> int:
    """Bytes of the stream in the other dialect."""
    reader = dialect(source).reader(new_id(), "provider:p")
    writer = dialect(target).writer("id_2", "m", 1, ASK)
    size = 0
    for record in records:
        for event in reader.feed(record):
            size += len(writer.feed(event))
    return size + sum(len(writer.feed(event)) for event in reader.close())


def parse(records: Sequence[bytes]) -> int:
    """The same records read and written by `json`."""
    size = 0
    for record in records:
        for line in record.split(b"\n"):
            if line.startswith(b"data: {"):
                size += len(json.dumps(json.loads(line[6:])))
    return size


def request(turn: int, mark: str) -> Request:
    """An agent's request; its last message differs from turn to turn, its first tool by the mark."""
    properties = {f"field_{index}": {"type": "string", "description": prose(90)} for index in range(5)}
    schema = Raw(json.dumps({"type": "object", "properties": properties, "required": ["field_0"]}).encode())
    tools = (Tool(f"first_{mark}", "", schema), *(Tool(f"tool_{at}", prose(500), schema) for at in range(100)))
    turns: list[Message] = []
    for number in range(30):
        call = ToolCall(f"call_{number}", "tool_1", Raw(b'{"field_0":"a/b/c.py"}'))
        turns.append(Message("user", (Text(prose(400)),)))
        turns.append(Message("assistant", (Text(prose(200)), call)))
        turns.append(Message("user", (ToolResult(call.id, (Text(prose(3000)),)),)))
    turns.append(Message("user", (Text(f"Turn {turn}."),)))
    return Request("m", tuple(turns), (Text(prose(14_000)), Text(prose(14_000))), tools, max_tokens=1000, stream=True)


def bodies(name: str, marks: Sequence[str]) -> list[bytes]:
    """The request in the dialect, filled to `SIZE` bytes; tools and last message differ by the marks."""
    found = []
    for turn, mark in enumerate(marks):
        asked = request(turn, mark)
        size = len(dialect(name).write_request(asked, "m", Traits()).body)
        more = Message("user", (Text("x" * max(0, SIZE - size)),))
        filled = replace(asked, messages=(more, Message("assistant", (Text("ok"),)), *asked.messages))
        found.append(dialect(name).write_request(filled, "m", Traits()).body)
    return found


def spend(work: Callable[[], object], times: int) -> float:
    """Seconds of CPU of one run."""
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times


def carry(source: str, target: str, body: bytes) -> int:
    """Bytes of the request in the other dialect."""
    return len(dialect(target).write_request(dialect(source).read_request(body), "m", Traits()).body)


def reencode(body: bytes) -> str:
    """The body read and written by `json`."""
    return json.dumps(json.loads(body))


def measure_events(rounds: int) -> list[dict[str, str]]:
    """A row a pair."""
    rows = []
    for source, target in PAIRS:
        records = stream(source)
        assert convert(source, target, records) > EVENTS * 5, "nothing is left out"
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(spend(partial(convert, source, target, records), 20) / EVENTS)
            theirs.append(spend(partial(parse, records), 20) / EVENTS)
        micros = statistics.median(ours) * 1e6
        ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
        rows.append(
            {
                "from": source,
                "to": target,
                "us per event": f"{micros:.1f}",
                "json = 1": table.spread(ratios),
                "goal": f"<= {PER_EVENT:g} us {'yes' if micros <= PER_EVENT else 'no'}",
            }
        )
    return rows


def measure_requests(rounds: int) -> list[dict[str, str]]:
    """A row a pair."""
    rows = []
    for source, target in PAIRS:
        first = bodies(source, [f"{source}{target}{number}" for number in range(rounds)])
        later = bodies(source, ["same"] * (rounds + 1))
        carry(source, target, later.pop())
        fresh = [spend(partial(carry, source, target, body), 1) for body in first]
        known = [spend(partial(carry, source, target, body), 1) for body in later]
        beside = [spend(partial(reencode, body), 1) for body in later]
        millis = statistics.median(known) * 1e3
        ratios = [one / other for one, other in zip(known, beside, strict=True)]
        rows.append(
            {
                "from": source,
                "to": target,
                "KB": f"{len(first[0]) / 1000:.0f}",
                "first, ms": f"{statistics.median(fresh) * 1e3:.2f}",
                "next turn, ms": f"{millis:.2f}",
                "json = 1": table.spread(ratios),
                "goal": f"<= {PER_REQUEST:g} ms {'yes' if millis <= PER_REQUEST else 'no'}",
            }
        )
    return rows


def main() -> None:
    """Measure, print, and save where asked."""
    asked = table.options(__doc__).parse_args()
    leave_alone_what_stays()  # as in the server
    table.show("convert.events", "python -m bench.convert", measure_events(asked.rounds), asked)
    table.show("convert.requests", "python -m bench.convert", measure_requests(asked.rounds), asked)


if __name__ == "__main__":
    main()
