"""Events to a Gemini stream, as server-sent events or as the JSON list a client gets that did not ask for these.

One chunk a delta; a call is one chunk, written when its arguments are whole. What keeps the client awake is a chunk
with empty text: Google's SDKs take a comment for a broken chunk, and Gemini CLI's reads nothing after one. A failed
answer ends with the bare JSON of the error, as Google's own does: the SDKs raise it, and none takes what came before
for a whole answer (P9).
"""

from __future__ import annotations

from msgspec import Raw

from ...neutral.events import BlockStart, BlockStop, Delta, Event, Extra, Failed, Finish, Kind, Start, Usage
from ...neutral.parts import Opaque, Thinking, ToolCall
from ...neutral.request import Request
from ..written import Loss
from .errors import write_error
from .response import write_piece
from .signatures import Signature, pack
from .types import DIALECT, FINISH_WRITTEN, encode, one_line
from .usage import write_usage

_HEAD = b'data: {"candidates":[{"content":{"parts":['
_EMPTY = b'{"text":""}'
_OPENING = {Kind.TEXT: b'{"text":', Kind.THINKING: b'{"thought":true,"text":'}


class StreamWriter:
    """Writes one streamed answer; see `wire/dialects.py`."""

    def __init__(self, id: str, model: str, now: int, request: Request) -> None:
        self.losses: list[Loss] = []
        self._usage = Usage()
        self._open: BlockStart | None = None
        self._arguments: list[str] = []
        self._notes: dict[str, Raw] = {}
        self._names = b',"modelVersion":%b,"responseId":%b}\n\n' % (encode(model), encode(id))
        self._tail = b'],"role":"model"},"index":0}]' + self._names
        self._prefix, self._suffix = b"", b"}" + self._tail

    def feed(self, event: Event) -> bytes:
        """The bytes of one event."""
        if type(event) is Delta:
            if self._prefix:
                return self._prefix + encode(event.text) + self._suffix
            self._arguments.append(event.text)
            return b""
        match event:
            case Start():
                self._usage = self._usage.merged(event.usage)
                return self._chunk(_EMPTY)
            case BlockStart():
                self._begin(event)
            case BlockStop():
                return self._end(event)
            case Usage():
                self._usage = self._usage.merged(event)
            case Extra():
                self._note(event)
            case Finish():
                return self._finish(event)
            case Failed():
                return write_error(event.error, "") + b"\n\n"
        return b""

    def ping(self) -> bytes:
        """A chunk with empty text."""
        return self._chunk(_EMPTY)

    def nudge(self) -> bytes:
        """The same: it is a real chunk."""
        return self.ping()

    def _chunk(self, piece: bytes) -> bytes:
        return _HEAD + piece + self._tail

    def _begin(self, block: BlockStart) -> None:
        self._open, self._arguments = block, []
        opening = _OPENING.get(block.kind)
        self._prefix = _HEAD + opening if opening is not None and not block.redacted else b""

    def _end(self, stop: BlockStop) -> bytes:
        """What is known only when the block ends: a call, an opaque part, a signature."""
        block, self._open, self._prefix = self._open, None, b""
        if block is None:
            return b""
        match block.kind:
            case Kind.TOOL:
                args = Raw("".join(self._arguments).encode())
                call = ToolCall(block.id, block.name, args, signature=stop.signature, origin=stop.origin)
                return self._write(call)
            case Kind.OPAQUE if block.dialect == DIALECT:
                return self._write(Opaque(DIALECT, block.name, Raw(one_line(block.raw))))
            case Kind.OPAQUE:
                self._lose(stop.index, f"a '{block.name}' block of {block.dialect} has no place in Gemini")
            case Kind.THINKING if block.redacted:
                return self._write(Thinking(signature=stop.signature, redacted=True, origin=stop.origin))
            case _ if stop.signature:
                signature = encode(pack(Signature(stop.signature, stop.origin)))
                return self._chunk(_OPENING[block.kind] + b'"","thoughtSignature":' + signature + b"}")
        return b""

    def _write(self, part: Thinking | ToolCall | Opaque) -> bytes:
        return self._chunk(one_line(encode(write_piece(part))))

    def _note(self, extra: Extra) -> None:
        """Records of the candidate go into the last chunk."""
        if extra.dialect == DIALECT:
            self._notes[extra.name] = Raw(one_line(extra.raw))
        else:
            self._lose(extra.index, f"'{extra.name}' of {extra.dialect} has no place in Gemini")

    def _finish(self, finish: Finish) -> bytes:
        candidate: dict[str, object] = {
            "content": {"parts": [{"text": ""}], "role": "model"},
            "finishReason": FINISH_WRITTEN[finish.reason],
            "index": 0,
            **self._notes,
        }
        body = encode({"candidates": [candidate], "usageMetadata": write_usage(self._usage)})
        return b"data: " + body[:-1] + self._names

    def _lose(self, index: int, why: str) -> None:
        self.losses.append(Loss(f"blocks[{index}]" if index >= 0 else "stream", why))


class ArrayWriter(StreamWriter):
    """The same chunks as one JSON list, for a client that asked for a stream without `alt=sse`."""

    def __init__(self, id: str, model: str, now: int, request: Request) -> None:
        super().__init__(id, model, now, request)
        self._opened = False

    def feed(self, event: Event) -> bytes:
        """The bytes of one event."""
        written = super().feed(event)
        items = [record.removeprefix(b"data: ") for record in written.split(b"\n\n") if record]
        out = b"".join(map(self._item, items))
        return out + b"\r\n]" if isinstance(event, Finish | Failed) else out

    def ping(self) -> bytes:
        """White space, which may stand anywhere between the chunks."""
        return b"\r\n"

    def nudge(self) -> bytes:
        """A chunk with empty text."""
        return self._item(self._chunk(_EMPTY).removeprefix(b"data: ").rstrip())

    def _item(self, chunk: bytes) -> bytes:
        before, self._opened = b",\r\n" if self._opened else b"[", True
        return before + chunk
