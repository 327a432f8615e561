"""The same dialect on both sides: bytes straight across but for the model's name, a sniffer looking on.

Status, body and unknown headers are the provider's own. What is ours: a 401 becomes a 403 (clients retry a 401 for
minutes, and it means *our* key, CLIENTS.md 9); an answer that is no JSON is replaced by an error that says where it
came from (P100); a stream ends at its last frame (P10), and one that breaks off before ends in an error (P9, P13); a
stream that keeps its client waiting gets signs of life between its records (P82).
"""

from __future__ import annotations

import asyncio
import time

import msgspec
from msgspec import Raw

from ..config import ServerSettings
from ..errors import Cut, Garbled, GatewayError, ProviderFault
from ..neutral.events import Failed
from ..neutral.request import Request
from ..routing.target import Target
from ..upstream.client import Answer, Client, Endpoint
from ..upstream.headers import forwardable
from ..wire.dialects import StreamWriter, dialect
from ..wire.sniff import Sniffer, read_usage
from .attempt import MAX_ERROR
from .call import Call, Sink
from .capture import post
from .delivery import MAX_WHOLE, SSE_HEADERS
from .heart import Heart
from .journal import Record
from .trial import Trial

KEPT = ("content-type", "retry-after", "request-id", "x-request-id", "x-should-retry")
KEPT_PREFIXES = ("anthropic-", "openai-", "x-ratelimit-")
"""Response headers that mean something to a client."""

HEAD_PATIENCE = 30.0
"""Seconds a provider's status is waited for before a stream's headers leave without it. Long, because an error behind
them can only be said in the stream."""

CONTENT = b"content_block_start"
"""In a Messages stream, what follows its start if all is well."""
MOST_HELD = 4096

BOUNDARIES = (b"\n\n", b"\r\n\r\n", b"\r\r")

_read_object = msgspec.json.Decoder(dict[str, Raw]).decode


