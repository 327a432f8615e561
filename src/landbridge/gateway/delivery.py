"""An upstream's answer on its way to the client: events or a whole, put right, watched and written in its dialect.

sink <- client's writer <- Watch <- Repairs <- upstream's reader <- chunks
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from msgspec.structs import replace

from ..config import ServerSettings
from ..errors import GatewayError
from ..neutral.events import Event, Failed, Start, Usage
from ..neutral.progress import Progress
from ..neutral.request import Request
from ..neutral.response import Collector, Response, replay
from ..routing.target import Target
from ..upstream.client import Answer
from ..wire.dialects import Dialect, StreamReader, StreamWriter, dialect
from .call import Call, Sink
from .headers import headers_of
from .heart import Heart
from .hosted.loop import Hosted
from .ids import new_id
from .journal import Record
from .mending import Mending, says_something
from .prefill import Reading
from .shown import Shown
from .watch import Watch

MAX_WHOLE = 256 * 1024 * 1024
"""Bytes a whole answer may have."""

SSE_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
}
"""Streams are neither cached nor buffered by proxies (P16)."""
LIST_HEADERS = SSE_HEADERS | {"content-type": "application/json; charset=utf-8"}
"""A stream as one JSON list."""
_JSON = {"content-type": "application/json"}

_UNSAID = Usage()

Cause = Callable[[GatewayError], Awaitable[GatewayError]]
"""Why something really failed."""


class Delivery:
    """Takes one answer to one client, in one round or in several.

    `reading` and `shown` are set before the answer comes, where there are such.
    """

    def __init__(
        self, call: Call, sink: Sink, record: Record, request: Request, target: Target, watch: Watch, cause: Cause
    ) -> None:
        self._call, self._sink, self._record = call, sink, record
        self._request, self._target, self._watch, self._cause = request, target, watch, cause
        self._client: Dialect = dialect(call.dialect)
        self._upstream: Dialect = dialect(target.dialect)
        self._writer: StreamWriter | None = None
        self._heart: Heart | None = None
        self._begun = False
        self._stream_headers = SSE_HEADERS
        self.mending = Mending(watch)
        self.reading: Reading | None = None
        self.shown: Shown | None = None
        self._progress: Progress | None = None
        self._whole_answer: Collector | None = None
        """An answer in events that is not streamed, as far as it came."""

    def open_stream(self, settings: ServerSettings, before: Delivery | None = None) -> None:
        """The answer will be streamed; behind what `before` has sent of it, where another target took too long."""
        id = new_id(self._client.id_prefix)
        make = self._client.writer
        if self._client.list_writer is not None and self._call.wants_list:
            make, self._stream_headers = self._client.list_writer, LIST_HEADERS
        if before is not None and before.begun:
            self._writer, self._begun, self.shown = before._writer, True, before.shown
        if self._writer is None:
            self._writer = make(id, self._request.model, int(time.time()), self._request)
        self._heart = Heart(self._sink, self._writer, self._begin_early, settings, lambda: self._call.counts_pings)
        if self._begun:
            self._heart.arm(settings.ping_every)

    @property
    def begun(self) -> bool:
        """Whether the client has got the beginning of a stream."""
        return self._begun

    def arm(self, seconds: float) -> None:
        """After so many seconds the stream begins, whatever has come."""
        if self._heart is not None and not self._begun:
            self._heart.arm(seconds)

    async def take(self, answer: Answer, origin: str) -> None:
        """The answer, to its end. Raises what no client has seen yet."""
        if self._request.stream:
            await self._stream(answer, origin)
        else:
            await self._whole(answer, origin)

    async def put(self, events: Sequence[Event]) -> None:
        """Something of the answer that does not come from the upstream."""
        self.mending.answered = True
        seen = self._watch.see(events)
        if self._request.stream:
            await self._send(seen)
        else:
            self._gather(seen)

    def retry(self) -> None:
        """Nothing of the answer has come, and another engine is asked."""
        self._watch.failed = None
        self._whole_answer = None

    async def finish(self) -> None:
        """The answer has come to its end."""
        if self._request.stream:
            await self._sink.end()
        else:
            await self._send_whole((self._whole_answer or Collector()).response())

    async def fail(self, error: GatewayError) -> None:
        """Say it in the stream where one has begun; else raise it, to be said as a status."""
        self._watch.failed = error
        if not self._begun:
            raise error
        await self._send([*self.mending.close(), Failed(error)])
        await self._sink.end()

    def close(self) -> None:
        """It is over: no more signs of life, and the record is complete."""
        if self._heart is not None:
            self._heart.stop()
            self._heart = None  # it refers back to us
        if self.reading is not None:
            self.reading.end()
        self._record.usage = self._watch.usage
        self._record.repairs = self.mending.counts
        if self._writer is not None:
            self._record.losses += tuple(f"{loss.path}: {loss.why}" for loss in self._writer.losses)

    # -- streamed ------------------------------------------------------------------------------------------------------

    async def _begin_early(self) -> None:
        """Headers and the first event, before the upstream has spoken."""
        if not self._begun:
            await self._send([self._start()])

    def _start(self, usage: Usage = _UNSAID) -> Start:
        """The client's first event; where the upstream has not said what the prompt was, what we think it is."""
        if usage.input is None:
            return Start(usage=Usage(input=self._watch.prompt, estimated=True))
        return Start(usage=replace(usage, output=None, reasoning=None))

    async def _stream(self, answer: Answer, origin: str) -> None:
        reader: StreamReader = self._upstream.reader(new_id, origin)
        async for chunk in answer.chunks():
            events = reader.feed(chunk)
            if events:
                await self._send(await self._seen(events))
            elif reader.progress is not self._progress:
                await self._show(reader.progress)
            if reader.ended:
                break
        else:
            await self._send(await self._seen(reader.close()))
        if not self.mending.goes_on:
            await self._sink.end()

    async def _seen(self, events: Sequence[Event]) -> list[Event]:
        """`events` as the client gets them; the upstream's start becomes ours."""
        out = self._mended(events)
        if self._watch.failed is not None:
            self._watch.failed = await self._cause(self._watch.failed)
            if not self.mending.answered or not (self._begun or self._watch.has_content):
                raise self._watch.failed
            out = [Failed(self._watch.failed) if isinstance(event, Failed) else event for event in out]
        if not out:
            return out
        started = isinstance(out[0], Start)
        if self._begun:
            return [self._watch.usage, *out[1:]] if started else out
        return [self._start(self._watch.usage), *(out[1:] if started else out)]

    def _mended(self, events: Sequence[Event]) -> list[Event]:
        """`events` put right. The first that say something tell that this round's prompt has been read."""
        if self.reading is not None and not self.reading.over and says_something(events):
            self.reading.first_word()
        return self.mending.feed(events)

    def _read_on(self, progress: Progress | None) -> list[Event]:
        """The engine has read on; what a client sees of that."""
        self._progress = progress
        if progress is None or self.reading is None:
            return []
        headway = self.reading.read_on(progress)
        return [] if self.shown is None else self.shown.tell(progress, headway)

    async def read_on(self, progress: Progress) -> None:
        """The engine has read on, of what does not belong to its answer."""
        await self._show(progress)

    async def _show(self, progress: Progress | None) -> None:
        if told := self._read_on(progress):
            await self._write(told if self._begun else [self._start(), *told])

    async def _send(self, events: Sequence[Event]) -> None:
        """Write `events` behind what was shown of the prompt's reading."""
        await self._write(events if self.shown is None else self.shown.feed(events))

    async def _write(self, events: Sequence[Event]) -> None:
        """Write `events` as one piece, with the headers in front of the first."""
        assert self._writer is not None, "streams have a writer"
        if not events:
            return
        data = b"".join([self._writer.feed(event) for event in events])
        if not self._begun:
            self._begun = True
            self._record.status = 200
            if not self._sink.started:
                await self._sink.start(200, {**self._stream_headers, **self._headers()})
        self._note_first()
        if data:
            await self._sink.write(data)

    def _note_first(self) -> None:
        """Remember when the first of the content came."""
        if self._record.first is None and self._watch.has_content:
            self._record.first = asyncio.get_running_loop().time()

    # -- whole ---------------------------------------------------------------------------------------------------------

    async def _whole(self, answer: Answer, origin: str) -> None:
        if self.mending.hosted is not None:
            await self._round(answer, origin, self.mending.hosted)
        elif self._target.local:
            await self._collect(answer, origin)
            if not self.mending.goes_on:
                await self.finish()
        else:
            response = await self._read(answer, origin)
            if not self.mending.hollow.whole(response):
                await self._send_whole(response)

    async def _round(self, answer: Answer, origin: str, hosted: Hosted) -> None:
        """One round of an answer that may have several."""
        if self._target.local:
            await self._collect(answer, origin)
        else:
            response = self._upstream.read_response(await answer.read(MAX_WHOLE), new_id, origin)
            self._gather(self.mending.feed([*replay(response)]))
        if not hosted.due:
            await self.finish()

    def _gather(self, events: Sequence[Event]) -> None:
        if self._whole_answer is None:
            self._whole_answer = Collector()
        for event in events:
            self._whole_answer.feed(event)

    async def _send_whole(self, response: Response) -> None:
        shown = replace(response, id=new_id(self._client.id_prefix), model=self._request.model)
        written = self._client.write_response(shown, int(time.time()), self._request)
        self._record.status = 200
        self._record.losses += tuple(f"{loss.path}: {loss.why}" for loss in written.losses)
        repairs = {"x-landbridge-repairs": str(sum(self.mending.counts.values()))}
        await self._sink.whole(200, {**_JSON, **self._headers(), **repairs}, written.body)

    async def _read(self, answer: Answer, origin: str) -> Response:
        """A whole answer, put right and completed."""
        body = await answer.read(MAX_WHOLE)
        return self.mending.whole(self._upstream.read_response(body, new_id, origin))

    async def _collect(self, answer: Answer, origin: str) -> None:
        """The engine's stream, into the whole answer."""
        reader: StreamReader = self._upstream.reader(new_id, origin)
        async for chunk in answer.chunks():
            self._gather(self._mended(reader.feed(chunk)))
            self._note_first()
            if reader.progress is not self._progress:
                self._read_on(reader.progress)
            if reader.ended:
                return
        self._gather(self._mended(reader.close()))

    def _headers(self) -> dict[str, str]:
        prefill = self.reading.seconds if self.reading is not None else None
        return headers_of(self._record, self._target, self._client.name, self._watch.usage, prefill)
