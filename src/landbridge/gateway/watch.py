"""Looks at the events that pass: completes the ending, keeps tool calls, counts. A type test per event.

What it adds: usage where the upstream gave none (P76), the difference between a full window and a reached limit (P66),
the model's own arguments kept for later turns, the client's names of tools whose names the target could not take, and
ids that no other call of the conversation has: some backends count their calls from 0 in every answer, and a client
cannot tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from ..errors import GatewayError
from ..neutral.events import BlockStart, BlockStop, Delta, Event, Failed, Finish, Kind, Start, Usage
from ..neutral.parts import Message, Part, Text, Thinking, ToolCall
from ..neutral.response import Response
from ..wire.origins import Origins
from .count import BYTES_PER_TOKEN, synthesize
from .guard import finish_of
from .ids import new_id
from .originals import Originals
from .prefill import Reading


class Watch:
    """Watches one answer. `prompt`, `window` and `max_tokens` may be set until it ends.

    `guess` says how many tokens the prompt has, as far as one can tell; it is asked only where nobody knows better.
    """

    __slots__ = (
        "_args",
        "_characters",
        "_guess",
        "_history",
        "_originals",
        "_prompt",
        "_taken",
        "_tool",
        "before",
        "failed",
        "finish",
        "max_tokens",
        "names",
        "origins",
        "reading",
        "usage",
        "window",
    )

    def __init__(self, originals: Originals, guess: Callable[[], int], history: Sequence[Message] = ()) -> None:
        self._guess, self._prompt = guess, 0
        self.window: int | None = None
        self.max_tokens: int | None = None
        self.before = Usage()
        """What earlier rounds of the same answer used (hosted tools); windows and limits are those of each round."""
        self.names: Mapping[str, str] = {}
        """The client's names of tools, by those the target knows, where they differ."""
        self.usage = Usage()
        self.finish: Finish | None = None
        self.failed: GatewayError | None = None
        self.origins = Origins()
        """Whose the signatures of the answer are."""
        self.reading: Reading | None = None
        """Of the prompt by an engine, for who looks on."""
        self._originals = originals
        self._history = history
        self._taken: set[str] | None = None
        self._characters = 0
        self._tool: BlockStart | None = None
        self._args: list[str] = []

    @property
    def prompt(self) -> int:
        """Tokens of the prompt as far as known, for usage the upstream does not give."""
        if not self._prompt:
            self._prompt = self._guess()
        return self._prompt

    @prompt.setter
    def prompt(self, tokens: int) -> None:
        self._prompt = tokens

    def see(self, events: Sequence[Event]) -> list[Event]:
        """`events` as the client shall get them."""
        out: list[Event] = []
        for event in events:
            if isinstance(event, Delta):
                self._characters += len(event.text)
                if self._tool is not None:
                    self._args.append(event.text)
                out.append(event)
            elif isinstance(event, Finish):
                out += self._end(event)
            elif isinstance(event, BlockStart) and event.kind is Kind.TOOL:
                name = self.names.get(event.name, event.name)
                self._tool, self._args = replace(event, id=self.unique(event.id), name=name), []
                out.append(self._tool)
            else:
                self._note(event)
                if isinstance(event, BlockStop) and event.origin:
                    event = replace(event, origin=self.origins.shown(event.origin))
                out.append(event)
        return out

    def whole(self, response: Response) -> Response:
        """A whole answer as the client shall get it: what `see` does to a streamed one."""
        self.usage = self.usage.merged(response.usage)
        parts = tuple([self._keep(part) for part in response.parts])
        self._end(response.finish)
        assert self.finish is not None, "it was just set"
        return replace(response, parts=parts, usage=self.usage, finish=self.finish)

    def _keep(self, part: Part) -> Part:
        match part:
            case Text() | Thinking():
                self._characters += len(part.text)
            case ToolCall():
                args = bytes(part.args).decode("utf-8", "replace")
                self._characters += len(args)
                part = replace(part, id=self.unique(part.id), name=self.names.get(part.name, part.name))
                self._remember(part.id, part.name, args, part)
            case _:
                return part
        return replace(part, origin=self.origins.shown(part.origin)) if part.origin else part

    def _remember(self, id: str, name: str, args: str, signed: ToolCall | BlockStop) -> None:
        self._originals.keep(id, name, args, signed.signature, self.origins.kept(signed.origin))

    def unique(self, id: str) -> str:
        """`id`, or a fresh one where the conversation has a call of that id already."""
        if self._taken is None:
            self._taken = {part.id for turn in self._history for part in turn.parts if isinstance(part, ToolCall)}
        if not id or id in self._taken:
            id = new_id("toolu_")
        self._taken.add(id)
        return id

    @property
    def has_content(self) -> bool:
        """Whether anything of the answer itself has come."""
        return self._characters > 0

    @property
    def tokens(self) -> int:
        """Of the answer so far: what the upstream says, else about as many."""
        said = self.usage.output or 0
        return max(said, round(self._characters / BYTES_PER_TOKEN))

    def prompt_read(self) -> tuple[int, int | None]:
        """Tokens of this round's prompt, and those of them that the engine knew, once it has said so."""
        usage, before = self.usage, self.before
        if usage.estimated or usage.output is None:
            return self.prompt, None
        return usage.prompt - before.prompt, (usage.cache_read or 0) - (before.cache_read or 0)

    def _note(self, event: Event) -> None:
        match event:
            case BlockStop():
                if self._tool is not None:
                    self._remember(self._tool.id, self._tool.name, "".join(self._args), event)
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
            self.usage = self.usage.merged(synthesize(self.prompt, self._characters))
            added.append(self.usage)
        window = None if self.window is None else self.window + self.before.prompt + (self.before.output or 0)
        limit = None if self.max_tokens is None else self.max_tokens + (self.before.output or 0)
        self.finish = finish_of(finish, self.usage, window, limit)
        return [*added, self.finish]
