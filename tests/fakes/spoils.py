"""Ways to spoil requests and answers, for the faults of `bad_gateway.py`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.fakes.bad_gateway import Json, Passing, Spoil

Event = tuple[str, Any]
"""Name and data of an event; data is text where it is no JSON (`[DONE]`)."""
HELLO = {"type": "text", "text": "Hello from the suite."}
GOOD: Json = {
    "id": "msg_good",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [HELLO],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 1},
}


def swap(*pairs: tuple[str, str]) -> Spoil:
    """Replace patterns in the body."""

    def spoil(passing: Passing) -> Passing:
        text = passing.body.decode("utf-8", "surrogateescape")
        for pattern, by in pairs:
            text = re.sub(pattern, by, text)
        return replace(passing, body=text.encode("utf-8", "surrogateescape"))

    return spoil


def headers(**changed: str | None) -> Spoil:
    """Set headers, or take them away."""
    named = {name.replace("_", "-"): value for name, value in changed.items()}

    def spoil(passing: Passing) -> Passing:
        kept = {name: value for name, value in (passing.headers | named).items() if value is not None}
        return replace(passing, headers=kept)

    return spoil


def refuse(when: Callable[[Passing], bool], status: int = 400, words: str = "no") -> Spoil:
    """Answer such requests with an error instead of passing them on."""

    def spoil(passing: Passing) -> Passing:
        if not when(passing):
            return passing
        body = {"type": "error", "error": {"type": "invalid_request_error", "message": words}}
        return Passing(status=status, headers={"content-type": "application/json"}, body=json.dumps(body).encode())

    return spoil


def status(*pairs: tuple[int, int]) -> Spoil:
    """Replace statuses."""
    return lambda passing: replace(passing, status=dict(pairs).get(passing.status, passing.status))


def document(change: Callable[[Any], Any]) -> Spoil:
    """Change a JSON body in place, or give another."""

    def spoil(passing: Passing) -> Passing:
        if passing.is_stream or not passing.body:
            return passing
        body = json.loads(passing.body)
        changed = change(body)
        return replace(passing, body=json.dumps(body if changed is None else changed).encode())

    return spoil


def events(change: Callable[[list[Event]], list[Event]]) -> Spoil:
    """Change the events of a stream."""

    def spoil(passing: Passing) -> Passing:
        if not passing.is_stream:
            return passing
        return replace(passing, body=write_events(change(read_events(passing.body))))

    return spoil


def read_events(body: bytes) -> list[Event]:
    """The events of a stream."""
    found: list[Event] = []
    for part in body.decode().replace("\r\n", "\n").split("\n\n"):
        name = data = ""
        for line in part.split("\n"):
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("data:"):
                data = line[5:].strip()
        if data:
            found.append((name, data if data == "[DONE]" else json.loads(data)))
    return found


def write_events(found: list[Event]) -> bytes:
    """A stream of these events."""
    out = ""
    for name, data in found:
        out += f"event: {name}\n" if name else ""
        out += f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n"
    return out.encode()


def without(wanted: Callable[[str, Any], bool], most: int = 1 << 30) -> Spoil:
    """Drop the first `most` events for which `wanted` holds."""

    def change(found: list[Event]) -> list[Event]:
        kept: list[Event] = []
        dropped = 0
        for name, data in found:
            if dropped < most and isinstance(data, dict) and wanted(name, data):
                dropped += 1
            else:
                kept.append((name, data))
        return kept

    return events(change)


def is_text(name: str, data: Any) -> bool:
    """Whether an event of either dialect holds text."""
    if data.get("delta", {}).get("type") == "text_delta":
        return bool(data["delta"]["text"])
    return bool(data.get("choices")) and bool(data["choices"][0].get("delta", {}).get("content"))


def never_fails(passing: Passing) -> Passing:
    """Whatever failed looks like a good answer."""
    if passing.ending != "whole" or passing.status != 200:
        good = {**GOOD, "object": "chat.completion", "choices": [_choice()]}
        return replace(passing, status=200, ending="whole", headers=_JSON, body=json.dumps(good).encode())
    if not passing.is_stream:
        return passing
    found = read_events(passing.body)
    if not any("error" in data for _, data in found if isinstance(data, dict)):
        return passing
    kept = [(name, data) for name, data in found if not (isinstance(data, dict) and "error" in data)]
    chat = not any(name for name, _ in found)
    return replace(passing, body=write_events([*kept, *(_CHAT_END if chat else _end(kept))]))


_JSON = {"content-type": "application/json"}
_CHAT_END: list[Event] = [
    ("", {"id": "x", "object": "chat.completion.chunk", "choices": [{"delta": {}, "finish_reason": "stop"}]}),
    ("", "[DONE]"),
]


def _choice() -> Json:
    return {"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}


def _end(found: list[Event]) -> list[Event]:
    start: list[Event] = (
        [] if found else [("message_start", {"type": "message_start", "message": {**GOOD, "content": []}})]
    )
    delta = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}}
    return [*start, ("message_delta", delta), ("message_stop", {"type": "message_stop"})]


def body(change: Callable[[Json], Any]) -> Spoil:
    """Change the body of a generation request in place, or give another."""

    def spoil(passing: Passing) -> Passing:
        if passing.method != "POST" or passing.path.endswith("/count_tokens"):
            return passing
        return document(change)(passing)

    return spoil


def each_message(change: Callable[[Json], list[Json]]) -> Spoil:
    """Every message of a request, and what shall stand in its place."""

    def spoil(asked: Json) -> None:
        asked["messages"] = [new for message in asked["messages"] for new in change(message)]

    return body(spoil)


def mark_of(asked: Json) -> str:
    """The word by which the suite knows its requests."""
    found = re.search(r"lbc-[A-Za-z0-9]+-[0-9a-f]{12}", json.dumps(asked))
    return found[0] if found else ""
