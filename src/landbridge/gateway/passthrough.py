"""The same dialect on both sides: bytes straight across but for the model's name, a sniffer looking on.

Status, body and unknown headers are the provider's own. Three things are ours: a 401 becomes a 403 (clients retry a 401
for minutes, and it means *our* key, CLIENTS.md 9), an error that is not JSON is replaced by one that says where it came
from (P100), and a stream that breaks off ends in an error (P9, P13).
"""

from __future__ import annotations

import asyncio

from ..errors import Cut, GatewayError
from ..routing.target import Target
from ..upstream.client import Answer, Client, Endpoint
from ..upstream.headers import forwardable
from ..wire.dialects import dialect
from ..wire.sniff import Sniffer, read_usage
from .attempt import MAX_ERROR, MAX_WHOLE, SSE_HEADERS
from .call import Call, Sink
from .journal import Record

KEPT = ("content-type", "retry-after", "request-id", "x-request-id", "x-should-retry")
KEPT_PREFIXES = ("anthropic-", "openai-", "x-ratelimit-")
"""Response headers that mean something to a client."""


async def pass_through(
    client: Client, endpoint: Endpoint, call: Call, sink: Sink, record: Record, target: Target, body: bytes
) -> None:
    """Send `body` to `endpoint` and its answer to `sink`. Raises what no client has seen yet."""
    answer = await client.post(endpoint, body, forwardable(call.headers))
    try:
        headers = _headers(answer, target, record)
        if answer.status >= 400:
            await _refused(answer, headers, call, sink, record, target)
        elif answer.headers.get("content-type", "").startswith("text/event-stream"):
            await _stream(answer, headers, call, sink, record, target)
        else:
            whole = await answer.read(MAX_WHOLE)
            record.usage = read_usage(call.dialect, whole)
            record.status = answer.status
            await sink.whole(answer.status, headers, whole)
    finally:
        await answer.close()


async def _refused(
    answer: Answer, headers: dict[str, str], call: Call, sink: Sink, record: Record, target: Target
) -> None:
    body = await answer.read(MAX_ERROR)
    error = dialect(call.dialect).read_error(answer.status, body, f"provider:{target.provider}", answer.headers)
    if not body.lstrip().startswith(b"{"):
        raise error
    record.status = 403 if answer.status == 401 else answer.status
    record.outcome, record.message = error.kind, error.message
    if record.status != answer.status:
        headers["x-landbridge-upstream-status"] = str(answer.status)
    await sink.whole(record.status, headers, body)


async def _stream(
    answer: Answer, headers: dict[str, str], call: Call, sink: Sink, record: Record, target: Target
) -> None:
    sniffer = Sniffer(call.dialect)
    last = b""
    try:
        async for chunk in answer.chunks():
            sniffer.feed(chunk)
            if not sink.started:
                record.status, record.first = answer.status, asyncio.get_running_loop().time()
                await sink.start(answer.status, {**headers, **SSE_HEADERS})
            await sink.write(chunk)
            last = chunk
        sniffer.close()
        if not sniffer.finished:
            raise Cut(
                "The answer broke off before its end.",
                origin=f"provider:{target.provider}",
                remedy="Send the request again.",
            )
    except GatewayError as error:
        if not sink.started:
            raise
        record.outcome, record.message = error.kind, error.message
        await _break(call, sink, error, at_boundary=last.endswith((b"\n\n", b"\r\n\r\n")))
        return
    finally:
        record.usage = sniffer.usage
    await sink.end()


async def _break(call: Call, sink: Sink, error: GatewayError, *, at_boundary: bool) -> None:
    """Tell the client: in the stream where a record can stand, else by breaking the connection."""
    if not at_boundary:
        sink.abort()
        return
    body = dialect(call.dialect).write_error(error, "")
    await sink.write((b"event: error\n" if call.dialect == "anthropic" else b"") + b"data: " + body + b"\n\n")
    await sink.end()


def _headers(answer: Answer, target: Target, record: Record) -> dict[str, str]:
    kept = {name: value for name, value in answer.headers.items() if name in KEPT or name.startswith(KEPT_PREFIXES)}
    return {
        **kept,
        "x-landbridge-path": "passthrough",
        "x-landbridge-target": target.label,
        "x-landbridge-id": record.id,
    }
