"""One Responses answer, event by event, to neutral events; a whole answer is its items, one after the other.

Items are told apart by `output_index` and may come at the same time. What came in no delta is taken from the `done`
event, else from the finished item, else from the final response (P27). One reasoning item is one thinking block; its
id and ciphertext are known when the item is done and leave with the block's stop. Items only this dialect knows are
opaque blocks, given when they are whole.
"""

from __future__ import annotations

from msgspec import Raw

from ...errors import Cut, Garbled, GatewayError
from ...neutral.blocks import Blocks
from ...neutral.events import BlockStart, BlockStop, Event, Failed, Finish, Kind, Reason, Start, Usage
from ...neutral.parts import NONE
from ..fields import is_set
from ..written import NewId
from .errors import read_error, read_failure
from .names import FIELD, flat
from .open_item import CALLS, OpenItem, pieces_of
from .read_input import args_of
from .signatures import BETWEEN, sign, texts_of
from .types import (
    DIALECT,
    FAULTS,
    Item,
    Piece,
    WireResponse,
    decode_response,
    encode,
    item_decoder,
    raws_decoder,
    word,
)
from .usage import read_usage

_TEXT, _THINKING, _TOOL = Kind.TEXT, Kind.THINKING, Kind.TOOL


class Answer:
    """One answer being read."""

    def __init__(self, new_id: NewId, origin: str) -> None:
        self.ended = False
        self._new_id, self._origin = new_id, origin
        self._blocks = Blocks()
        self._open: dict[int, OpenItem] = {}
        self._started = self._called = self._refused = self._any = False
        self._usage: Usage | None = None

    # -- the whole answer ----------------------------------------------------------------------------------------------

    def read_whole(self, body: bytes) -> list[Event]:
        """All events of an answer that came in one piece."""
        try:
            response = decode_response(body)
            if response.object != "response" and not is_set(response.output):
                return self.fail(read_error(200, body, self._origin, {}))
            return self.end(response)
        except FAULTS:
            return self.fail(read_error(200, body, self._origin, {}))
        except Garbled as error:
            return self.fail(error)

    def start(self, response: WireResponse | None) -> list[Event]:
        """The answer begins; nothing if it has."""
        if self._started:
            return []
        self._started = True
        if response is None:
            return [Start()]
        return [Start(word(response.id), word(response.model))]

    def end(self, response: WireResponse) -> list[Event]:
        """The answer is over, as its final form says."""
        events = self.start(response)
        self._usage = read_usage(response.usage, response.tool_usage) or self._usage
        if response.status in ("failed", "cancelled") or is_set(response.error):
            return events + self.fail(self._failure(response))
        if response.status in ("queued", "in_progress"):
            return events + self.fail(Cut(f"{self._origin} gave an answer that is not finished.", origin=self._origin))
        events += self._complete(response.output)
        self.ended = True
        events += [*self._blocks.close(), *self._counts(), Finish(self._reason(response))]
        return events

    def fail(self, error: GatewayError) -> list[Event]:
        """The answer broke; what was counted so far is kept (P13)."""
        self.ended = True
        return [*(self._counts() if self._started else []), Failed(error)]

    def _failure(self, response: WireResponse) -> GatewayError:
        if is_set(response.error):
            return read_failure(bytes(response.error), self._origin)
        return Cut(f"{self._origin} {response.status} its answer and did not say why.", origin=self._origin)

    def _reason(self, response: WireResponse) -> Reason:
        if response.status == "incomplete":
            why = response.incomplete_details.reason if response.incomplete_details is not None else None
            return Reason.CONTENT_FILTER if why == "content_filter" else Reason.LENGTH
        if self._called:
            return Reason.TOOLS
        return Reason.REFUSAL if self._refused else Reason.END

    def _counts(self) -> list[Event]:
        return [self._usage] if self._usage is not None else []

    def _complete(self, output: Raw) -> list[Event]:
        """What the final response has and no event had: all of it, or the ends of items nobody said were done."""
        items = [(raw, item_decoder.decode(raw)) for raw in raws_decoder.decode(output)] if is_set(output) else []
        events: list[Event] = []
        if not self._any:
            for index, (raw, item) in enumerate(items):
                events += self.finish_item(index, item, raw)
            return events
        for index, opened in sorted(self._open.items()):
            found = next((pair for pair in items if opened.is_same(pair[1])), None)
            raw, item = found or (NONE, opened.item)
            events += self.finish_item(index, item, raw)
        return events

    # -- items ---------------------------------------------------------------------------------------------------------

    def open_item(self, index: int, item: Item) -> list[Event]:
        """An item begins."""
        self._any = True
        opened = self._open[index] = OpenItem(item)
        return self._announce(index, opened, item) if item.type in CALLS else []

    def finish_item(self, index: int, item: Item, raw: Raw) -> list[Event]:
        """An item is whole."""
        self._any = True
        opened = self._open.pop(index, None) or OpenItem(item)
        match item.type:
            case "message":
                return self._finish_message(index, opened, item)
            case "reasoning":
                return self._finish_reasoning(index, opened, item)
            case "function_call" | "custom_tool_call":
                return self._finish_call(index, opened, item)
        if raw is NONE or not isinstance(item.type, str):
            return []
        block = BlockStart(0, Kind.OPAQUE, name=item.type, dialect=DIALECT, raw=raw)
        return [*self.start(None), *self._blocks.put(block, BlockStop(0))]

    def _find(self, index: int, kind: str) -> OpenItem:
        """The item a delta belongs to; one that was never announced begins with it."""
        self._any = True
        opened = self._open.get(index)
        if opened is None:
            opened = self._open[index] = OpenItem(Item(type=kind))
        return opened

    # -- messages ------------------------------------------------------------------------------------------------------

    def say(self, index: int, part: int, text: str, *, refusal: bool = False) -> list[Event]:
        """Some text of a message."""
        if refusal:
            self._refused = True
        opened = self._find(index, "message")
        opened.said[part] = opened.said.get(part, 0) + len(text)
        events = self._blocks.add(_TEXT, text, (index, part))
        return events if self._started else [*self.start(None), *events]

    def say_all(self, index: int, part: int, text: str, *, refusal: bool = False) -> list[Event]:
        """The whole text of a part, as far as it has not come."""
        return [] if self._find(index, "message").said.get(part) else self.say(index, part, text, refusal=refusal)

    def note(self, index: int, raw: Raw) -> list[Event]:
        """An annotation of the text."""
        self._find(index, "message").noted += 1
        return [*self.start(None), *self._blocks.aside(DIALECT, "annotation", raw)]

    def _finish_message(self, index: int, opened: OpenItem, item: Item) -> list[Event]:
        self._open[index] = opened
        events: list[Event] = []
        pieces = pieces_of(item.content)
        for part, piece in enumerate(pieces):
            if piece.type == "refusal":
                events += self.say_all(index, part, word(piece.refusal), refusal=True)
            else:
                events += self.say_all(index, part, word(piece.text))
            events += self._note_late(index, opened, piece)
            if phase := word(item.phase):
                self._blocks.sign(phase, DIALECT, Kind.TEXT, (index, part))
        del self._open[index]
        for part in opened.said:
            events += self._blocks.stop(Kind.TEXT, (index, part))
        return events

    def _note_late(self, index: int, opened: OpenItem, piece: Piece) -> list[Event]:
        """Annotations that no event had."""
        try:
            notes = raws_decoder.decode(piece.annotations) if is_set(piece.annotations) else []
        except FAULTS:
            return []
        return [event for raw in notes[opened.noted :] for event in self.note(index, raw)]

    # -- reasoning -----------------------------------------------------------------------------------------------------

    def think(self, index: int, source: str, part: int, text: str) -> list[Event]:
        """Some text of a reasoning item: of its summary, or of the reasoning itself where there is no summary."""
        opened = self._find(index, "reasoning")
        if not text or (opened.source and opened.source != source):
            return []
        opened.source = source
        between = BETWEEN if part not in opened.said and opened.said else ""
        opened.said[part] = opened.said.get(part, 0) + len(text)
        events = self._blocks.add(_THINKING, between + text, index, word(opened.item.id))
        return events if self._started else [*self.start(None), *events]

    def think_all(self, index: int, source: str, part: int, text: str) -> list[Event]:
        """The whole text of a part, as far as it has not come."""
        return [] if part in self._find(index, "reasoning").said else self.think(index, source, part, text)

    def _finish_reasoning(self, index: int, opened: OpenItem, item: Item) -> list[Event]:
        texts = texts_of(item)
        events: list[Event] = []
        if not opened.said and texts:
            self._open[index] = opened
            for part, text in enumerate(texts):
                events += self.think(index, "summary", part, text)
            del self._open[index]
        signature, origin, redacted = sign(item, list(opened.said.values()))
        if not signature or (opened.said and self._blocks.sign(signature, origin, Kind.THINKING, index)):
            return [*events, *self._blocks.stop(Kind.THINKING, index)]
        # Nothing readable came, or other items came between and closed its block: the ciphertext stands alone.
        block = BlockStart(0, Kind.THINKING, id=word(item.id), redacted=redacted or bool(opened.said))
        return [*events, *self.start(None), *self._blocks.put(block, BlockStop(0, signature, origin))]

    # -- calls ---------------------------------------------------------------------------------------------------------

    def argue(self, index: int, kind: str, text: str, name: str = "") -> list[Event]:
        """Some arguments of a call: JSON, or the plain text of a custom tool's."""
        opened = self._find(index, kind)
        if name and not opened.item.name:
            opened.item.name = name
        events = [] if opened.name else self._announce(index, opened, opened.item)
        if opened.item.type == "custom_tool_call":
            piece = encode(text)[1:-1].decode()
            text = piece if opened.said or not piece else f'{{"{FIELD}":"{piece}'
        if text:
            opened.said[0] = opened.said.get(0, 0) + len(text)
        if not opened.name:
            opened.held += text
            return events
        return events + self._blocks.add(_TOOL, text, index)

    def argue_all(self, index: int, kind: str, text: str, name: str = "") -> list[Event]:
        """All arguments of a call, as far as they have not come."""
        opened = self._find(index, kind)
        return self.argue(index, kind, "" if opened.said else text, name)

    def _announce(self, index: int, opened: OpenItem, item: Item, *, last: bool = False) -> list[Event]:
        """The call's block opens as soon as its name and id are known; an id that never comes is made up."""
        name, id = word(item.name), word(item.call_id) or word(item.id)
        if opened.name or not name or not (id or last):
            return []
        self._called = True
        opened.name = flat(name, word(item.namespace))
        opened.call_id = id or self._new_id("call_")
        events = [*self.start(None), *self._blocks.add(Kind.TOOL, "", index, opened.call_id, opened.name)]
        held, opened.held = opened.held, ""
        return events + self._blocks.add(Kind.TOOL, held, index) if held else events

    def _finish_call(self, index: int, opened: OpenItem, item: Item) -> list[Event]:
        self._open[index] = opened
        if not word(item.name):
            item.name, item.namespace = opened.item.name, opened.item.namespace
        item.call_id = item.call_id or opened.item.call_id
        events = self._announce(index, opened, item, last=True)
        if not opened.name:
            raise Garbled(f"{self._origin} sent a tool call without a name.", origin=self._origin)
        if item.type == "custom_tool_call":
            events += self.argue_all(index, item.type, word(item.input))
            if not opened.said:
                events += self._blocks.add(Kind.TOOL, f'{{"{FIELD}":"', index)
            events += self._blocks.add(Kind.TOOL, '"}', index)
        elif not opened.said:
            given = item.arguments if is_set(item.arguments) else opened.item.arguments
            events += self._blocks.add(Kind.TOOL, bytes(args_of(given)).decode(), index)
        del self._open[index]
        return [*events, *self._blocks.stop(Kind.TOOL, index)]
