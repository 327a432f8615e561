"""One attempt: a converted request to one target, and its answer back in the client's dialect.

request -> (lease an engine, does it fit?) -> write_request -> post
sink <- client's writer <- Watch <- Repairs <- upstream's reader <- chunks
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from ..config import Config
from ..engines.keeper import Keeper
from ..engines.lease import Lease
from ..errors import GatewayError, ProviderFault
from ..neutral.events import BlockStart, Event, Failed, Kind, Start, Usage
from ..neutral.parts import ToolCall
from ..neutral.request import Request
from ..neutral.response import Collector, Response, collect, replay
from ..neutral.traits import Traits
from ..routing.target import Target
from ..upstream.client import Answer, Client, Endpoint
from ..wire.dialects import Dialect, StreamReader, StreamWriter, dialect
from ..wire.repair.repairs import Repairs
from ..wire.written import Written
from . import guard
from .call import Call, Sink
from .count import Calibration, estimate
from .heart import Heart
from .ids import new_id
from .journal import Record
from .originals import Originals
from .prefill import Prefixes, Reading, patience
from .watch import Watch

MAX_WHOLE = 256 * 1024 * 1024
"""Bytes a whole answer may have."""
MAX_ERROR = 1024 * 1024
"""Bytes of an upstream's error answer that are read."""
LOAD_PATIENCE = 30.0
"""Seconds a loading or busy engine is waited for before a stream's headers leave; before that, a failure is a status.
"""

SSE_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
}
"""Streams are neither cached nor buffered by proxies (P16)."""

ID_PREFIX = {"anthropic": "msg_", "openai_chat": "chatcmpl-"}


_UNSAID = Usage()


class Parts(Struct, frozen=True):
    """What every attempt works with."""

    client: Client
    keeper: Keeper
    originals: Originals
    calibration: Calibration
    prefixes: Prefixes = field(default_factory=Prefixes)


