"""The block machine: loose fragments in, the grammar of `events.py` out.

Flat sources (OpenAI chat, Gemini, Ollama) say only "some text", "some arguments of call 2". `Blocks` opens, closes and
numbers the blocks. Its rules:

- A text or thinking block closes when anything else arrives.
- A tool block closes only when its JSON is whole. What arrives before that (an interleaved parallel call, a word of
  text) waits and is delivered when the open call is whole or the stream ends: one block per key, nothing dropped,
  never two blocks open (PITFALLS P6, P23, P24).
- A well-behaved stream is never delayed: every fragment leaves in the call it came in.
- A tool block that got no arguments closes with `{}`, so that every dialect has valid JSON (P26).
- An empty fragment opens nothing, unless it announces a tool; neither does a blank one that trails a closed tool.
"""

from __future__ import annotations

from collections.abc import Hashable

import msgspec

from .events import BlockStart, BlockStop, Delta, Event, Extra, Kind

_is_json = msgspec.json.Decoder(msgspec.Raw).decode
_TOOL = Kind.TOOL  # Python 3.11 needs longer to look a member up than a fragment costs otherwise
_LAST = '}]"el0123456789'
"""Characters a JSON value can end with (`e` and `l` of true, false and null)."""


def is_whole(json_text: str) -> bool:
    """Whether the text is one complete JSON value."""
    try:
        _is_json(json_text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return False
    return True


class _Block:
    """One block being built: open, or waiting with what has come for it."""

    __slots__ = ("done", "id", "key", "kind", "name", "origin", "ready", "signature", "texts")

    def __init__(self, key: Hashable, kind: Kind, id: str, name: str) -> None:
        self.key, self.kind, self.id, self.name = key, kind, id, name
        self.signature = self.origin = ""
        self.texts: list[str] = []
        self.done = False
        """The source said that nothing more comes for it."""
        self.ready: tuple[BlockStart, BlockStop] | None = None
        """Both ends of a block that came whole."""

    @property
    def whole(self) -> bool:
        """Whether this block may close: text always, a tool when its JSON is complete or the source said so."""
        if self.kind is not Kind.TOOL or self.done:
            return True
        # Most fragments cannot end a JSON value; parsing all that came for each of them would be quadratic.
        return bool(self.texts) and self.texts[-1].rstrip()[-1:] in _LAST and is_whole("".join(self.texts))


class Blocks:
    """Builds the blocks of one stream. Every method returns the events that may leave now."""

    __slots__ = ("_closed", "_open", "_waiting", "next_index")

    def __init__(self) -> None:
        self.next_index = 0
        self._open: _Block | None = None
        self._waiting: list[_Block] = []
        self._closed: set[Hashable] = set()

    def add(self, kind: Kind, text: str, key: Hashable = None, id: str = "", name: str = "") -> list[Event]:
        """A fragment of the block `key` (for text and thinking the kind is key enough).

        A tool's `id` and `name` come with its first fragment; the same `key` continues it.
        """
        block = self._open
        if block is not None and block.kind is kind and block.key == key and not self._waiting:
            if not text:
                return []
            if kind is _TOOL:
                block.texts.append(text)
            return [Delta(self.next_index - 1, text)]
        return self._add_elsewhere(kind, text, key, id, name)

    def sign(self, signature: str, origin: str, kind: Kind, key: Hashable = None) -> bool:
        """Attach the provider's opaque token to the latest block of that kind and key; it leaves with the stop.

        False if there is none any more: the token came too late.
        """
        for block in (*reversed(self._waiting), self._open):
            if block is not None and block.kind is kind and block.key == key:
                block.signature, block.origin = signature, origin
                return True
        return False

    def put(self, start: BlockStart, stop: BlockStop) -> list[Event]:
        """A block that comes whole and without text (opaque, redacted thinking); indexes are given here.

        It waits for an open tool block as everything else does, and is never taken for more of another.
        """
        block = _Block(object(), start.kind, start.id, start.name)
        block.ready = start, stop
        self._waiting.append(block)
        return self._release()

    def stop(self, kind: Kind, key: Hashable = None) -> list[Event]:
        """The source says that the block `key` is over, for sources that say so (Anthropic)."""
        for block in (self._open, *self._waiting):
            if block is not None and block.kind is kind and block.key == key:
                block.done = True
        events = self._release()
        return [*events, *self._shut()] if self._open is not None and self._open.done else events

    def is_complete(self, key: Hashable) -> bool:
        """Whether the tool block `key` has arguments that are already one whole JSON value (P22)."""
        for block in (self._open, *self._waiting):
            if block is not None and block.kind is Kind.TOOL and block.key == key:
                return block.whole
        return key in self._closed

    def aside(self, dialect: str, name: str, raw: msgspec.Raw) -> list[Event]:
        """A record of its dialect beside the open block."""
        return [Extra(-1 if self._open is None else self.next_index - 1, dialect, name, raw)]

    def close(self) -> list[Event]:
        """The stream ends: close what is open and deliver what waits."""
        events = self._shut()
        while self._waiting:
            events += self._unshelve(self._waiting.pop(0))
            events += self._shut()
        return events

    def _add_elsewhere(self, kind: Kind, text: str, key: Hashable, id: str, name: str) -> list[Event]:
        """The fragment is not for the open block, or others wait already."""
        block = self._open
        if block is not None and block.kind is kind and block.key == key:
            block.texts.append(text)
            events: list[Event] = [Delta(self.next_index - 1, text)] if text else []
            return [*events, *self._release()]
        trails = kind is Kind.TOOL and key in self._closed
        if (not name and not text.strip()) if trails else not (text or name or id):
            return []
        self._wait(kind, text, key, id, name)
        return self._release()

    def _wait(self, kind: Kind, text: str, key: Hashable, id: str, name: str) -> None:
        """Queue the fragment: with its own tool block, or with the last waiting block if that is the same text."""
        candidates = self._waiting if kind is Kind.TOOL else self._waiting[-1:]
        for block in candidates:
            if block.kind is kind and block.key == key:
                break
        else:
            block = _Block(key, kind, id, name)
            self._waiting.append(block)
        if text:
            block.texts.append(text)

    def _release(self) -> list[Event]:
        """Open waiting blocks as far as the rules allow; all but the last of them are closed again."""
        events: list[Event] = []
        while self._waiting and (self._open is None or self._open.whole):
            events += self._shut()
            events += self._unshelve(self._waiting.pop(0))
        return events

    def _unshelve(self, block: _Block) -> list[Event]:
        """Open `block` and give what it has so far."""
        index = self.next_index
        self.next_index += 1
        if block.ready is not None:
            return [msgspec.structs.replace(end, index=index) for end in block.ready]
        self._open = block
        text = "".join(block.texts)
        events: list[Event] = [BlockStart(index, block.kind, block.id, block.name)]
        return [*events, Delta(index, text)] if text else events

    def _shut(self) -> list[Event]:
        block, self._open = self._open, None
        if block is None:
            return []
        index = self.next_index - 1
        if block.kind is Kind.TOOL:
            self._closed.add(block.key)
        stop = BlockStop(index, block.signature, block.origin)
        if block.kind is Kind.TOOL and not block.texts:
            return [Delta(index, "{}"), stop]
        return [stop]
