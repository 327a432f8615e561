"""The life of one call: route, plan, run one attempt, answer its errors, write its record.

Every client sees its own dialect's errors with the right status (CLIENTS.md sections 9 and 13); every exchange leaves
one record, whatever became of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial

from msgspec.structs import replace

from ..access.gate import Gate, Ticket
from ..access.grant import Grant, check_model, veiled
from ..config import Config
from ..errors import GatewayError, UnknownModel
from ..neutral.request import Request
from ..routing.balance import Bonds, Speeds
from ..routing.names import Route
from ..routing.plan import Plan, plan
from ..routing.target import Target
from ..wire.anthropic.attribution import strip_attribution
from ..wire.dialects import LEGACY, dialect
from ..wire.hosted.history import unfold
from ..wire.origins import Origins
from ..wire.rename import Peek, leading_model, peek, swap
from ..wire.volatile import settle
from .again import Again, Runner
from .attempt import Attempt, Parts
from .call import Call, Sink
from .capture import Capture
from .completions import continuing, losses_of
from .hosted.loop import must_be_run, runs_itself
from .ids import new_request_id
from .journal import Journal, Record
from .listing import Listing
from .lookout import Lookout
from .media.media import must_be_read
from .passthrough import Passage
from .pricing import Pricing
from .shown import may_hold_shown, without_shown
from .stored.resume import own, resume
from .stored.taps import watched
from .trial import Trial
from .trip import trip_of
from .underway import Underway
from .world import World

log = logging.getLogger("landbridge.gateway")


class Gateway:
    """Serves calls. `world` is swapped whole when the settings change."""

    def __init__(self, parts: Parts, world: World, journal: Journal) -> None:
        self.parts = parts
        self.world = world
        self.journal = journal
        self._pricing = Pricing(lambda: self.world)
        journal.readers.insert(0, self._pricing)
        self.traces = False
        """Whether somebody makes traces of records, and needs to know what they belong to."""
        self.underway: dict[str, Underway] = {}
        """The exchanges that have not ended, by their ids."""
        self.capture: Capture | None = None
        """Listens to what is said, where that is kept."""
        self.gate: Gate | None = None
        """What requests with a key must pass."""
        self.listing = Listing(parts.client)
        self.lookout = Lookout(parts.client, lambda: self.world)
        self.grant_named: Callable[[str], Grant | None] = lambda name: None
        """An access key by its name or id, for who asks about it."""
        self.speeds = Speeds()
        self.bonds = Bonds()
        parts.media.ask_through(self.exchange)
        parts.media.fetching = lambda: self.config.fetch

    @property
    def config(self) -> Config:
        """The settings now."""
        return self.world.config

    async def exchange(self, call: Call, sink: Sink) -> None:
        """Answer one generation request. Raises nothing but cancellation."""
        run: Callable[[Record], Awaitable[None]] = partial(self._run, call, sink)
        if self.capture is not None:
            sink, run = self.capture.listen(call, sink, self._run)
        await self.record(call, sink, call.dialect, run)

    async def record(self, call: Call, sink: Sink, name: str, run: Callable[[Record], Awaitable[None]]) -> None:
        """`run`, whose errors become answers, and leave one record of it, whatever becomes of it."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        record = Record(id=new_request_id(), dialect=name, model="", user_agent=call.user_agent)
        if self.traces:
            record.trace = call.traceparent
        self.underway[record.id] = Underway(record, call, began)
        ticket: Ticket | None = None
        try:
            if call.key is not None:
                record.key = call.key.id
                ticket = await self.gate.admit(call.key, len(call.body)) if self.gate is not None else None
            await run(record)
        except asyncio.CancelledError:
            record.outcome = "cancelled"
            raise
        except GatewayError as error:
            await refuse(veiled(error, call.key, record.model), call.dialect, sink, record)
        except Exception as error:
            log.exception("exchange %s failed inside landbridge", record.id)
            await refuse(internal(error), call.dialect, sink, record)
        finally:
            del self.underway[record.id]
            record.seconds = loop.time() - began
            if record.first is not None:
                record.first -= began
            self.journal.add(record)
            if call.key is not None and self.gate is not None:
                self._settle(self.gate, call.key, ticket, record)

    def _settle(self, gate: Gate, grant: Grant, ticket: Ticket | None, record: Record) -> None:
        """Count at once what a key has used: its next request may be one too many."""
        if ticket is not None:
            gate.settle(ticket, record.usage)
        if grant.budget is not None:
            self._pricing((record,))
            gate.charge(grant, record.cost)

    async def target_of(self, model: str, call: Call | None = None) -> Target:
        """The target `model` means to whoever calls; the first that there is, where it means several."""
        world = self.world
        return world.target(await self._route(world, model, "" if call is None else world.view(call)))

    async def _route(self, world: World, model: str, view: str) -> Route:
        """What `model` means. Where lists decide, providers nobody has asked for theirs are asked first."""
        try:
            route = world.route(model, view)
            if not (route.by_lists and world.unasked):
                return route
        except UnknownModel:
            pass
        await self.listing.refresh(world)
        return world.route(model, view)

    async def _run(self, call: Call, sink: Sink, record: Record) -> None:
        world = self.world
        record.session, record.agent = call.session, call.agent
        call = await resume(self.parts.stored, call, world.config.server.max_body)
        if world.forked and (trip := trip_of(self, world, call, sink, record)) is not None:
            await trip.run()
            return
        asked, target = await self._ask(world, call, record)
        runner, going = self.leg(world, call, sink, record, asked, target, world.alone)
        try:
            await going
        except GatewayError as error:
            if world.alone is None or not world.alone.holds(error, runner.status):
                raise
            await Again(self, world, call, sink, record, target).run(error.with_traceback(None), runner)

    def leg(
        self,
        world: World,
        call: Call,
        sink: Sink,
        record: Record,
        asked: Peek | Request,
        target: Target,
        trial: Trial | None = None,
    ) -> tuple[Runner, Coroutine[None, None, None]]:
        """What runs one request to one target, and the run."""
        sink = watched(self.parts.stored, call, sink, asked, target)
        if not isinstance(asked, Request):
            endpoint = world.endpoint(target, stream=asked.stream)
            as_it_is = call.named is not None or asked.model == target.model
            body = call.body if as_it_is else swap(call.body, target.model)
            passage = Passage(self.parts.client, world.config.server, call, sink, record, target, trial)
            self._look_at(record, passage)
            return passage, passage.run(endpoint, body)
        found = None if target.local else world.endpoint(target, stream=asked.stream)
        attempt = Attempt(self.parts, world, call, sink, record, asked, target)
        attempt.trial = trial
        self._look_at(record, attempt)
        return attempt, attempt.run(found)

    def _look_at(self, record: Record, runner: Runner) -> None:
        """Who asks how far the exchange is, looks at `runner` from now on."""
        if (underway := self.underway.get(record.id)) is not None:
            underway.runner = runner

    async def _ask(self, world: World, call: Call, record: Record) -> tuple[Peek | Request, Target]:
        """What is asked for, read as far as the way of the exchange needs it, and who will answer."""
        if call.named is not None:
            return await self._ask_for(call.named.model, world, call, record)
        # Routing by the name a body begins with saves reading all of it twice. What was read has the last word.
        name = leading_model(call.body)
        if name is not None:
            try:
                asked, target = await self._ask_for(name, world, call, record)
                if asked.model == name:
                    return asked, target
            except UnknownModel:
                log.debug("no model '%s'; the body may name another further on", name)
        return await self._ask_for(peek(call.body).model, world, call, record)

    async def _ask_for(self, name: str, world: World, call: Call, record: Record) -> tuple[Peek | Request, Target]:
        record.model = name
        route = await self._route(world, name, world.view(call))
        target = world.target(route)
        check_model(call.key, name, target.label)
        record.route = route.said
        return self.prepare(world, call, record, target)

    def prepare(
        self, world: World, call: Call, record: Record, target: Target, *, begun: bool = False
    ) -> tuple[Peek | Request, Target]:
        """What is asked of `target`. `begun`: the client has the beginning of a stream already."""
        if call.dialect in LEGACY:
            target = continuing(target)
        record.target, record.provider = target.label, target.provider
        record.path = "converted" if begun else self._plan(world, call, target).path
        asked = (call.named or peek(call.body)) if record.path == "passthrough" else self.read(call, target)
        if call.dialect in LEGACY and isinstance(asked, Request):
            record.losses = losses_of(asked, target)
        record.stream = asked.stream
        return asked, target

    def read(self, call: Call, target: Target) -> Request:
        """The call's body in neutral form, made ready for `target`: byte-stable from turn to turn."""
        request = without_shown(dialect(call.dialect).read_request(call.body))
        if call.named is not None:
            request = replace(request, model=call.named.model, stream=call.named.stream)
        if call.dialect == "anthropic" and target.dialect != "anthropic":
            request = strip_attribution(request)
        if target.local:
            request = settle(request)
        if call.dialect == "openai_responses":
            request = own(self.parts.stored, request, call, target)
        restored = self.parts.originals.restore(unfold(request, runs_itself(target)))
        return Origins(call.dialect, target.dialect, target.provider).opened(restored)

    @staticmethod
    def _plan(world: World, call: Call, target: Target) -> Plan:
        allowed = not target.local and world.providers[target.provider].passthrough
        chosen = plan(call.dialect, target, allowed)
        if chosen.path == "passthrough" and call.named is not None and call.named.stream and call.wants_list:
            return Plan(target, "converted", "the client wants its stream as a list, and events can be watched over")
        if chosen.path == "passthrough" and call.previous:
            return Plan(target, "converted", "the conversation it goes on from is kept here")
        if chosen.path == "passthrough" and must_be_read(call.body, target.traits):
            return Plan(target, "converted", "the request may hold what the model cannot take")
        if chosen.path == "passthrough" and may_hold_shown(call.body):
            return Plan(target, "converted", "it holds what landbridge showed of reading a prompt")
        if chosen.path == "passthrough" and must_be_run(call.body, target.traits):
            return Plan(target, "converted", "it has tools, or calls of tools, that landbridge runs")
        return chosen


async def refuse(error: GatewayError, dialect_name: str, sink: Sink, record: Record) -> None:
    """Answer with `error` in the client's dialect; where the answer has begun already, break the connection."""
    record.outcome, record.message = error.kind, error.text
    if sink.started:
        sink.abort()
        return
    record.status = error.status
    body = dialect(dialect_name).write_error(error, record.id)
    headers = error_headers(error, record.id)
    await sink.whole(error.status, {**headers, "x-landbridge-route": record.route} if record.route else headers, body)


def error_headers(error: GatewayError, request_id: str) -> Mapping[str, str]:
    """Headers of an error answer: who spoke, when to come again, and whether it helps at all."""
    headers = {
        "content-type": "application/json",
        "request-id": request_id,
        "x-landbridge-origin": error.origin,
        "x-should-retry": "true" if error.retryable else "false",
    }
    if error.retry_after is not None:
        headers["retry-after"] = str(max(1, round(error.retry_after)))
    return headers


def internal(error: Exception) -> GatewayError:
    """What a client is told of a defect of ours: nothing of its inside."""
    return GatewayError(
        f"landbridge failed on this request ({type(error).__name__}).",
        remedy="This is a defect of landbridge; its log has the details.",
    )