class Passage:
    """Runs once."""

    def __init__(
        self,
        client: Client,
        settings: ServerSettings,
        call: Call,
        sink: Sink,
        record: Record,
        target: Target,
        trial: Trial | None = None,
    ) -> None:
        self._trial = trial
        self._opens = trial is not None and trial.others
        """Whether the beginning of a stream is looked at before it leaves."""
        self.status = 0
        """The provider's own, once it has answered."""
        self.failed: GatewayError | None = None
        """What the client was told that went wrong."""
        self._client, self._settings, self._call = client, settings, call
        self._sink, self._record, self._target = sink, record, target
        self._origin = f"provider:{target.provider}"
        self._headers = {
            "x-landbridge-path": "passthrough",
            "x-landbridge-target": target.label,
            "x-landbridge-id": record.id,
        }
        if record.route:
            self._headers["x-landbridge-route"] = record.route
        self._sniffer = Sniffer(call.dialect)
        self._tail = self._held = b""
        """The last bytes the client got, and the first ones that it did not get yet."""

    async def run(self, endpoint: Endpoint, body: bytes) -> None:
        """Send `body` to `endpoint` and its answer to the sink. Raises what no client has seen yet."""
        heart = Heart(self._sink, self, self._begin, self._settings, lambda: True) if self._record.stream else None
        if heart is not None:
            heart.arm(HEAD_PATIENCE)
        try:
            headers = forwardable(self._call.headers)
            answer = await post(self._client, self._record, endpoint, body, headers)
            try:
                await self._forward(answer, heart)
            finally:
                await answer.close()
        except GatewayError as error:
            if not self._sink.started or self._holds(error):
                raise
            await self.fail(error)
        finally:
            if heart is not None:
                heart.stop()

    def _holds(self, error: GatewayError) -> bool:
        """Whether somebody else may answer; nothing of the provider's answer must have left."""
        return self._trial is not None and not self._tail and self._trial.holds(error, self.status)

    async def _forward(self, answer: Answer, heart: Heart | None) -> None:
        kept = {name: value for name, value in answer.headers.items() if name in KEPT or name.startswith(KEPT_PREFIXES)}
        self._headers = {**kept, **self._headers}
        self.status = answer.status
        if self._trial is not None and answer.status < 400:
            self._trial.heard()
        if answer.status >= 400:
            await self._refuse(answer)
        elif heart is not None and answer.headers.get("content-type", "").startswith("text/event-stream"):
            if not self._sink.started:
                heart.arm(self._settings.early_after)
            await self._stream(answer)
        else:
            await self._whole(answer)

    async def _refuse(self, answer: Answer) -> None:
        body = await answer.read(MAX_ERROR)
        error = dialect(self._call.dialect).read_error(answer.status, body, self._origin, answer.headers)
        if self._sink.started or not _is_object(body) or self._holds(error):
            raise error
        record = self._record
        self.failed = error
        record.status = 403 if answer.status == 401 else answer.status
        record.outcome, record.message = error.kind, error.message
        if record.status != answer.status:
            self._headers["x-landbridge-upstream-status"] = str(answer.status)
        await self._sink.whole(record.status, self._headers, body)

    async def _whole(self, answer: Answer) -> None:
        body = await answer.read(MAX_WHOLE)
        if not _is_object(body):
            raise dialect(self._call.dialect).read_error(answer.status, body, self._origin, answer.headers)
        if self._sink.started:
            raise Garbled(f"{self._origin} answered with no stream although one was asked for.", origin=self._origin)
        self._record.usage = read_usage(self._call.dialect, body)
        self._record.status = answer.status
        await self._sink.whole(answer.status, self._headers, body)

    # -- streamed ------------------------------------------------------------------------------------------------------

    async def _stream(self, answer: Answer) -> None:
        sniffer, record = self._sniffer, self._record
        try:
            async for chunk in answer.chunks():
                sniffer.feed(chunk)
                if self._opens and not self._tail:
                    chunk = self._opening(chunk)
                    if not chunk:
                        continue
                if record.first is None:
                    record.first = asyncio.get_running_loop().time()
                    await self._begin()
                self._tail = chunk[-4:] if len(chunk) >= 4 else (self._tail + chunk)[-4:]
                await self._sink.write(chunk)
                if sniffer.finished:
                    break
            sniffer.close()
        finally:
            record.usage = sniffer.usage
        if sniffer.failed:
            record.outcome, record.message = "provider", "the provider said in its stream that it failed"
            self.failed = ProviderFault(record.message, origin=self._origin)
        elif not sniffer.finished:
            raise Cut(f"{self._origin} broke off its answer before the end.", origin=self._origin)
        await self._sink.end()

    def _opening(self, chunk: bytes) -> bytes:
        """The stream as far as it has come; nothing yet while it may still turn out to be an error only.

        Overloaded providers begin a stream and say it there. Raises `ProviderFault` for that, and for an empty answer.
        """
        self._held += chunk
        sniffer, begins = self._sniffer, self._call.dialect == "anthropic" and CONTENT not in self._held
        if begins and not (sniffer.failed or sniffer.finished) and len(self._held) < MOST_HELD:
            return b""
        if sniffer.failed or (begins and sniffer.stop_reason == "end_turn"):
            what = "failed before it said anything" if sniffer.failed else "gave an empty answer"
            error = ProviderFault(f"{self._origin} {what}.", origin=self._origin)
            if self._holds(error):
                raise error
        held, self._held = self._held, b""
        return held

    async def _begin(self) -> None:
        if not self._sink.started:
            self._record.status = 200
            await self._sink.start(200, {**self._headers, **SSE_HEADERS})

    @property
    def begun(self) -> bool:
        """Whether the client has got the beginning of a stream."""
        return self._sink.started

    async def fail(self, error: GatewayError) -> None:
        """Tell the client: in the stream where a record can stand, else by breaking the connection."""
        self._record.outcome, self._record.message = error.kind, error.message
        self.failed = error
        if not self._between_records:
            self._sink.abort()
            return
        said = self._writer().feed(Failed(error)).removesuffix(b"\n\n")
        await self._sink.write(said.rpartition(b"\n\n")[2] + b"\n\n")  # what begins a stream has been said
        await self._sink.end()

    @property
    def _between_records(self) -> bool:
        return not self._tail or self._tail.endswith(BOUNDARIES)

    def ping(self) -> bytes:
        """A sign of life, where one can stand."""
        return self._writer().ping() if self._between_records else b""

    def _writer(self) -> StreamWriter:
        """Writes what is ours in the provider's stream."""
        record = self._record
        request = Request(model=record.model, messages=(), stream=True)
        return dialect(self._call.dialect).writer(record.id, record.model, int(time.time()), request)

    def nudge(self) -> bytes:
        """The stream is the provider's: no event is put into it."""
        return b""


def _is_object(body: bytes) -> bool:
    try:
        _read_object(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True
