"""Spans for OpenTelemetry, one an exchange, made from records when exchanges have ended (extra `otel`).

They have the attributes of the conventions for generative AI; a client's own trace goes on in them. They are made in a
thread, as the SDK takes its time, and sent by the SDK in another one. Nothing of it is loaded where
`telemetry.otlp_endpoint` is empty.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from queue import SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .. import __version__
from ..config import Secret, TelemetrySettings, expand
from ..errors import ConfigFault
from ..gateway.exchange import Gateway
from ..gateway.world import World
from ..store.record import Record
from .genai import LOCAL, NONE, operation, place, provider_name

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider

log = logging.getLogger("landbridge.server")

TRACES = "/v1/traces"
CLOSING = 3.0
"""Seconds that spans get to leave when the program ends."""

MOST_BATCHES = 1000
"""Batches that wait for their spans to be made; what comes then has none."""
QUIET = 60.0
"""Seconds between two messages about an endpoint that does not answer."""

Value = str | bool | int | float


def check(settings: TelemetrySettings, env: Mapping[str, str]) -> None:
    """Raise `ConfigFault` where traces are wanted and cannot be made."""
    if not settings.otlp_endpoint:
        return
    if not _installed():
        raise ConfigFault(
            "telemetry.otlp_endpoint is set, and OpenTelemetry is not installed.",
            remedy='Install it (pip install "landbridge[otel]"), or leave telemetry.otlp_endpoint out.',
        )
    _headers(settings, env)


def _installed() -> bool:
    try:
        return importlib.util.find_spec("opentelemetry.exporter.otlp.proto.http") is not None
    except ModuleNotFoundError:
        return False


def _headers(settings: TelemetrySettings, env: Mapping[str, str]) -> dict[str, Secret]:
    found: dict[str, Secret] = {}
    for name, text in settings.headers.items():
        found[name], missing = expand(text, env)
        if missing:
            raise ConfigFault(
                f"telemetry.headers.{name} needs {' and '.join(missing)}, which is not set.",
                remedy="Set the variable where the router runs, and restart it.",
            )
    return found


class Traces:
    """The spans of whatever settings are in force. `take_up` for each generation of them."""

    def __init__(self, gateway: Gateway, env: Callable[[], Mapping[str, str]]) -> None:
        self._gateway, self._env = gateway, env
        self._settings = TelemetrySettings()
        self._now: Telemetry | None = None
        gateway.journal.readers.append(self._see)

    async def take_up(self, settings: TelemetrySettings) -> None:
        """Send spans by these settings from now on. Raises `ConfigFault`, and then those from before stay."""
        if settings == self._settings:
            return
        env = self._env()
        check(settings, env)
        fresh = None
        if settings.otlp_endpoint:
            fresh = await asyncio.to_thread(Telemetry, settings, env, lambda: self._gateway.world)
        self._settings, before, self._now = settings, self._now, fresh
        self._gateway.traces = fresh is not None
        if before is not None:
            await asyncio.to_thread(before.close)

    async def close(self) -> None:
        """Send what is left."""
        if self._now is not None:
            self._gateway.journal.flush()
        await self.take_up(TelemetrySettings())

    def _see(self, batch: Sequence[Record]) -> None:
        if self._now is not None:
            self._now.see(batch)


class Telemetry:
    """Makes spans and sends them, by one generation of the settings. `close` blocks until they are sent."""

    def __init__(self, settings: TelemetrySettings, env: Mapping[str, str], world: Callable[[], World]) -> None:
        self._world = world
        self._closed = Event()
        self._provider = _tracer_provider(settings, _headers(settings, env))
        self._tracer = self._provider.get_tracer("landbridge", __version__)
        self._batches: SimpleQueue[Sequence[Record] | None] = SimpleQueue()
        Thread(target=self._work, daemon=True, name="spans").start()

    def see(self, batch: Sequence[Record]) -> None:
        """Take a batch of records whose spans are to be made."""
        if self._batches.qsize() < MOST_BATCHES:
            self._batches.put(batch)

    def close(self) -> None:
        """Send what is left, for a few seconds. Where nobody answers the SDK waits longer, and is left to itself."""
        self._batches.put(None)
        self._closed.wait(CLOSING)

    def _work(self) -> None:
        while (batch := self._batches.get()) is not None:
            try:
                self._make(batch)
            except Exception:
                log.exception("the spans of %d exchanges could not be made", len(batch))
        self._provider.shutdown()
        self._closed.set()

    def _make(self, batch: Sequence[Record]) -> None:
        from opentelemetry.trace import SpanKind, Status, StatusCode

        for record in batch:
            ended = int(record.at * 1e9)
            doing = operation(record.dialect)
            _, model = place(record)
            span = self._tracer.start_span(
                doing if model == NONE else f"{doing} {model}",
                context=_parent(record.trace),
                kind=SpanKind.CLIENT,
                attributes=dict(self._attributes(record)),
                start_time=ended - int(record.seconds * 1e9),
            )
            if record.outcome not in ("ok", "cancelled"):
                span.set_status(Status(StatusCode.ERROR, record.message or record.outcome))
            span.end(ended)

    def _preset(self, provider: str) -> str:
        settings = self._world().config.providers.get(provider)
        return "" if settings is None else settings.preset

    def _attributes(self, record: Record) -> Iterator[tuple[str, Value]]:
        """What there is to say; nothing of what was said."""
        provider, model = place(record)
        usage = record.usage
        known: Mapping[str, Value | None] = {
            "gen_ai.operation.name": operation(record.dialect),
            "gen_ai.provider.name": provider_name(provider, self._preset(provider)),
            "gen_ai.request.model": record.model,
            "gen_ai.response.model": "" if model == NONE else model,
            "gen_ai.response.id": record.id,
            "gen_ai.conversation.id": record.session,
            "gen_ai.request.stream": record.stream,
            "gen_ai.usage.input_tokens": None if usage.input is None else usage.prompt,
            "gen_ai.usage.output_tokens": usage.output,
            "gen_ai.usage.cache_read.input_tokens": usage.cache_read,
            "gen_ai.usage.cache_creation.input_tokens": usage.cache_write,
            "gen_ai.usage.reasoning.output_tokens": usage.reasoning,
            "gen_ai.response.time_to_first_chunk": record.first,
            "error.type": "" if record.outcome == "ok" else record.outcome,
            "http.response.status_code": record.status or None,
            "landbridge.provider": provider,
            "landbridge.dialect": record.dialect,
            "landbridge.path": record.path,
            "landbridge.client": record.client,
            "landbridge.key": record.key,
            "landbridge.agent": record.agent,
            "landbridge.route": record.route,
            "landbridge.attempts": record.attempts,
            "landbridge.retries": record.retries or None,
            "landbridge.losses": len(record.losses) or None,
            "landbridge.repairs": sum(record.repairs.values()) or None,
            "landbridge.cost_dollars": None if record.cost is None else record.cost / 1_000_000,
        }
        yield from ((name, value) for name, value in known.items() if value is not None and value != "")
        if provider == LOCAL:
            yield "server.address", "localhost"
        elif (target := self._world().providers.get(provider)) is not None:
            yield from _address(target.base_url)


def _tracer_provider(settings: TelemetrySettings, headers: Mapping[str, Secret]) -> TracerProvider:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    endpoint = settings.otlp_endpoint.rstrip("/")
    exporter = OTLPSpanExporter(
        endpoint if endpoint.endswith(TRACES) else endpoint + TRACES,
        headers={name: value.reveal() for name, value in headers.items()},
        timeout=CLOSING,
    )
    resource = Resource.create({"service.name": settings.service_name, "service.version": __version__})
    quiet = logging.getLogger(OTLPSpanExporter.__module__)
    if not any(isinstance(each, _Rarely) for each in quiet.filters):
        quiet.addFilter(_Rarely())
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _parent(traceparent: str) -> Context:
    """The trace a span belongs to; a new one where the client named none that can be read."""
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier = {"traceparent": traceparent} if traceparent else {}
    return TraceContextTextMapPropagator().extract(carrier, Context())


def _address(url: str) -> Iterator[tuple[str, Value]]:
    """Host and port, and nothing else of a URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return
    if parts.hostname and port:
        yield from (("server.address", parts.hostname), ("server.port", port))


class _Rarely(logging.Filter):
    """Lets one message a minute through: an endpoint that is away is said once, and not with every batch."""

    def __init__(self) -> None:
        super().__init__()
        self._last = -QUIET

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING or record.created - self._last < QUIET:
            return False
        self._last = record.created
        return True
