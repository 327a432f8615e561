"""The loop of one answer whose model may search and fetch: what it asks for is run here, and it is asked again.

    round 1   model: text, call of web_search     client: text, block of the call, block of the result
    round 2   model: text, finish                 client: text, finish

The client sees one answer: one start, indexes that go on, usage that adds up, one finish. A call of the client's own
tools ends the answer as always; what the model wanted of ours in the same breath is run and given before that end.
`feed` takes the events of a round and gives those of the client, `run` does what was asked for.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ...neutral.blocks import is_whole
from ...neutral.events import BlockStart, BlockStop, Delta, Event, Extra, Failed, Finish, Kind, Reason, Start, Usage
from ...neutral.parts import Message, Opaque, Part, Text, Thinking, ToolCall, ToolResult
from ...neutral.request import Request, ToolChoice
from ...neutral.response import Collector
from ...neutral.traits import Traits
from ...routing.target import Target
from ...wire.hosted.faces import face
from ...wire.hosted.offer import offer
from ...wire.hosted.outcome import Fault, Outcome, told, within
from ...wire.hosted.use import MARK, OURS, Use, use_of
from ...wire.hosted.wishes import Wish
from ...wire.marks import may_hold_web_tool
from ...wire.search.query import Query
from ..ids import new_id
from .runner import Runner
from .tally import total

MAX_ROUNDS = 10
"""Times the model is asked; in the last one it may not use these tools. Anthropic's own loop ends there, too."""
MAX_USES = 20
"""Uses of one tool in one answer, whatever the client allows."""
GOES_ON = (Reason.TOOLS, Reason.END, Reason.STOP_SEQUENCE)
"""Ends after which calls are meant: some backends call all of them a stop."""
LEAST = 1000
"""Characters a result may have, however full the window is."""

Put = Callable[[Sequence[Event]], Awaitable[None]]
"""Gives events to the client."""
Keep = Callable[[str, str, str], None]
"""`(id, name, arguments)`: remembers a call as the model wrote it."""


def runs_itself(target: Target) -> str:
    """The dialect whose web tools the target's provider runs; no engine does."""
    return target.dialect if target.traits.web_tools and not target.local else ""


def must_be_run(body: bytes, traits: Traits) -> bool:
    """Whether a body for a target of the client's own dialect has what its provider does not run, or did not."""
    return MARK in body or (not traits.web_tools and may_hold_web_tool(body))


class Asked(Struct, frozen=True):
    """Where an answer stands when its model wants something."""

    request: Request
    """What it was asked."""
    room: int | None = None
    """Characters that its window still holds; None: nobody knows."""


