"""A whole answer, and the way from a stream of events to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Raw, Struct, field

from .events import BlockStart, BlockStop, Delta, Event, Extra, Finish, Kind, Start, Usage
from .parts import Opaque, Part, Text, Thinking, ToolCall


class Response(Struct, frozen=True, omit_defaults=True):
    """One answer. `parts` are of the assistant; `extras` are message-level records by dialect, opaque."""

    parts: tuple[Part, ...]
    finish: Finish
    usage: Usage = Usage()
    id: str = ""
    model: str = ""
    extras: tuple[Extra, ...] = field(default=())


class Collector:
    """Folds events into a `Response`. Raises the error of a `Failed` event."""

    def __init__(self) -> None:
        self.start = Start()
        self.usage = Usage()
        self.finish: Finish | None = None
        self._parts: list[Part] = []
        self._extras: list[Extra] = []
        self._open: BlockStart | None = None
        self._texts: list[str] = []

    def feed(self, event: Event) -> None:
        """Take one event of a grammatical stream."""
        match event:
            case Delta():
                self._texts.append(event.text)
            case BlockStart():
                self._open, self._texts = event, []
            case BlockStop():
                if self._open is not None:
                    self._parts.append(_part(self._open, "".join(self._texts), event))
                self._open = None
            case Usage():
                self.usage = self.usage.merged(event)
            case Start():
                self.start, self.usage = event, self.usage.merged(event.usage)
            case Finish():
                self.finish = event
            case Extra():
                self._extras.append(event)
            case _:
                raise event.error

    def response(self) -> Response:
        """The answer so far; the stream must have finished."""
        assert self.finish is not None, "the stream has no Finish"
        return Response(
            parts=tuple(self._parts),
            finish=self.finish,
            usage=self.usage,
            id=self.start.id,
            model=self.start.model,
            extras=tuple(self._extras),
        )


def _part(block: BlockStart, text: str, stop: BlockStop) -> Part:
    match block.kind:
        case Kind.TEXT:
            return Text(text, signature=stop.signature, origin=stop.origin)
        case Kind.THINKING:
            return Thinking(text, signature=stop.signature, redacted=block.redacted, origin=stop.origin)
        case Kind.TOOL:
            args = Raw(text.encode() or b"{}")
            return ToolCall(block.id, block.name, args, signature=stop.signature, origin=stop.origin)
        case _:
            return Opaque(block.dialect, block.name, block.raw)


def collect(events: Iterable[Event]) -> Response:
    """The answer that `events` stream. Raises the error of a `Failed` event."""
    collector = Collector()
    for event in events:
        collector.feed(event)
    return collector.response()


def replay(response: Response) -> Iterator[Event]:
    """The shortest stream that `collect` turns into `response` again."""
    yield Start(response.id, response.model)
    index = 0
    for part in response.parts:
        match part:
            case Text():
                start, text = BlockStart(index, Kind.TEXT), part.text
            case Thinking():
                start, text = BlockStart(index, Kind.THINKING, redacted=part.redacted), part.text
            case ToolCall():
                start, text = BlockStart(index, Kind.TOOL, part.id, part.name), bytes(part.args).decode()
            case Opaque():
                start, text = BlockStart(index, Kind.OPAQUE, name=part.name, dialect=part.dialect, raw=part.raw), ""
            case _:
                continue
        yield start
        if text:
            yield Delta(index, text)
        yield from (extra for extra in response.extras if extra.index == index)
        signed = part if not isinstance(part, Opaque) else Text("")
        yield BlockStop(index, signed.signature, signed.origin)
        index += 1
    yield from (extra for extra in response.extras if extra.index == -1)
    yield response.usage
    yield response.finish
