"""One attempt: a converted request to one target; its answer is the `Delivery`'s.

request -> (lease an engine, does it fit?) -> write_request -> post
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial

from msgspec import Struct, field
from msgspec.structs import replace

from ..engines.keeper import Keeper
from ..engines.lease import Lease
from ..errors import Crashed, GatewayError, ProviderFault
from ..neutral.request import Request
from ..neutral.traits import Traits
from ..routing.target import Target
from ..upstream.client import Client, Endpoint
from ..wire.dialects import Dialect, dialect
from ..wire.hosted.offer import has_hosted
from ..wire.openai_chat.called import Called
from ..wire.openai_chat.grammar import is_grammar_fault, without_grammar
from ..wire.origins import Origins
from ..wire.repair.repairs import Repairs
from ..wire.written import Written
from . import guard
from .call import Call, Sink
from .capture import post
from .cause import Cause
from .count import Calibration, Guess, estimate
from .delivery import Delivery
from .hollow import Hollow
from .hosted.loop import Asked, Hosted
from .hosted.runner import Runner
from .ids import new_id
from .journal import Record
from .media.media import Media, holds_media
from .opening import read_opening
from .originals import Originals
from .prefill import Reading, patience
from .purpose import check_chats, in_background
from .shown import Shown, shows
from .stored.shelf import Stored
from .trial import Trial
from .watch import Watch
from .world import World

log = logging.getLogger("landbridge.gateway")

MAX_ERROR = 1024 * 1024
"""Bytes of an upstream's error answer that are read."""
LOAD_PATIENCE = 30.0
"""Seconds a loading or busy engine, or what is made of files, is waited for before a stream's headers leave."""
BYTES_PER_TOKEN = 4
"""Of a request's body, roughly: who goes first need not be counted."""
CHARACTERS_PER_TOKEN = 2
"""Of results, in a window that is nearly full: carefully, as numbers and other scripts take more than prose."""


class Parts(Struct, frozen=True):
    """What every attempt works with."""

    client: Client
    keeper: Keeper
    originals: Originals
    calibration: Calibration
    media: Media = field(default_factory=Media)
    stored: Stored = field(default_factory=Stored)


