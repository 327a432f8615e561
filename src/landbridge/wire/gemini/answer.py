"""One Gemini answer, chunk by chunk, to events; a whole answer is a single chunk.

A chunk holds parts: text and thoughts continue the open block, calls come whole. A thought signature stands on any
part. It ends the block it stands on: what follows is a block of its own, because Google wants each signature back on
the part it came with.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import msgspec
from msgspec import Raw

from ...errors import Garbled, GatewayError, Refused
from ...neutral.blocks import Blocks
from ...neutral.events import BlockStart, BlockStop, Event, Failed, Finish, Kind, Reason, Start, Usage
from ...neutral.parts import NONE
from ..fields import is_set
from ..written import NewId
from .errors import read_error, read_error_object
from .identifiers import read_name
from .plain import PlainChunk, read_plain
from .signatures import Signature, unpack
from .types import (
    BROKEN,
    DIALECT,
    FINISH_READ,
    NOTES,
    Call,
    Candidate,
    Chunk,
    Feedback,
    decode_chunk,
    decode_chunks,
    decode_object,
    decode_raw_chunk,
    one_line,
    word,
)
from .usage import read_usage

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What reading a chunk raises if it is no JSON of the expected shape."""
_TEXT, _THINKING = Kind.TEXT, Kind.THINKING


