"""The events of a streamed answer, and the one grammar every stream follows.

    stream  = [Start item* Finish] | any prefix of that, then Failed
    item    = block | Usage | Extra
    block   = BlockStart (Delta | Usage | Extra)* BlockStop

- One block is open at a time. Indexes count from 0 without gaps, in the order blocks appear.
- Kinds come in any order, any number of times: thinking after text, text between tool calls.
- A `Delta` belongs to the open block. Its text is text, thinking, or a fragment of the arguments' JSON text,
  according to the block's kind. A tool block's deltas join to one valid JSON value, if the model wrote one.
- An opaque block has no deltas: its reader waits until it is whole and gives it in `BlockStart.raw`.
- The last `Usage` wins field by field.
- `Finish` is the end; nothing follows it. A stream that ends without it is broken: the reader gives `Failed`.

Each reader emits this grammar and each writer relies on it; `check_grammar` states it as code, for tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Raw, Struct
from msgspec.structs import astuple

from ..errors import GatewayError
from .parts import NONE


class Kind(StrEnum):
    """What a block holds."""

    TEXT = "text"
    THINKING = "thinking"
    TOOL = "tool"
    OPAQUE = "opaque"


class Reason(StrEnum):
    """Why the answer ended."""

    END = "end"
    LENGTH = "length"
    """The answer reached `max_tokens`."""
    TOOLS = "tools"
    STOP_SEQUENCE = "stop_sequence"
    REFUSAL = "refusal"
    CONTENT_FILTER = "content_filter"
    PAUSE = "pause"
    """A long hosted turn was paused; the client sends it back to go on."""
    CONTEXT_FULL = "context_full"
    """The window is full, although `max_tokens` is not reached."""


class Usage(Struct, frozen=True, omit_defaults=True):
    """Token counts; None = not said. `input` counts neither cached nor cache-written tokens (they stand apart)."""

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    cache_write_1h: int | None = None
    """The part of `cache_write` kept for an hour."""
    reasoning: int | None = None
    """The part of `output` that was thinking."""
    searches: int | None = None
    """Web searches that were run for the model, by its provider or by landbridge."""
    fetches: int | None = None
    """Web pages that were fetched for it."""
    estimated: bool = False
    """The counts are landbridge's estimate, because the upstream gave none."""

    @property
    def prompt(self) -> int:
        """All tokens of the prompt, cached or not."""
        return (self.input or 0) + (self.cache_read or 0) + (self.cache_write or 0)

    def merged(self, later: Usage) -> Usage:
        """Both, `later` winning in the fields it sets."""
        if self == _NOTHING or later == self:
            return later  # most merges add nothing, and comparing costs a tenth
        counts = zip(astuple(self), astuple(later), strict=True)
        return Usage(*[old if new is None else new for old, new in counts])


_NOTHING = Usage()


class Start(Struct, frozen=True, omit_defaults=True):
    """The answer begins. `id` and `model` are the upstream's own (empty if it gave none)."""

    id: str = ""
    model: str = ""
    usage: Usage = _NOTHING


class BlockStart(Struct, frozen=True, omit_defaults=True):
    """A block opens. Tools have `id` and `name`; opaque blocks have `dialect`, `name` (their type) and `raw`."""

    index: int
    kind: Kind
    id: str = ""
    name: str = ""
    dialect: str = ""
    raw: Raw = NONE
    redacted: bool = False
    """A thinking block without readable text; all of it is in the stop's `signature`."""


class Delta(Struct, frozen=True):
    """A fragment of the open block."""

    index: int
    text: str


class BlockStop(Struct, frozen=True, omit_defaults=True):
    """The open block ends, with the opaque token (`origin` says whose) the provider wants back."""

    index: int
    signature: str = ""
    origin: str = ""


class Extra(Struct, frozen=True):
    """A record only its dialect knows (a citation, log probabilities). `index` is the open block's, or -1."""

    index: int
    dialect: str
    name: str
    raw: Raw


class Finish(Struct, frozen=True, omit_defaults=True):
    """The answer is complete."""

    reason: Reason
    stop_sequence: str = ""


class Failed(Struct, frozen=True):
    """The answer broke. Writers stop open blocks and say so in their dialect's words; it is never a normal end."""

    error: GatewayError


Event = Start | BlockStart | Delta | BlockStop | Usage | Extra | Finish | Failed


class GrammarError(AssertionError):
    """A stream of events that breaks the grammar: a defect of landbridge, never of its input."""


class Grammar:
    """Checks one stream, event by event: `feed` raises `GrammarError`, `close` when the end is missing."""

    def __init__(self) -> None:
        self.started = self.ended = False
        self.open: BlockStart | None = None
        self.next_index = 0

    def feed(self, event: Event) -> None:
        """Accept `event` or say which rule it breaks."""
        if self.ended:
            raise GrammarError(f"after the end: {event}")
        match event:
            case Failed():
                self.ended = True
                return
            case Start():
                self._require(not self.started, "second Start", event)
                self.started = True
                return
            case _:
                self._require(self.started, "before Start", event)
        match event:
            case BlockStart():
                self._require(self.open is None, "a block is open", event)
                self._require(event.index == self.next_index, f"index should be {self.next_index}", event)
                self.open, self.next_index = event, self.next_index + 1
            case Delta() | BlockStop():
                self._require(self.open is not None and self.open.index == event.index, "not the open block", event)
                if isinstance(event, BlockStop):
                    self.open = None
                else:
                    self._require(self.open is not None and self.open.kind != Kind.OPAQUE, "opaque", event)
            case Extra():
                inside = -1 if self.open is None else self.open.index
                self._require(event.index in (-1, inside), "not the open block", event)
            case Finish():
                self._require(self.open is None, "a block is open", event)
                self.ended = True

    def close(self) -> None:
        """The stream is over; it must have had an end."""
        if not self.ended:
            raise GrammarError("no Finish and no Failed")

    @staticmethod
    def _require(holds: bool, rule: str, event: Event) -> None:
        if not holds:
            raise GrammarError(f"{rule}: {event}")


def check_grammar(events: Iterable[Event]) -> None:
    """Raise `GrammarError` unless `events` is one whole stream."""
    grammar = Grammar()
    for event in events:
        grammar.feed(event)
    grammar.close()
