"""A Responses stream to events.

Records are cut out here, events are read in `answer.py`. Events that only say how a hosted tool gets on, and events
nobody knows, mean nothing to an answer. Only a terminal event (`response.completed`, `.incomplete`, `.failed`,
`error`) ends one; a stream that stops without it is broken (P9).
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from ...errors import Cut, Garbled, GatewayError
from ...neutral.events import Event
from ...neutral.parts import NONE
from ...neutral.progress import Progress
from ..fields import is_set
from ..opening import Opening
from ..sse import Record, SSEDecoder
from ..written import NewId
from .answer import Answer
from .errors import read_failure
from .types import (
    FAULTS,
    PlainDelta,
    SummaryDelta,
    TextDelta,
    WireEvent,
    WireResponse,
    decode_delta,
    decode_event,
    decode_response,
    item_decoder,
    word,
)


class StreamReader:
    """Reads one streamed answer; see `wire/dialects.py`."""

    def __init__(self, new_id: NewId, origin: str) -> None:
        self.ended = False
        self.progress: Progress | None = None
        self._origin = origin
        self._sse = SSEDecoder()
        self._answer = Answer(new_id, origin)
        self._opening = Opening(origin, b"{[")
        self._records = 0

    def feed(self, data: bytes) -> list[Event]:
        """The events these bytes complete."""
        if self.ended:
            return []
        try:
            if not self._opening.is_stream:
                data = self._opening.feed(data)
            return self._take_all(self._sse.feed(data))
        except Garbled as error:
            return self._fail(Garbled(error.message, origin=self._origin))

    def close(self) -> list[Event]:
        """The upstream ended."""
        if self.ended:
            return []
        if (whole := self._opening.whole) is not None:
            self.ended = True
            return self._answer.read_whole(whole)
        events = self._take_all(self._sse.close())
        if self._answer.ended:
            return events
        if self._opening.heard and not self._records:
            message = f"{self._origin} answered with something that is no event stream."
            return events + self._fail(Garbled(message, origin=self._origin))
        return events + self._fail(Cut(f"{self._origin} broke off its answer before the end.", origin=self._origin))

    def _take_all(self, records: list[Record]) -> list[Event]:
        events: list[Event] = []
        for name, payload in records:
            events += self._take(name, payload)
            if self._answer.ended:
                self.ended = True
                break
        return events

    def _take(self, name: bytes, payload: bytes) -> list[Event]:
        self._records += 1
        if name.endswith(b".delta"):
            try:
                return self._go_on(decode_delta(payload))
            except FAULTS:
                pass  # it is read as any other
        try:
            event = decode_event(payload)
        except FAULTS:
            if not payload.strip() or payload[:6] == b"[DONE]":
                return []
            shown = payload[:80].decode("utf-8", "replace")
            return self._fail(Garbled(f"{self._origin} sent what is no event: {shown}", origin=self._origin))
        read = _READERS.get(event.type if isinstance(event.type, str) else name.decode("latin-1"))
        if read is not None:
            try:
                return read(self, event, payload)
            except FAULTS:
                return self._fail(Garbled(f"{self._origin} sent an event of no known shape.", origin=self._origin))
            except Garbled as error:
                return self._fail(error)
        if event.type is None and is_set(event.error):
            return self._fail(read_failure(bytes(event.error), self._origin))
        return []

    def _fail(self, error: GatewayError) -> list[Event]:
        self.ended = True
        return self._answer.fail(error)

    def _go_on(self, delta: PlainDelta) -> list[Event]:
        """Most events, read with the least effort."""
        if isinstance(delta, TextDelta):
            return self._answer.say(delta.output_index, delta.content_index, delta.delta)
        if isinstance(delta, SummaryDelta):
            return self._answer.think(delta.output_index, "summary", delta.summary_index, delta.delta)
        return self._answer.argue(delta.output_index, "function_call", delta.delta)

    # -- events --------------------------------------------------------------------------------------------------------

    def _begin(self, event: WireEvent, payload: bytes) -> list[Event]:
        return self._answer.start(_response(event))

    def _end(self, event: WireEvent, payload: bytes) -> list[Event]:
        response = _response(event)
        # The event's own name says how it ended, whatever the object repeats of it.
        response.status = word(event.type).removeprefix("response.")
        return self._answer.end(response)

    def _error(self, event: WireEvent, payload: bytes) -> list[Event]:
        return self._fail(read_failure(bytes(event.error) if is_set(event.error) else payload, self._origin))

    def _item_added(self, event: WireEvent, payload: bytes) -> list[Event]:
        if not is_set(event.item):
            return []
        return self._answer.open_item(_index(event, "output_index"), item_decoder.decode(event.item))

    def _item_done(self, event: WireEvent, payload: bytes) -> list[Event]:
        if not is_set(event.item):
            return []
        item = item_decoder.decode(event.item)
        return self._answer.finish_item(_index(event, "output_index"), item, Raw(bytes(event.item)))

    def _text_delta(self, event: WireEvent, payload: bytes) -> list[Event]:
        place = _index(event, "output_index"), _index(event, "content_index")
        return self._answer.say(*place, word(event.delta))

    def _text_done(self, event: WireEvent, payload: bytes) -> list[Event]:
        place = _index(event, "output_index"), _index(event, "content_index")
        return self._answer.say_all(*place, word(event.text))

    def _refusal_delta(self, event: WireEvent, payload: bytes) -> list[Event]:
        place = _index(event, "output_index"), _index(event, "content_index")
        return self._answer.say(*place, word(event.delta), refusal=True)

    def _refusal_done(self, event: WireEvent, payload: bytes) -> list[Event]:
        place = _index(event, "output_index"), _index(event, "content_index")
        return self._answer.say_all(*place, word(event.refusal), refusal=True)

    def _annotation(self, event: WireEvent, payload: bytes) -> list[Event]:
        if not is_set(event.annotation):
            return []
        return self._answer.note(_index(event, "output_index"), Raw(bytes(event.annotation)))

    def _summary_delta(self, event: WireEvent, payload: bytes) -> list[Event]:
        place = _index(event, "output_index"), "summary", _index(event, "summary_index")
        return self._answer.think(*place, word(event.delta))

    def _summary_done(self, event: WireEvent, payload: bytes) -> list[Event]:
        place = _index(event, "output_index"), "summary", _index(event, "summary_index")
        return self._answer.think_all(*place, word(event.text))

    def _thought_delta(self, event: WireEvent, payload: bytes) -> list[Event]:
        place = _index(event, "output_index"), "content", _index(event, "content_index")
        return self._answer.think(*place, word(event.delta))

    def _thought_done(self, event: WireEvent, payload: bytes) -> list[Event]:
        place = _index(event, "output_index"), "content", _index(event, "content_index")
        return self._answer.think_all(*place, word(event.text))

    def _args_delta(self, event: WireEvent, payload: bytes) -> list[Event]:
        return self._answer.argue(_index(event, "output_index"), "function_call", word(event.delta))

    def _args_done(self, event: WireEvent, payload: bytes) -> list[Event]:
        index, name = _index(event, "output_index"), word(event.name)
        return self._answer.argue_all(index, "function_call", word(event.arguments), name)

    def _custom_delta(self, event: WireEvent, payload: bytes) -> list[Event]:
        return self._answer.argue(_index(event, "output_index"), "custom_tool_call", word(event.delta))

    def _custom_done(self, event: WireEvent, payload: bytes) -> list[Event]:
        index = _index(event, "output_index")
        return self._answer.argue_all(index, "custom_tool_call", word(event.input))


def _index(event: WireEvent, name: str) -> int:
    """An index of an event; the first one where it is missing."""
    value = getattr(event, name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _response(event: WireEvent) -> WireResponse:
    """The response object of a lifecycle event; an empty one where it is missing or odd."""
    try:
        return decode_response(event.response) if event.response is not NONE else WireResponse()
    except FAULTS:
        return WireResponse()


_READERS: dict[str, Callable[[StreamReader, WireEvent, bytes], list[Event]]] = {
    "response.output_text.delta": StreamReader._text_delta,
    "response.function_call_arguments.delta": StreamReader._args_delta,
    "response.reasoning_summary_text.delta": StreamReader._summary_delta,
    "response.reasoning_text.delta": StreamReader._thought_delta,
    "response.created": StreamReader._begin,
    "response.queued": StreamReader._begin,
    "response.in_progress": StreamReader._begin,
    "response.output_item.added": StreamReader._item_added,
    "response.output_item.done": StreamReader._item_done,
    "response.output_text.done": StreamReader._text_done,
    "response.output_text.annotation.added": StreamReader._annotation,
    "response.refusal.delta": StreamReader._refusal_delta,
    "response.refusal.done": StreamReader._refusal_done,
    "response.reasoning_summary_text.done": StreamReader._summary_done,
    "response.reasoning_text.done": StreamReader._thought_done,
    "response.function_call_arguments.done": StreamReader._args_done,
    "response.custom_tool_call_input.delta": StreamReader._custom_delta,
    "response.custom_tool_call_input.done": StreamReader._custom_done,
    "response.completed": StreamReader._end,
    "response.incomplete": StreamReader._end,
    "response.failed": StreamReader._end,
    "response.cancelled": StreamReader._end,
    "error": StreamReader._error,
}
"""Events that say something; those that are not here mean nothing to an answer."""
