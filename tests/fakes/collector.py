"""A collector of OpenTelemetry on this machine: takes spans by OTLP over HTTP and keeps them, decoded.

async with Collector() as collector:
    ... collector.url ...
    spans = await collector.wait(2)
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any

from aiohttp import web
from msgspec import Struct
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

SECONDS = 20.0


class Span(Struct):
    """One span as it came."""

    name: str
    kind: int
    trace: str
    parent: str
    start: int
    end: int
    status: int
    message: str
    attributes: dict[str, Any]
    resource: dict[str, Any]


class Collector:
    """It; an async context manager. `status` is what it answers."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.spans: list[Span] = []
        self.headers: list[dict[str, str]] = []
        """Of each request."""
        self.url = ""
        self._came = asyncio.Event()
        app = web.Application()
        app.router.add_post("/v1/traces", self._take)
        self._runner = web.AppRunner(app)

    async def __aenter__(self) -> Collector:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def wait(self, count: int) -> list[Span]:
        """The spans, once there are so many."""
        async with asyncio.timeout(SECONDS):
            while len(self.spans) < count:
                self._came.clear()
                await self._came.wait()
        return self.spans

    async def _take(self, request: web.Request) -> web.Response:
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        sent = ExportTraceServiceRequest.FromString(await request.read())
        if self.status == 200:
            for group in sent.resource_spans:
                resource = _values(group.resource.attributes)
                self.spans += [_span(span, resource) for scope in group.scope_spans for span in scope.spans]
        self._came.set()
        return web.Response(
            status=self.status,
            body=ExportTraceServiceResponse().SerializeToString(),
            content_type="application/x-protobuf",
        )


def _span(span: Any, resource: dict[str, Any]) -> Span:
    return Span(
        name=span.name,
        kind=span.kind,
        trace=span.trace_id.hex(),
        parent=span.parent_span_id.hex(),
        start=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        status=span.status.code,
        message=span.status.message,
        attributes=_values(span.attributes),
        resource=resource,
    )


def _values(pairs: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}