class Answer:
    """One answer being read."""

    def __init__(self, new_id: NewId, origin: str) -> None:
        self.reason = ""
        """Why it ended, in Google's word, once that was said."""
        self.ended = False
        self._new_id, self._origin = new_id, origin
        self._blocks = Blocks()
        self._started = self._spoke = False
        self._calls = 0
        self._signed = 0
        """Signatures so far: the key of a text or thinking block, which ends with its signature."""
        self._last: Kind | None = None
        """Kind of the latest text or thinking block, while nothing else came."""
        self._counted: deque[Raw] = deque(maxlen=2)
        """The latest counts, which come with every chunk and are read when they are wanted."""
        self._message = ""
        self._feedback: Feedback | None = None

    def read_whole(self, body: bytes) -> list[Event]:
        """All events of an answer that came in one piece: a response, or a list of chunks."""
        events: list[Event] = []
        try:
            for chunk in decode_chunks(body) if body.lstrip()[:1] == b"[" else (body,):
                events += self.read(bytes(chunk))
                if self.ended:
                    return events
        except UNREADABLE:
            return events + self.fail(read_error(200, body, self._origin, {}))
        if not self._spoke and not self.is_over:
            return events + self.fail(read_error(200, body, self._origin, {}))
        return events + self.finish()

    @property
    def is_over(self) -> bool:
        """Whether it has been said why it ended."""
        return bool(self.reason) or self._feedback is not None

    def read(self, payload: bytes) -> list[Event]:
        """The events of one chunk's JSON. Raises what `UNREADABLE` names."""
        if not payload.isascii():
            payload.decode()  # what stays raw is not looked at
        if self._started and (plain := read_plain(payload)) is not None:
            return self._go_on(plain)
        return self.take(decode_chunk(payload), payload)

    def take(self, chunk: Chunk, payload: bytes) -> list[Event]:
        """The events of one chunk."""
        if chunk.error is not NONE and is_set(chunk.error):
            return self.fail(read_error_object(bytes(chunk.error), self._origin))
        if chunk.usage_metadata is not NONE:
            self._counted.append(chunk.usage_metadata)
        events = [] if self._started else self._start(chunk)
        if chunk.prompt_feedback is not None and word(chunk.prompt_feedback.block_reason):
            self._feedback = chunk.prompt_feedback
        for place, candidate in enumerate(chunk.candidates or ()):
            if not candidate.index:
                events += self._choose(candidate, place, payload)
            if self.ended:
                break
        return events

    def _go_on(self, plain: PlainChunk) -> list[Event]:
        """The events of a chunk that is nothing but text."""
        if plain.usage_metadata is not NONE:
            self._counted.append(plain.usage_metadata)
        part = plain.candidates[0].content.parts[0]
        return self._say(_THINKING if part.thought else _TEXT, part.text)

    def finish(self) -> list[Event]:
        """The answer is over and in order."""
        why = self.reason
        if why in BROKEN:
            return self.fail(self._broken(why))
        self.ended = True
        events = [] if self._started else self._start(Chunk())
        reason = FINISH_READ.get(why, Reason.END)
        if self._feedback is not None:
            reason = Reason.CONTENT_FILTER
        if reason is Reason.END and self._calls:
            reason = Reason.TOOLS
        if reason is Reason.CONTENT_FILTER and not self._spoke:
            events += self._blocks.add(Kind.TEXT, self._filtered())
        return [*events, *self._blocks.close(), *self._counts(), Finish(reason)]

    def fail(self, error: GatewayError) -> list[Event]:
        """The answer broke; what was counted so far is kept (P13)."""
        self.ended = True
        return [*(self._counts() if self._started else ()), Failed(error)]

    def _start(self, chunk: Chunk) -> list[Event]:
        self._started = True
        return [Start(word(chunk.response_id), word(chunk.model_version), *self._counts())]

    def _counts(self) -> list[Usage]:
        found = (read_usage(raw) for raw in reversed(self._counted))
        usage = next((usage for usage in found if usage is not None), None)
        return [] if usage is None else [usage]

    def _choose(self, candidate: Candidate, place: int, payload: bytes) -> list[Event]:
        events: list[Event] = []
        if candidate.content is not None:
            for number, piece in enumerate(candidate.content.parts or ()):
                if piece.function_call is not None:
                    events += self._call(piece.function_call, unpack(word(piece.thought_signature)))
                elif piece.text is not None:
                    kind = _THINKING if piece.thought is True else _TEXT
                    events += self._say(kind, piece.text)
                    if piece.thought_signature:
                        events += self._sign(kind, unpack(word(piece.thought_signature)))
                else:
                    events += self._put(payload, place, number)
                if self.ended:
                    return events
        if not (
            candidate.grounding_metadata
            is candidate.citation_metadata
            is candidate.url_context_metadata
            is candidate.logprobs_result
            is NONE
        ):
            events += self._note(candidate)
        if why := word(candidate.finish_reason):
            self.reason = "" if why == "FINISH_REASON_UNSPECIFIED" else why
            self._message = word(candidate.finish_message)
        return events

    def _note(self, candidate: Candidate) -> list[Event]:
        """Records of the candidate that have no neutral place."""
        events: list[Event] = []
        for name, attribute in NOTES.items():
            raw: Raw = getattr(candidate, attribute)
            if raw is not NONE and is_set(raw):
                events += self._blocks.aside(DIALECT, name, Raw(one_line(raw)))
        return events

    def _say(self, kind: Kind, text: str) -> list[Event]:
        """Text or a thought."""
        if not text:
            return []
        self._spoke = True
        self._last = kind
        return self._blocks.add(kind, text, self._signed)

    def _sign(self, kind: Kind, signature: Signature) -> list[Event]:
        """A signature goes to the text it ends; one without any text of its kind before it is an empty thought."""
        if not signature.text:
            return []
        key, self._signed = self._signed, self._signed + 1
        fits = self._last is kind and not signature.redacted
        self._last = None
        if fits:
            self._blocks.sign(signature.text, signature.origin, kind, key)
            return self._blocks.stop(kind, key)
        start = BlockStart(0, Kind.THINKING, redacted=signature.redacted)
        return self._blocks.put(start, BlockStop(0, signature.text, signature.origin))

    def _call(self, call: Call, signature: Signature) -> list[Event]:
        name = word(call.name)
        if not name:
            return self.fail(Garbled(f"{self._origin} sent a tool call without a name.", origin=self._origin))
        self._spoke, self._last = True, None
        key, self._calls = ("call", self._calls), self._calls + 1
        args = one_line(call.args).decode() if is_set(call.args) else ""
        id = word(call.id) or self._new_id("call_")
        events = self._blocks.add(Kind.TOOL, args, key, id, read_name(name))
        if signature.text:
            self._blocks.sign(signature.text, signature.origin, Kind.TOOL, key)
        return events + self._blocks.stop(Kind.TOOL, key)

    def _put(self, payload: bytes, place: int, number: int) -> list[Event]:
        """A part that only this dialect knows: an image, code and its result, whatever comes next."""
        raw = _raw_part(payload, place, number)
        fields = decode_object(raw).items()
        name = next((name for name, value in fields if is_set(value) and not name.startswith("thought")), "")
        if not name:
            return self._sign(Kind.TEXT, unpack(_signature_of(raw)))
        self._spoke, self._last = True, None
        start = BlockStart(0, Kind.OPAQUE, name=name, dialect=DIALECT, raw=Raw(one_line(raw)))
        return self._blocks.put(start, BlockStop(0))

    def _broken(self, why: str) -> GatewayError:
        said = f": {self._message}" if self._message else ""
        text = f"{self._origin} ended its answer with {why}; the model wrote {BROKEN[why]}{said}."
        if why == "MISSING_THOUGHT_SIGNATURE":
            return Refused(text, origin=self._origin, code=why)
        return Garbled(text, origin=self._origin, code=why)

    def _filtered(self) -> str:
        """What is said to the reader where a filter left nothing."""
        if self._feedback is not None:
            what, why, more = "blocked the prompt", self._feedback.block_reason, self._feedback.block_reason_message
        else:
            what, why, more = "withheld the answer", self.reason, self._message
        return f"[{self._origin} {what}: {why}{f'. {more}' if more else ''}]"


def _raw_part(payload: bytes, place: int, number: int) -> Raw:
    """A part of a chunk as it came."""
    content = (decode_raw_chunk(payload).candidates or [])[place].content
    return content.parts[number] if content is not None and content.parts is not None else NONE


def _signature_of(raw: Raw) -> str:
    value: Any = msgspec.json.decode(raw)
    return word(value.get("thoughtSignature")) if isinstance(value, dict) else ""
