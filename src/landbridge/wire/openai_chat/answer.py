"""One Chat Completions answer, chunk by chunk, to events; a whole answer is a single chunk.

What differs between backends is taken as it comes: the field of the reasoning, the place of the usage (P17, P71),
indexes of tool calls (`calls.py`), a `message` instead of a `delta`, a missing `finish_reason` (P18).
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw

from ...errors import Cut, Garbled, GatewayError, Overloaded
from ...neutral.blocks import Blocks
from ...neutral.events import Event, Failed, Finish, Kind, Reason, Start, Usage
from ...neutral.parts import NONE
from ..fields import is_set
from ..written import NewId
from .calls import Calls, Misplaced
from .errors import read_error, read_error_object
from .plain_chunk import read_plain_chunk
from .types import DIALECT, FINISH_READ, Choice, Chunk, Said, decode_chunk
from .usage import read_timings, read_usage

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Misplaced)
"""What reading a chunk raises if it is no JSON of the expected shape, or fits nowhere."""
TRIES = 4
"""Chunks in a row that were not plain before no more are tried that way."""
_TEXT, _THINKING = Kind.TEXT, Kind.THINKING


class Answer:
    """One answer being read, chunk by chunk; a whole answer is a single chunk."""

    def __init__(self, new_id: NewId, origin: str) -> None:
        self.reason: Reason | None = None
        """Why it ended, once that was said."""
        self.ended = False
        self._origin = origin
        self._blocks = Blocks()
        self._calls = Calls(self._blocks, new_id)
        self._started = self._refused = self._had_deltas = False
        self._usage: Usage | None = None
        self._timings: Usage | None = None
        self._stop_sequence = ""
        self._misses = 0
        """Chunks in a row that were not plain."""

    def read_whole(self, body: bytes) -> list[Event]:
        """All events of an answer that came in one piece."""
        try:
            chunk = decode_chunk(body)
            if not chunk.choices and not is_set(chunk.error) and chunk.object != "error":
                return self.fail(read_error(200, body, self._origin, {}))
            _number_calls(chunk)
            events = self.take(chunk, body)
        except UNREADABLE:
            return self.fail(read_error(200, body, self._origin, {}))
        return events if self.ended else events + self.finish()

    def take(self, chunk: Chunk, payload: bytes) -> list[Event]:
        """The events of one chunk."""
        if chunk.error is not NONE and is_set(chunk.error):
            return self.fail(read_error_object(bytes(chunk.error), self._origin))
        if chunk.object == "error":
            return self.fail(read_error_object(payload, self._origin))
        counted = self._count(chunk)
        events = [] if self._started else self._start(chunk)
        for choice in chunk.choices or ():
            if not choice.index:
                events += self._choose(choice)
            if self.ended:
                return events
        if counted and self.reason is not None:
            # Counts that came before the reason may be those of an unfinished answer.
            events += self.finish()
        return events

    def go_on(self, payload: bytes) -> list[Event] | None:
        """The events of a chunk that only goes on with what is said; None for any other, which `take` reads."""
        if not self._started or self._misses >= TRIES:
            return None
        said = read_plain_chunk(payload)
        if said is None:
            self._misses += 1
            return None
        text, thought = said.content, said.reasoning_content or said.reasoning
        if said.reasoning_details and not thought:
            return None
        if said.tool_calls:
            if text or thought or len(said.tool_calls) > 1:
                return None
            events = self._calls.go_on(said.tool_calls[0])
        else:
            events = self._blocks.add(_THINKING, thought) if thought else []
            if text:
                events += self._blocks.add(_TEXT, text)
        self._misses, self._had_deltas = 0, True
        return events

    def finish(self) -> list[Event]:
        """The answer is over and in order."""
        self.ended = True
        reason = self.reason or Reason.END
        if self._calls and reason is Reason.END:
            reason = Reason.TOOLS
        elif not self._calls and reason is Reason.TOOLS:
            reason = Reason.END
        elif self._refused and reason is Reason.END:
            reason = Reason.REFUSAL
        events = [] if self._started else self._start(Chunk())
        try:
            events += self._calls.close()
        except Misplaced as error:
            return events + self.fail(Garbled(f"{self._origin} sent {error}.", origin=self._origin))
        return [*events, *self._counts(), Finish(reason, self._stop_sequence)]

    def fail(self, error: GatewayError) -> list[Event]:
        """The answer broke; what was counted so far is kept (P13)."""
        self.ended = True
        counts = self._counts() if self._started else []
        return [*counts, Failed(error)]

    def _start(self, chunk: Chunk) -> list[Event]:
        self._started = True
        id = chunk.id if isinstance(chunk.id, str) else ""
        model = chunk.model if isinstance(chunk.model, str) else ""
        return [Start(id, model, self._usage or Usage())]

    def _choose(self, choice: Choice) -> list[Event]:
        said = choice.delta
        if said is not None:
            self._had_deltas = True
        elif not self._had_deltas:
            said = choice.message
        events: list[Event] = self._say(said) if said is not None else []
        if said is None and choice.text and isinstance(choice.text, str):
            events += self._blocks.add(Kind.TEXT, choice.text)
        last = choice.message
        if choice.finish_reason and last is not None and last is not said and last.tool_calls:
            events += self._calls.complete(last.tool_calls)
        if choice.logprobs is not NONE and is_set(choice.logprobs):
            events += self._note("logprobs", choice.logprobs)
        if choice.error is not NONE and is_set(choice.error):
            return events + self.fail(read_error_object(bytes(choice.error), self._origin))
        if choice.finish_reason:
            events += self._end(choice)
        return events

    def _say(self, said: Said) -> list[Event]:
        """The events of a delta, in the order reasoning, text, calls."""
        add = self._blocks.add
        events: list[Event] = []
        if thought := said.reasoning_content or said.reasoning or said.reasoning_details:
            events += add(Kind.THINKING, thought if isinstance(thought, str) else _thoughts(thought))
        content = said.content
        if isinstance(content, str):
            if content:
                events += add(Kind.TEXT, content)
        elif content:
            events += self._say_parts(content)
        if said.refusal and isinstance(said.refusal, str):
            self._refused = True
            events += add(Kind.TEXT, said.refusal)
        if said.tool_calls:
            for call in said.tool_calls:
                events += self._calls.add(call)
        elif said.function_call is not None:
            events += self._calls.add_legacy(said.function_call)
        if said.annotations is not NONE and is_set(said.annotations):
            events += self._note("annotations", said.annotations)
        return events

    def _say_parts(self, parts: Any) -> list[Event]:
        """Content as a list of parts (Mistral: text and thinking)."""
        events: list[Event] = []
        for part in parts if isinstance(parts, list) else ():
            if isinstance(part, str):
                events += self._blocks.add(Kind.TEXT, part)
            elif isinstance(part, dict) and "thinking" in part:
                events += self._blocks.add(Kind.THINKING, _thoughts(part["thinking"]))
            elif isinstance(part, dict) and isinstance(part.get("text"), str):
                events += self._blocks.add(Kind.TEXT, part["text"])
        return events

    def _end(self, choice: Choice) -> list[Event]:
        word = choice.finish_reason
        if word == "error":
            return self.fail(
                Cut(f"{self._origin} broke off its answer with an error it did not explain.", origin=self._origin)
            )
        if word == "abort":
            return self.fail(Cut(f"{self._origin} aborted its answer.", origin=self._origin))
        if word == "insufficient_system_resource":
            # DeepSeek: the answer was interrupted, it is not the model that ended it.
            return self.fail(Overloaded(f"{self._origin} ran out of resources and broke off.", origin=self._origin))
        self.reason = FINISH_READ.get(word, Reason.END) if isinstance(word, str) else Reason.END
        if self.reason is Reason.END and isinstance(choice.stop_reason, str) and choice.stop_reason:
            self.reason, self._stop_sequence = Reason.STOP_SEQUENCE, choice.stop_reason
        return []

    def _note(self, name: str, raw: Raw) -> list[Event]:
        record = self._blocks.aside
        return record(DIALECT, name, raw)

    def _count(self, chunk: Chunk) -> bool:
        """Read the counts first: the chunk that has them often has no choices (P17). Whether there were any."""
        usage: Usage | None = None
        if chunk.usage is not NONE and is_set(chunk.usage):
            usage = read_usage(chunk.usage)
        for choice in chunk.choices or ():
            if choice.usage is not NONE and is_set(choice.usage):
                usage = read_usage(choice.usage)
        if chunk.x_groq is not None and is_set(chunk.x_groq.usage):
            usage = read_usage(chunk.x_groq.usage)
        if chunk.timings is not NONE and is_set(chunk.timings):
            self._timings = read_timings(chunk.timings) or self._timings
        self._usage = usage or self._usage
        return usage is not None

    def _counts(self) -> list[Event]:
        usage = self._usage or self._timings
        return [usage] if usage else []


def _number_calls(chunk: Chunk) -> None:
    """In a whole answer each entry is a call of its own, whatever index and id it has (some repeat the tool's name)."""
    for choice in chunk.choices or ():
        if choice.message is not None:
            for number, call in enumerate(choice.message.tool_calls or ()):
                call.index = number


def _thoughts(details: Any) -> str:
    """The readable text of a list of reasoning parts (OpenRouter's `reasoning_details`, Mistral's `thinking`)."""
    if isinstance(details, str):
        return details
    if isinstance(details, dict):
        return _thoughts(details.get("text") or details.get("summary") or details.get("content") or "")
    return "".join(map(_thoughts, details)) if isinstance(details, list) else ""