class Attempt:
    """Runs once. `watch` tells afterwards how it went."""

    def __init__(
        self, parts: Parts, world: World, call: Call, sink: Sink, record: Record, request: Request, target: Target
    ) -> None:
        self.trial: Trial | None = None
        self.before: Attempt | None = None
        """One that has failed after the client had got the beginning of a stream, with nothing of an answer in it."""
        self.status = 0  # the upstream's own, once it has answered
        self.failed: GatewayError | None = None  # as the client was told it
        self._parts, self._config, self._call = parts, world.config, call
        self._record, self._request, self._target = record, request, target
        self._upstream: Dialect = dialect(target.dialect)
        self._origin = f"engine:{target.model}" if target.local else f"provider:{target.provider}"
        self._written = Written(b"")
        self._quiet = in_background(record.model, call.agent)
        self._tried = False  # the upstream was asked before
        self._guess = Guess(parts.calibration, target.label, request)
        self._cause = Cause()
        self.watch = Watch(parts.originals, self._guess, request.messages)
        self.watch.origins = Origins(call.dialect, target.dialect, target.provider)
        self._delivery = Delivery(call, sink, record, request, target, self.watch, self._cause)
        self._mending = self._delivery.mending
        if has_hosted(request):
            runner = Runner(parts.client, world.web, world.config.media)
            self._mending.hosted = Hosted(runner, call.dialect, target, parts.originals.keep)

    async def run(self, endpoint: Endpoint | None) -> None:
        """Send the request and the answer. `endpoint` is None for a local model. Raises what no client has seen yet."""
        delivery = self._delivery
        if self._request.stream:
            delivery.open_stream(self._config.server, self.before._delivery if self.before is not None else None)
        try:
            if endpoint is None:
                await self._run_local()
            else:
                if holds_media(self._request):
                    delivery.arm(LOAD_PATIENCE)
                    await self._prepare(self._target.traits)
                await self._rounds(partial(self._ask_provider, endpoint))
        except GatewayError as error:
            cause = await self._cause(error)
            if self.trial is not None and not self._mending.answered and self.trial.holds(cause, self.status):
                raise cause from None
            await delivery.fail(cause)
        else:
            self._learn()
        finally:
            delivery.close()
            self._note()

    @property
    def begun(self) -> bool:
        """Whether the client has got the beginning of a stream."""
        return self._delivery.begun

    async def fail(self, error: GatewayError) -> None:
        """Nobody else can answer: tell the client. Raises it where no stream has begun."""
        await self._delivery.fail(error)
        self._note()

    def _note(self) -> None:
        self.failed = failed = self.watch.failed
        if failed is not None:
            self._record.outcome, self._record.message = failed.kind, failed.message

    async def _run_local(self) -> None:
        check_chats(self._parts.keeper, self._target)
        self._delivery.arm(LOAD_PATIENCE)
        if holds_media(self._request):
            # Only the engine knows what it takes; but nothing is held while another one may need its memory.
            async with self._parts.keeper.lease(self._target.model, light=True, background=self._quiet) as lease:
                traits = lease.traits
            await self._prepare(traits)
        if self._delivery.shown is None and shows(self._config, self._target.model, self._request):
            self._delivery.shown = Shown()
        try:
            await self._on_engine()
        except GatewayError as error:
            fault = await self._cause(error)
            held = self._cause.lease
            others = self.trial is not None and self.trial.others
            if not isinstance(fault, Crashed) or self._mending.answered or others or held is None or held.dismissed:
                raise fault from None
            log.warning("exchange %s is asked for again: %s", self._record.id, fault.message)
            self._record.retries += 1
            self._delivery.retry()
            self._delivery.arm(LOAD_PATIENCE)
            await self._on_engine()

    async def _on_engine(self) -> None:
        """All of it, on an engine of its own turn: its window may be another one than that of the engine before."""
        tokens = len(self._call.body) // BYTES_PER_TOKEN
        keeper, quiet = self._parts.keeper, self._quiet
        async with keeper.lease(self._target.model, background=quiet, tokens=tokens, who=self._who) as lease:
            self._cause.lease = lease
            self.watch.window = lease.window
            await self._rounds(partial(self._ask_engine, lease))

    @property
    def _who(self) -> str:
        """The conversation, where its client names it."""
        return f"{self._call.session} {self._call.agent}".strip()

    async def _rounds(self, send: Callable[[], Awaitable[None]]) -> None:
        """`send`, and again for as long as the model wants something that landbridge runs for it."""
        delivery, mending, hosted = self._delivery, self._mending, self._mending.hosted
        await self._ask(send)
        if mending.hollow.due:
            if self.trial is not None and self.trial.others and not mending.answered:
                raise ProviderFault(f"{self._target.label} gave an empty answer.", origin=self._origin)
            log.info("exchange %s: %s gave an empty answer and is asked again", self._record.id, self._target.label)
            mending.ask_again()
            await self._ask(send)
        while hosted is not None and hosted.due:
            more = await hosted.run(Asked(self._request, self._room()), delivery.put)
            if more is None:
                await delivery.finish()
                return
            self._request, self.watch.before = more, hosted.spent
            mending.go_on()
            await self._ask(send)

    def _room(self) -> int | None:
        """Characters of results that the window still holds; None where nobody knows the window."""
        window = self.watch.window
        if window is None:
            return None
        used = self._parts.calibration.apply(self._target.label, estimate(self._request))
        answer = min(self.watch.max_tokens or window, window // 4)
        return max(0, window - used - answer) * CHARACTERS_PER_TOKEN

    async def _ask(self, send: Callable[[], Awaitable[None]]) -> None:
        """`send`, and once more without a grammar where the engine can make none of the schemas (P36)."""
        lost = self._record.losses
        try:
            await send()
        except GatewayError as error:
            simpler = self._request
            if is_grammar_fault(error):
                simpler = without_grammar(simpler, as_call=self._written.as_call)
            if simpler is self._request:
                raise
            log.warning("exchange %s goes on without a grammar: %s", self._record.id, error.message)
            why = f"the engine cannot make one of these schemas, so they are told in words ({error.message})"
            self._request, self._record.losses = simpler, (*lost, f"grammar: {why}")
            await send()

    async def _ask_provider(self, endpoint: Endpoint) -> None:
        self._write(self._target.traits)
        self._delivery.arm(self._config.server.early_after)
        await self._answer(endpoint, self._written.body)

    async def _ask_engine(self, lease: Lease) -> None:
        self._write(lease.traits)
        counted = None
        if lease.counts:
            counted = await guard.fit(self._written.body, lease.window, lease.count, self._origin)
        if counted is not None:
            self.watch.prompt = counted
        reading = self._delivery.reading = self.watch.reading = Reading(lease, self._written.body)
        await reading.foretell(counted, patience(self._call, stream=self._request.stream))
        self._delivery.arm(self._config.server.early_after)
        url = lease.url + "/v1" + self._upstream.path(self._target.model, stream=True)
        endpoint = Endpoint(url=url, headers=lease.headers, idle_timeout=None, origin=self._origin)
        async with lease.turn(self._written.body, self._who) as turn:
            reading.begin()
            try:
                await read_opening(self._parts.client, lease, turn, self._origin, self._delivery.read_on)
                await self._answer(endpoint, lease.body(self._written.body, turn))
            finally:
                if reading.over:
                    turn.read(*self.watch.prompt_read())

    async def _prepare(self, traits: Traits) -> None:
        """Pictures and PDFs in a form that the target takes."""
        prepared = await self._parts.media.prepare(self._request, traits, self._config.media, self._call)
        self._request = prepared.request
        self._guess.about(prepared.request)
        self._record.losses = tuple(f"{loss.path}: {loss.why}" for loss in prepared.losses)

    def _write(self, traits: Traits) -> None:
        """The request in the target's dialect. An engine always streams: it notices a leaving client only then."""
        hosted, request = self._mending.hosted, self._request
        if hosted is not None:
            request = hosted.offer(request, traits.tools)
        if self._target.local:
            request = replace(request, stream=True, stream_usage=True)
        self._written = self._upstream.write_request(request, self._target.model, traits)
        self._mending.called = Called(new_id) if self._written.as_call else None
        losses = (f"{loss.path}: {loss.why}" for loss in self._written.losses)
        self._record.losses += tuple(loss for loss in losses if loss not in self._record.losses)
        wishes = [limit for limit in (self._request.max_tokens, traits.max_output) if limit is not None]
        self.watch.max_tokens = min(wishes, default=None)
        if self.watch.window is None:
            self.watch.window = traits.window
        self.watch.names = self._upstream.tool_names(request.tools)
        if traits.repair and not self._tried and not request.stop:  # a stop sequence at once is an answer, too
            self._mending.hollow = Hollow()
        self._tried = True
        if traits.repair and request.tools and self._mending.repairs is None:  # the first ones know the true schemas
            self._mending.repairs = Repairs(request, new_id, self.watch.names)

    def _learn(self) -> None:
        """Let the next estimates and forecasts profit from what the upstream has said (P75, P83)."""
        usage = self.watch.usage
        hosted = self._mending.hosted
        several = hosted is not None and hosted.rounds > 0  # their usage is of all of them
        if self.watch.failed is not None or usage.estimated or usage.input is None or several:
            return
        self._guess.learn(usage.prompt)
        if self._delivery.reading is not None:
            self._delivery.reading.learn(usage)

    async def _answer(self, endpoint: Endpoint, body: bytes) -> None:
        answer = await post(self._parts.client, self._record, endpoint, body, {})
        self.status = answer.status
        try:
            if answer.status != 200:
                words = await answer.read(MAX_ERROR)
                raise self._upstream.read_error(answer.status, words, self._origin, answer.headers)
            if self.trial is not None:
                self.trial.heard()
            await self._delivery.take(answer, self._origin)
        finally:
            await answer.close()