class Attempt:
    """Runs once. `usage` and `failed` tell afterwards how it went."""

    def __init__(
        self, parts: Parts, config: Config, call: Call, sink: Sink, record: Record, request: Request, target: Target
    ) -> None:
        self._parts, self._config, self._call = parts, config, call
        self._sink, self._record, self._request, self._target = sink, record, request, target
        self._client: Dialect = dialect(call.dialect)
        self._upstream: Dialect = dialect(target.dialect)
        self._origin = f"engine:{target.model}" if target.local else f"provider:{target.provider}"
        self._lease: Lease | None = None
        self._reading: Reading | None = None
        self._estimate = 0
        self._written = Written(b"")
        self._writer: StreamWriter | None = None
        self._heart: Heart | None = None
        self._begun = False
        self._repairs: Repairs | None = None
        self.watch = Watch(parts.originals, self._guess, request.messages)

    async def run(self, endpoint: Endpoint | None) -> None:
        """Send the request and the answer. `endpoint` is None for a local model. Raises what no client has seen yet."""
        if self._request.stream:
            self._open_stream()
        try:
            if endpoint is None:
                await self._run_local()
            else:
                self._write(self._target.traits)
                self._arm(self._config.server.early_after)
                await self._answer(endpoint, self._written.body)
        except GatewayError as error:
            await self._fail(await self._cause(error))
        else:
            self._learn()
        finally:
            self._record.usage = self.watch.usage
            if self._repairs is not None:
                self._record.repairs = self._repairs.counts
            if self._writer is not None:
                self._record.losses += tuple(f"{loss.path}: {loss.why}" for loss in self._writer.losses)
            if self._heart is not None:
                self._heart.stop()

    async def _run_local(self) -> None:
        self._arm(LOAD_PATIENCE)
        async with self._parts.keeper.lease(self._target.model) as lease:
            self._lease = lease
            self.watch.window = lease.window
            self._write(lease.traits)
            counted = await guard.fit(self._written.body, lease.window, lease.count, self._origin)
            if counted is not None:
                self.watch.prompt = counted
            reading = self._reading = Reading(lease, self._parts.prefixes, self._written.body)
            await reading.foretell(counted, patience(self._call, stream=self._request.stream))
            self._arm(self._config.server.early_after)
            url = lease.url + "/v1" + self._upstream.path
            endpoint = Endpoint(url=url, headers=lease.headers, idle_timeout=None, origin=self._origin)
            reading.begin()
            await self._answer(endpoint, lease.body(self._written.body))

    def _write(self, traits: Traits) -> None:
        """The request in the target's dialect. An engine always streams: it notices a leaving client only then."""
        request = self._request if not self._target.local else replace(self._request, stream=True, stream_usage=True)
        self._written = self._upstream.write_request(request, self._target.model, traits)
        self._record.losses = tuple(f"{loss.path}: {loss.why}" for loss in self._written.losses)
        wishes = [limit for limit in (self._request.max_tokens, traits.max_output) if limit is not None]
        self.watch.max_tokens = min(wishes, default=None)
        if self.watch.window is None:
            self.watch.window = traits.window
        if traits.repair and request.tools:
            self._repairs = Repairs(request, new_id)

    def _estimated(self) -> int:
        """The prompt's tokens by rule of thumb, counted once."""
        if not self._estimate:
            self._estimate = estimate(self._request)
        return self._estimate

    def _guess(self) -> int:
        return self._parts.calibration.apply(self._target.label, self._estimated())

    def _learn(self) -> None:
        """Let the next estimates and forecasts profit from what the upstream has said (P75, P83)."""
        usage, calibration, label = self.watch.usage, self._parts.calibration, self._target.label
        if self.watch.failed is not None or usage.estimated or usage.input is None:
            return
        if calibration.due(label):
            calibration.learn(label, self._estimated(), usage.prompt)
        if self._reading is not None:
            self._reading.learn(usage)

    async def _cause(self, error: GatewayError) -> GatewayError:
        """Why it really failed: a connection to an engine breaks because the engine died."""
        if self._lease is None or not isinstance(error, ProviderFault):
            return error
        return await self._lease.post_mortem() or error

    async def _answer(self, endpoint: Endpoint, body: bytes) -> None:
        answer = await self._parts.client.post(endpoint, body, {})
        try:
            if answer.status != 200:
                words = await answer.read(MAX_ERROR)
                raise self._upstream.read_error(answer.status, words, self._origin, answer.headers)
            if self._request.stream:
                await self._stream(answer)
            else:
                await self._whole(answer)
        finally:
            await answer.close()

    # -- streamed ------------------------------------------------------------------------------------------------------

    def _open_stream(self) -> None:
        id = new_id(ID_PREFIX[self._client.name])
        self._writer = self._client.writer(id, self._request.model, int(time.time()), self._request)
        self._heart = Heart(
            self._sink, self._writer, self._begin_early, self._config.server, lambda: self._call.counts_pings
        )

    def _arm(self, seconds: float) -> None:
        if self._heart is not None and not self._begun:
            self._heart.arm(seconds)

    async def _begin_early(self) -> None:
        """Headers and the first event, before the upstream has spoken."""
        if not self._begun:
            await self._send([self._start()])

    def _start(self, usage: Usage = _UNSAID) -> Start:
        """The client's first event; where the upstream has not said what the prompt was, what we think it is."""
        if usage.input is None:
            return Start(usage=Usage(input=self.watch.prompt, estimated=True))
        return Start(usage=replace(usage, output=None, reasoning=None))

    async def _stream(self, answer: Answer) -> None:
        reader: StreamReader = self._upstream.reader(new_id, self._origin)
        async for chunk in answer.chunks():
            events = reader.feed(chunk)
            if events:
                await self._send(await self._seen(events))
            if reader.ended:
                break
        else:
            await self._send(await self._seen(reader.close()))
        await self._sink.end()

    async def _seen(self, events: Sequence[Event]) -> list[Event]:
        """`events` as the client gets them; the upstream's start becomes ours."""
        out = self._watched(events)
        if self.watch.failed is not None:
            self.watch.failed = await self._cause(self.watch.failed)
            if not self._begun and not self.watch.has_content:
                raise self.watch.failed
            out = [Failed(self.watch.failed) if isinstance(event, Failed) else event for event in out]
        if not out:
            return out
        started = isinstance(out[0], Start)
        if self._begun:
            return [self.watch.usage, *out[1:]] if started else out
        return [self._start(self.watch.usage), *(out[1:] if started else out)]

    def _watched(self, events: Sequence[Event]) -> list[Event]:
        """`events`, put right and completed."""
        return self.watch.see(events if self._repairs is None else self._repairs.feed(events))

    async def _send(self, events: Sequence[Event]) -> None:
        """Write `events` as one piece, with the headers in front of the first."""
        assert self._writer is not None, "streams have a writer"
        if not events:
            return
        data = b"".join([self._writer.feed(event) for event in events])
        if not self._begun:
            self._begun = True
            self._record.status = 200
            await self._sink.start(200, {**SSE_HEADERS, **self._headers()})
        self._note_first()
        if data:
            await self._sink.write(data)

    def _note_first(self) -> None:
        """Remember when the first of the content came."""
        if self._record.first is None and self.watch.has_content:
            self._record.first = asyncio.get_running_loop().time()
            if self._reading is not None:
                self._reading.first_word()

    async def _fail(self, error: GatewayError) -> None:
        """Say it in the stream where one has begun; else leave it to the caller, as a status."""
        self.watch.failed = error
        if not self._begun:
            raise error
        held = [] if self._repairs is None else self.watch.see(self._repairs.close())
        await self._send([*held, Failed(error)])
        await self._sink.end()

    # -- whole ---------------------------------------------------------------------------------------------------------

    async def _whole(self, answer: Answer) -> None:
        response = await self._collect(answer) if self._target.local else await self._read(answer)
        shown = replace(response, id=new_id(ID_PREFIX[self._client.name]), model=self._request.model)
        written = self._client.write_response(shown, int(time.time()))
        self._record.status = 200
        self._record.losses += tuple(f"{loss.path}: {loss.why}" for loss in written.losses)
        repairs = {"x-landbridge-repairs": str(0 if self._repairs is None else self._repairs.total)}
        await self._sink.whole(200, {**_JSON, **self._headers(), **repairs}, written.body)

    async def _read(self, answer: Answer) -> Response:
        """A whole answer, watched like a stream so that usage, ending and tool calls are completed alike."""
        body = await answer.read(MAX_WHOLE)
        response = self._upstream.read_response(body, new_id, self._origin)
        seen = self._watched([*replay(response)])
        if self._repairs is not None and self._repairs.total:
            mended = collect(seen)
            return replace(mended, id=response.id, model=response.model)
        ids = iter([event.id for event in seen if isinstance(event, BlockStart) and event.kind is Kind.TOOL])
        parts = tuple(replace(part, id=next(ids)) if isinstance(part, ToolCall) else part for part in response.parts)
        assert self.watch.finish is not None, "a whole answer has an ending"
        return replace(response, parts=parts, usage=self.watch.usage, finish=self.watch.finish)

    async def _collect(self, answer: Answer) -> Response:
        """The engine's stream as one answer."""
        reader: StreamReader = self._upstream.reader(new_id, self._origin)
        collector = Collector()
        async for chunk in answer.chunks():
            for event in self._watched(reader.feed(chunk)):
                collector.feed(event)
            if reader.ended:
                return collector.response()
        for event in self._watched(reader.close()):
            collector.feed(event)
        return collector.response()

    def _headers(self) -> dict[str, str]:
        headers = {
            "x-landbridge-path": "converted",
            "x-landbridge-target": self._target.label,
            "x-landbridge-losses": str(len(self._record.losses)),
        }
        if self._reading is not None and self._reading.seconds:
            headers["x-landbridge-prefill-seconds"] = f"{self._reading.seconds:.0f}"
        if self._client.name == "anthropic":
            headers["request-id"] = self._record.id
        else:
            headers["x-request-id"] = self._record.id
        return headers


_JSON = {"content-type": "application/json"}
