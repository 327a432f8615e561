"""Looks at the events that pass: completes the ending, keeps tool calls, counts. A type test per event.

What it adds: usage where the upstream gave none (P76), the difference between a full window and a reached limit (P66),
the model's own arguments kept for later turns, and the reason when an engine died.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import GatewayError
from ..neutral.events import BlockStart, BlockStop, Delta, Event, Failed, Finish, Kind, Start, Usage
from .count import synthesize
from .guard import finish_of
from .originals import Originals


class Watch:
    """Watches one answer. `prompt`, `window` and `max_tokens` may be set until it ends."""

    __slots__ = (
        "_args",
        "_bytes",
        "_originals",
        "_tool",
        "failed",
        "finish",
        "max_tokens",
        "prompt",
        "usage",
        "window",
    )

    def __init__(self, originals: Originals, prompt: int) -> None:
        self.prompt = prompt
        """Tokens of the prompt as far as known, for usage the upstream does not give."""
        self.window: int | None = None
        self.max_tokens: int | None = None
        self.usage = Usage()
        self.finish: Finish | None = None
        self.failed: GatewayError | None = None
        self._originals = originals
        self._bytes = 0
        self._tool: BlockStart | None = None
        self._args: list[str] = []

    def see(self, events: Sequence[Event]) -> list[Event]:
        """`events` as the client shall get them."""
        out: list[Event] = []
        for event in events:
            if isinstance(event, Delta):
                self._bytes += len(event.text)
                if self._tool is not None:
                    self._args.append(event.text)
                out.append(event)
            elif isinstance(event, Finish):
                out += self._end(event)
            else:
                self._note(event)
                out.append(event)
        return out

    @property
    def has_content(self) -> bool:
        """Whether anything of the answer itself has come."""
        return self._bytes > 0

    def _note(self, event: Event) -> None:
        match event:
            case BlockStart():
                self._tool, self._args = (event, []) if event.kind is Kind.TOOL else (None, [])
            case BlockStop():
                if self._tool is not None:
                    self._originals.keep(self._tool.id, self._tool.name, "".join(self._args))
                self._tool = None
            case Usage():
                self.usage = self.usage.merged(event)
            case Start():
                self.usage = self.usage.merged(event.usage)
            case Failed():
                self.failed = event.error
            case _:
                pass

    def _end(self, finish: Finish) -> list[Event]:
        added: list[Event] = []
        if self.usage.output is None:
            self.usage = self.usage.merged(synthesize(self.prompt, self._bytes))
            added.append(self.usage)
        self.finish = finish_of(finish, self.usage, self.window, self.max_tokens)
        return [*added, self.finish]
