"""The dialect as the gateway will have it, for tests that go through all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count

from landbridge.neutral.events import Event
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response
from landbridge.wire.gemini.read_stream import StreamReader
from landbridge.wire.gemini.response import read_response
from landbridge.wire.gemini.write_stream import ArrayWriter, StreamWriter

ORIGIN = "provider:google"
NOW = 1_790_000_000


def counting() -> Callable[[str], str]:
    """A `new_id` that counts."""
    numbers = count()
    return lambda prefix: f"{prefix}{next(numbers)}"


def read(chunks: Iterable[bytes]) -> list[Event]:
    """All events of a stream in chunks, to its end."""
    reader = StreamReader(counting(), ORIGIN)
    events = [event for chunk in chunks for event in reader.feed(chunk)]
    events += reader.close()
    assert reader.ended, "the reader does not know that the stream is over"
    assert reader.feed(b"more") == [] and reader.close() == [], "something came after the end"
    return events


def read_whole(body: bytes) -> Response:
    """A whole answer."""
    return read_response(body, counting(), ORIGIN)


def write(events: Iterable[Event], writer: type[StreamWriter] = StreamWriter) -> bytes:
    """All bytes a client gets."""
    made = writer("resp_client", "asked-model", NOW, Request("asked-model", ()))
    return b"".join(made.feed(event) for event in events)


__all__ = ["NOW", "ORIGIN", "ArrayWriter", "counting", "read", "read_whole", "write"]
