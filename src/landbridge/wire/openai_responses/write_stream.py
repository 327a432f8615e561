"""Events to a Responses stream.

Every event has its `event:` line and a sequence number; every block is one item, opened and closed as OpenAI does it,
and the last event repeats the whole response. Everything of a delta but its text and number is known when its block
opens. A failed answer ends in `response.failed` and its open item stays open (P9, P14). A call whose arguments are
not whole is held until it is clear whether the answer was cut off there: then it is not one to be run.
"""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from ...errors import GatewayError
from ...neutral.blocks import is_whole
from ...neutral.events import BlockStart, BlockStop, Delta, Event, Extra, Failed, Finish, Kind, Reason, Start, Usage
from ...neutral.request import Request
from ..sse import COMMENT
from ..written import Loss
from .echo import echo
from .errors import failure_code, failure_text
from .names import Name, names_of
from .signatures import reasoning_item
from .types import DIALECT, encode
from .usage import write_usage
from .write_items import (
    MESSAGE,
    REFUSAL,
    REFUSED,
    Item,
    OpenBlock,
    block_id,
    call_item,
    ending,
    item_id,
    message_item,
    on_one_line,
    one_line,
    refusal_item,
    response_object,
    says_something,
    text_piece,
)


class StreamWriter:
    """Writes one streamed answer; see `wire/dialects.py`."""

    def __init__(self, id: str, model: str, now: int, request: Request) -> None:
        self.losses: list[Loss] = []
        self._id, self._now = id, now
        self._response = response_object(id, model, now, "in_progress", {})
        # Tools can be large, and a stream repeats them three times.
        self._echo = on_one_line(echo(request))
        self._names = names_of(request.tools)
        self._usage = Usage()
        self._started = self._ended = False
        self._sequence = 0
        self._items: list[Item | Raw] = []
        self._open: OpenBlock | None = None
        self._before = self._after = b""
        """What stands around the sequence number and the text of a delta."""
        self._held: Item | None = None
        """A call that may have been cut off."""

    def feed(self, event: Event) -> bytes:
        """The bytes of one event."""
        if type(event) is Delta:
            opened = self._open
            if opened is None:
                return b""
            opened.texts.append(event.text)
            if not self._before:
                return b""
            number, self._sequence = self._sequence, self._sequence + 1
            return b'%b%d,"delta":%b%b' % (self._before, number, encode(event.text), self._after)
        return b"" if self._ended else self._feed_other(event)

    def _feed_other(self, event: Event) -> bytes:
        match event:
            case Start():
                self._usage = self._usage.merged(event.usage)
                return self._begin()
            case BlockStart():
                return self._release() + self._open_block(event)
            case BlockStop():
                return self._close_block(event)
            case Usage():
                self._usage = self._usage.merged(event)
            case Extra():
                return self._write_extra(event)
            case Finish():
                return self._finish(event)
            case Failed():
                return self._fail(event.error)
        return b""

    def ping(self) -> bytes:
        """A comment."""
        return b"" if self._ended else COMMENT

    def nudge(self) -> bytes:
        """A `response.in_progress` event; Codex counts no comments."""
        if self._ended:
            return b""
        return self._begin() or self._lifecycle("response.in_progress")

    # -- the response --------------------------------------------------------------------------------------------------

    def _begin(self) -> bytes:
        """The first two events; nothing if they have been written."""
        if self._started:
            return b""
        self._started = True
        return self._lifecycle("response.created") + self._lifecycle("response.in_progress")

    def _lifecycle(self, kind: str, **fields: Any) -> bytes:
        written = self._event(kind, response=self._response | fields)
        return b"%b,%b}\n\n" % (written.removesuffix(b"}}\n\n"), self._echo[1:])

    def _event(self, kind: str, **fields: Any) -> bytes:
        body = encode({"type": kind, "sequence_number": self._sequence, **fields})
        self._sequence += 1
        return b"event: %b\ndata: %b\n\n" % (kind.encode(), body)

    def _finish(self, finish: Finish) -> bytes:
        head = self._begin() + self._refuse(finish)
        fields = ending(finish, self._usage, self._now)
        if fields["status"] == "completed":
            head += self._release()
        elif self._held is not None:
            self._items.append(self._held | {"status": "incomplete"})
        self._ended = True
        return head + self._lifecycle(f"response.{fields['status']}", output=self._items, **fields)

    def _refuse(self, finish: Finish) -> bytes:
        """The item that says an answer was refused, and words where there are none."""
        if finish.reason is not Reason.REFUSAL:
            return b""
        words = b""
        if not any(isinstance(item, dict) and says_something(item) for item in self._items):
            block = BlockStart(len(self._items), Kind.TEXT)
            words = self._open_block(block) + self.feed(Delta(0, REFUSED)) + self._close_block(BlockStop(0))
        index = len(self._items)
        id = item_id(MESSAGE, self._id, index)
        place = {"item_id": id, "output_index": index, "content_index": 0}
        return (
            words
            + self._added(refusal_item(id, "in_progress"))
            + self._event("response.content_part.added", **place, part=REFUSAL)
            + self._event("response.refusal.done", **place, refusal="")
            + self._event("response.content_part.done", **place, part=REFUSAL)
            + self._done(refusal_item(id))
        )

    def _fail(self, error: GatewayError) -> bytes:
        head = self._begin()
        self._ended = True
        usage = write_usage(self._usage) if self._usage.output is not None else None
        said = {"code": failure_code(error), "message": failure_text(error)}
        return head + self._lifecycle("response.failed", output=self._items, status="failed", error=said, usage=usage)

    # -- items ---------------------------------------------------------------------------------------------------------

    def _open_block(self, block: BlockStart) -> bytes:
        index = len(self._items)
        self._before = b""
        name = self._names.own(block.name) if block.kind is Kind.TOOL else Name("")
        opened = self._open = OpenBlock(block, block_id(block, name, self._id, index), index, name)
        match block.kind:
            case Kind.TEXT:
                added = self._added(message_item(opened.id, None, status="in_progress"))
                self._set_delta("response.output_text.delta", b'"content_index":0,', b',"logprobs":[]}\n\n')
                part = {"content_index": 0, "part": text_piece("")}
                return added + self._item_event("response.content_part.added", **part)
            case Kind.THINKING if not block.redacted:
                added = self._added(reasoning_item(opened.id, "", "", "", False))
                self._set_delta("response.reasoning_summary_text.delta", b'"summary_index":0,', b"}\n\n")
                part = {"summary_index": 0, "part": {"type": "summary_text", "text": ""}}
                return added + self._item_event("response.reasoning_summary_part.added", **part)
            case Kind.TOOL:
                if not name.custom:
                    self._set_delta("response.function_call_arguments.delta", b"", b"}\n\n")
                return self._added(call_item(opened.id, block.id, name, "", "in_progress"))
        return b""

    def _set_delta(self, kind: str, place: bytes, after: bytes) -> None:
        assert self._open is not None
        self._after = after
        self._before = b'event: %b\ndata: {"type":"%b","item_id":%b,"output_index":%d,%b"sequence_number":' % (
            kind.encode(),
            kind.encode(),
            encode(self._open.id),
            self._open.index,
            place,
        )

    def _added(self, item: Item | Raw) -> bytes:
        return self._event("response.output_item.added", output_index=len(self._items), item=item)

    def _item_event(self, kind: str, **fields: Any) -> bytes:
        """An event inside the open item."""
        assert self._open is not None
        return self._event(kind, item_id=self._open.id, output_index=self._open.index, **fields)

    def _done(self, item: Item | Raw) -> bytes:
        self._items.append(item)
        return self._event("response.output_item.done", output_index=len(self._items) - 1, item=item)

    def _close_block(self, stop: BlockStop) -> bytes:
        opened = self._open
        if opened is None:
            return b""
        text = "".join(opened.texts)
        self._before = b""
        match opened.block.kind:
            case Kind.TEXT:
                written = self._close_text(opened, text, stop)
            case Kind.THINKING:
                written = self._close_thinking(opened, text, stop)
            case Kind.TOOL:
                written = self._close_call(opened, text, stop)
            case _:
                written = self._write_opaque(opened.block)
        self._open = None
        return written

    def _close_text(self, opened: OpenBlock, text: str, stop: BlockStop) -> bytes:
        item = message_item(opened.id, text, opened.notes)
        if stop.signature and stop.origin == DIALECT:
            item["phase"] = stop.signature
        else:
            self._lose_signature(stop)
        return (
            self._item_event("response.output_text.done", content_index=0, text=text, logprobs=[])
            + self._item_event("response.content_part.done", content_index=0, part=text_piece(text, opened.notes))
            + self._done(item)
        )

    def _close_thinking(self, opened: OpenBlock, text: str, stop: BlockStop) -> bytes:
        item = reasoning_item(opened.id, text, stop.signature, stop.origin, opened.block.redacted)
        if opened.block.redacted:
            return self._added(item | {"summary": []}) + self._done(item)
        part = {"type": "summary_text", "text": text}
        return (
            self._item_event("response.reasoning_summary_text.done", summary_index=0, text=text)
            + self._item_event("response.reasoning_summary_part.done", summary_index=0, part=part)
            + self._done(item)
        )

    def _close_call(self, opened: OpenBlock, args: str, stop: BlockStop) -> bytes:
        if not (stop.origin == DIALECT and opened.name.custom):
            self._lose_signature(stop)
        item = call_item(opened.id, opened.block.id, opened.name, args or "{}")
        if is_whole(item.get("arguments", args)):
            return self._close_whole_call(item)
        self._held = item
        return b""

    def _close_whole_call(self, item: Item) -> bytes:
        place = {"item_id": item["id"], "output_index": len(self._items)}
        if "input" in item:
            said = item["input"]
            head = self._event("response.custom_tool_call_input.delta", **place, delta=said) if said else b""
            return head + self._event("response.custom_tool_call_input.done", **place, input=said) + self._done(item)
        done = {"name": item["name"], "arguments": item["arguments"]}
        return self._event("response.function_call_arguments.done", **place, **done) + self._done(item)

    def _release(self) -> bytes:
        """The answer went on after a call that is not whole: the model wrote it so (P29)."""
        item, self._held = self._held, None
        return b"" if item is None else self._close_whole_call(item)

    def _write_opaque(self, block: BlockStart) -> bytes:
        if block.dialect != DIALECT:
            self._lose(block.index, f"a '{block.name}' block of {block.dialect} has no place in a response")
            return b""
        raw = one_line(block.raw)
        return self._added(raw) + self._done(raw)

    def _write_extra(self, extra: Extra) -> bytes:
        opened = self._open
        if extra.dialect != DIALECT or extra.name != "annotation" or opened is None or opened.block.kind != Kind.TEXT:
            self._lose(extra.index, f"'{extra.name}' of {extra.dialect} has no place in a response")
            return b""
        raw = one_line(extra.raw)
        opened.notes.append(raw)
        place = {"content_index": 0, "annotation_index": len(opened.notes) - 1}
        return self._item_event("response.output_text.annotation.added", **place, annotation=raw)

    def _lose_signature(self, stop: BlockStop) -> None:
        if stop.signature:
            self._lose(stop.index, "its signature has no place in a response")

    def _lose(self, index: int, why: str) -> None:
        self.losses.append(Loss(f"blocks[{index}]" if index >= 0 else "stream", why))