class Hosted:
    """Runs one answer's hosted tools. `due`: the round is over, and `run` is to be called."""

    def __init__(self, runner: Runner, client: str, target: Target, keep: Keep) -> None:
        self._runner, self._keep = runner, keep
        self._face = face(client)
        self._client, self._target = client, target
        self._wishes: dict[str, Wish] = {}
        self._uses: Counter[str] = Counter()
        self._done: list[tuple[Use, Outcome]] = []
        self._next = 0
        """Index of the client's next block."""
        self._begin()
        self.rounds = 0
        self.spent = Usage()
        """What the rounds before this one used."""
        self._last = False
        """Whether the model may use these tools no more."""

    def _begin(self) -> None:
        """A round begins."""
        self._now = Usage()
        self._heard = Collector()
        self._pending: list[Use] = []
        self._broken: list[Use] = []
        """Those of them whose arguments are no whole JSON: at the answer's limit they are no calls at all."""
        self._theirs = False
        """Whether the model has called a tool of the client's."""
        self._call: BlockStart | None = None
        """The call of ours that is being written."""
        self._args: list[str] = []
        self._shift = 0
        self._held: Finish | None = None

    @property
    def due(self) -> bool:
        """Whether calls wait to be run."""
        return self._held is not None

    def offer(self, request: Request, tools: bool) -> Request:
        """`request` with what can be run in place of what the client wants. `tools`: whether the model knows any."""
        problems = self._runner.web.problems
        if not tools:
            problems = dict.fromkeys(problems, "this model cannot call tools")
        offered = offer(request, runs_itself(self._target), problems)
        self._wishes = dict(offered.wishes)
        asked = offered.request
        if self._wishes and self._last:
            return replace(asked, tool_choice=ToolChoice("none"))
        forced = asked.tool_choice is not None and asked.tool_choice.mode in ("any", "named")
        if forced and self.rounds and asked.tool_choice is not None:
            return replace(asked, tool_choice=replace(asked.tool_choice, mode="auto", name=""))
        return asked

    # -- events --------------------------------------------------------------------------------------------------------

    def feed(self, events: Sequence[Event]) -> Sequence[Event]:
        """A round's events as the client gets them."""
        if not self._wishes:
            return events
        out: list[Event] = []
        for event in events:
            if not isinstance(event, Failed):
                self._heard.feed(event)
            out += self._take(event)
        return out

    def _take(self, event: Event) -> Sequence[Event]:
        match event:
            case Delta():
                if self._call is not None:
                    self._args.append(event.text)
                    return ()
                return (replace(event, index=event.index + self._shift) if self._shift else event,)
            case BlockStart():
                return self._open(event)
            case BlockStop():
                if self._call is not None:
                    return self._asked()
                return (replace(event, index=event.index + self._shift),)
            case Usage():
                self._now = self._now.merged(event)
                return (total(self.spent, self._now),)
            case Start():
                self._now = self._now.merged(event.usage)
                return (event,) if not self.rounds else ()
            case Extra() if event.index >= 0:
                return () if self._call is not None else (replace(event, index=event.index + self._shift),)
            case Finish():
                return self._finish(event)
            case _:
                return (event,)

    def _open(self, event: BlockStart) -> Sequence[Event]:
        if event.kind is Kind.TOOL and event.name in self._wishes:
            self._call, self._args = event, []
            return ()
        self._theirs = self._theirs or event.kind is Kind.TOOL
        self._shift = self._next - event.index
        self._next += 1
        return (replace(event, index=event.index + self._shift),)

    def _asked(self) -> Sequence[Event]:
        """A call of ours is whole."""
        call, self._call = self._call, None
        assert call is not None, "one is open"
        text = "".join(self._args)
        use = use_of(new_id(OURS), self._wishes[call.name].kind, call.name, text)
        self._pending.append(use)
        if not is_whole(text):
            self._broken.append(use)
            return ()
        return self._shown(self._face.asked(use))

    def _shown(self, block: Opaque | None) -> Sequence[Event]:
        """A block of the client's dialect."""
        if block is None:
            return ()
        index = self._next
        self._next += 1
        start = BlockStart(index, Kind.OPAQUE, name=block.name, dialect=block.dialect, raw=block.raw)
        return (start, BlockStop(index))

    def _finish(self, finish: Finish) -> Sequence[Event]:
        if finish.reason in GOES_ON:
            shown = [event for use in self._broken for event in self._shown(self._face.asked(use))]
        else:
            shown, self._pending = [], [use for use in self._pending if use not in self._broken]
        if self._pending:
            self._held = finish
            return shown
        if not self._done:
            return (finish,)
        return self._end(finish)

    def _end(self, finish: Finish) -> Sequence[Event]:
        """The answer is complete."""
        records = [Extra(-1, self._client, name, raw) for name, raw in self._face.closing(self._done)]
        return (*records, self._usage(), finish)

    def _usage(self) -> Usage:
        counts = Counter(use.kind for use, outcome in self._done if not isinstance(outcome, Fault))
        return replace(total(self.spent, self._now), searches=counts["search"] or None, fetches=counts["fetch"] or None)

    # -- between rounds ------------------------------------------------------------------------------------------------

    async def run(self, asked: Asked, put: Put) -> Request | None:
        """Do what was asked for. What the model is to be asked next, or None where the answer is complete."""
        finish, uses = self._held, self._pending
        assert finish is not None, "it is due"
        outcomes = await self._outcomes(uses, asked, put)
        self._done += zip(uses, outcomes, strict=True)
        if self._theirs or self._last or finish.reason not in GOES_ON:
            self._held = None
            given = finish if self._theirs or finish.reason is not Reason.TOOLS else Finish(Reason.END)
            await put(self._end(given))
            return None
        turns = self._turns(uses, outcomes)
        self.rounds += 1
        self.spent = total(self.spent, self._now)
        self._last = self.rounds >= MAX_ROUNDS - 1 or all(_used_up(outcome) for outcome in outcomes)
        self._begin()
        return replace(asked.request, messages=(*asked.request.messages, *turns))

    async def _outcomes(self, uses: Sequence[Use], asked: Asked, put: Put) -> list[Outcome]:
        """All at once, and each told as soon as those before it are."""
        share = None if asked.room is None else max(LEAST, asked.room // len(uses))
        outcomes: list[Outcome] = []
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._outcome(use, asked.request)) for use in uses]
                for use, task in zip(uses, tasks, strict=True):
                    outcome = await task
                    outcomes.append(outcome if share is None else within(outcome, share))
                    await put(self._shown(self._face.answered(use, outcomes[-1])))
        except BaseExceptionGroup as faults:
            raise faults.exceptions[0] from None
        return outcomes

    async def _outcome(self, use: Use, request: Request) -> Outcome:
        wish = self._wishes[use.name]
        self._uses[use.name] += 1
        most = MAX_USES if wish.max_uses is None else min(MAX_USES, wish.max_uses)
        if self._last or self._uses[use.name] > most:
            return Fault("max_uses_exceeded")
        if not use.wanted:
            return Fault("invalid_tool_input")
        if use.kind == "fetch":
            return await self._runner.fetch(use.wanted, wish, request)
        query = Query(use.wanted, allowed=wish.allowed, blocked=wish.blocked, place=wish.place)
        return await self._runner.search(query, wish.share)

    def _turns(self, uses: Sequence[Use], outcomes: Sequence[Outcome]) -> tuple[Message, Message]:
        """The round as the model finds it in its history."""
        waiting = list(uses)
        parts: list[Part] = []
        for part in self._heard.response().parts:
            if isinstance(part, ToolCall):
                use = waiting.pop(0)  # all of them are ours, else there were no next round
                self._keep(use.id, use.name, bytes(use.args).decode())
                parts.append(replace(part, id=use.id, args=use.args))
            elif isinstance(part, Text | Thinking):
                parts.append(part)
        results = [
            ToolResult(use.id, (Text(told(outcome)),), is_error=isinstance(outcome, Fault))
            for use, outcome in zip(uses, outcomes, strict=True)
        ]
        return Message("assistant", tuple(parts)), Message("user", tuple(results))


def _used_up(outcome: Outcome) -> bool:
    return isinstance(outcome, Fault) and outcome.code == "max_uses_exceeded"
