"""What a model says at `/anthropic/v1/messages`, read as it comes: text, thinking, how it ended, and what was used.

said = Said()
async for data in answer.content.iter_any():
    said.feed(data)
said.close()
"""

from __future__ import annotations

import secrets

from ..neutral.events import BlockStart, Delta, Event, Failed, Finish, Kind, Reason, Start, Usage
from ..wire.anthropic.read_stream import StreamReader

ORIGIN = "The router"
BETWEEN = "\n\n"
"""Between two blocks of one kind, where another stood between them."""


class Said:
    """One answer, as far as it has come."""

    def __init__(self) -> None:
        self.text = ""
        self.thinking = ""
        self.stop: Reason | None = None
        """Why it ended; None until then, and where it broke off."""
        self.fault = ""
        """Why it broke off."""
        self.usage = Usage()
        self._stream = StreamReader(lambda prefix: prefix + secrets.token_hex(8), ORIGIN)
        self._kind: Kind | None = None

    @property
    def begun(self) -> bool:
        """Whether a word has come."""
        return bool(self.text or self.thinking)

    def feed(self, data: bytes) -> bool:
        """Take bytes of the stream; whether they said something."""
        return self._take(self._stream.feed(data))

    def close(self) -> bool:
        """The stream is over; whether that says something (it may have been cut)."""
        return self._take(self._stream.close())

    def _take(self, events: list[Event]) -> bool:
        for event in events:
            match event:
                case Start():
                    self.usage = self.usage.merged(event.usage)
                case BlockStart():
                    self._begin(event.kind)
                case Delta():
                    self._add(event.text)
                case Usage():
                    self.usage = self.usage.merged(event)
                case Finish():
                    self.stop = event.reason
                case Failed():
                    self.fault = event.error.text
                case _:
                    pass
        return bool(events)

    def _begin(self, kind: Kind) -> None:
        self._kind = kind
        if kind is Kind.TEXT and self.text:
            self.text += BETWEEN
        elif kind is Kind.THINKING and self.thinking:
            self.thinking += BETWEEN

    def _add(self, text: str) -> None:
        if self._kind is Kind.TEXT:
            self.text += text
        elif self._kind is Kind.THINKING:
            self.thinking += text
