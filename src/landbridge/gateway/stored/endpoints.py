"""`/v1/responses/{id}`: look a kept response up, list its input, delete it.

Cancelling is for responses that are made in the background, which none here is.

What is not kept here is asked of the provider that answered it, or of the only one that could have.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, quote

import msgspec
from msgspec import Raw

from ...errors import BadRequest, GatewayError
from ...routing.target import Target
from ...upstream.client import Answer, Endpoint
from ...upstream.headers import forwardable
from ...wire.dialects import dialect
from ...wire.openai_responses.types import DIALECT
from ..attempt import MAX_ERROR
from ..call import Call, Sink
from ..delivery import MAX_WHOLE, SSE_HEADERS
from ..exchange import Gateway, refuse
from ..ids import new_request_id
from ..journal import Record
from .entry import input_items

_JSON = {"content-type": "application/json"}
MAX_ID = 256
_OURS = re.compile("resp_[0-9a-f]{24}")
"""Ids of our own making (`ids.py`). One that is not kept any more is nobody else's; OpenAI's are longer."""
MOST, USUAL = 100, 20
"""Items on one page."""

Handler = Callable[[Gateway, str, Call, Sink], Awaitable[None]]


async def _retrieve(gateway: Gateway, id: str, call: Call, sink: Sink) -> None:
    entry = await gateway.parts.stored.find(id)
    if entry is None:
        await _forward(gateway, "GET", id, "", call, sink)
        return
    if parse_qs(call.query).get("stream", [""])[0] == "true":
        raise BadRequest(
            "stream: only a response made in the background can be streamed again.", remedy="Leave `stream` out."
        )
    await sink.whole(200, _JSON, entry.response)


async def _list_input(gateway: Gateway, id: str, call: Call, sink: Sink) -> None:
    chain = await gateway.parts.stored.chain(id)
    if not chain:
        await _forward(gateway, "GET", id, "/input_items", call, sink)
        return
    items = input_items(chain)
    await sink.whole(200, _JSON, msgspec.json.encode(_page(items, call.query)))


def _page(items: list[dict[str, object]], query: str) -> dict[str, object]:
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
    order, limit = asked.get("order", "desc"), asked.get("limit", str(USUAL))
    if order not in ("asc", "desc"):
        raise BadRequest(f"order: '{order[:20]}' is none.", remedy="Use asc or desc.")
    if not limit.isdecimal() or not 1 <= int(limit) <= MOST:
        raise BadRequest(f"limit: '{limit[:20]}' is no number from 1 to {MOST}.")
    ids = [_text(item["id"]) for item in items]
    if order == "desc":
        items, ids = items[::-1], ids[::-1]
    start = 0
    if (after := asked.get("after")) is not None:
        if after not in ids:
            raise BadRequest(f"after: there is no item '{after[:100]}'.")
        start = ids.index(after) + 1
    shown = slice(start, start + int(limit))
    return {
        "object": "list",
        "data": items[shown],
        "first_id": next(iter(ids[shown]), None),
        "last_id": next(iter(ids[shown][::-1]), None),
        "has_more": start + int(limit) < len(items),
    }


def _text(value: object) -> str:
    assert isinstance(value, str | Raw), "ids are texts"
    return value if isinstance(value, str) else msgspec.json.decode(value, type=str)


async def _delete(gateway: Gateway, id: str, call: Call, sink: Sink) -> None:
    if not await gateway.parts.stored.delete(id):
        await _forward(gateway, "DELETE", id, "", call, sink)
        return
    await sink.whole(200, _JSON, msgspec.json.encode({"id": id, "object": "response", "deleted": True}))


async def _cancel(gateway: Gateway, id: str, call: Call, sink: Sink) -> None:
    if await gateway.parts.stored.find(id) is None:
        await _forward(gateway, "POST", id, "/cancel", call, sink)
        return
    raise BadRequest("Cannot cancel a synchronous response.", remedy="Only one made in the background can be.")


HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", ""): _retrieve,
    ("GET", "/input_items"): _list_input,
    ("DELETE", ""): _delete,
    ("POST", "/cancel"): _cancel,
}
"""By method and what follows the id in the path."""


async def serve(gateway: Gateway, handler: Handler, id: str, call: Call, sink: Sink) -> None:
    """Run `handler`; its errors become answers."""
    try:
        await handler(gateway, id, call, sink)
    except GatewayError as error:
        await refuse(error, DIALECT, sink, Record(id=new_request_id(), dialect=DIALECT, model=""))


# -- providers ---------------------------------------------------------------------------------------------------------


async def _forward(gateway: Gateway, method: str, id: str, action: str, call: Call, sink: Sink) -> None:
    """Ask the provider that keeps the response. Raises the 404 where nobody is known to."""
    provider = _keeper_of(gateway, id)
    if not provider or len(id) > MAX_ID:
        raise BadRequest(f"Response with id '{id[:MAX_ID]}' not found.", status=404)
    path = f"/responses/{quote(id, safe='')}{action}{f'?{call.query}' if call.query else ''}"
    endpoint = gateway.world.endpoint_at(Target(provider, "", DIALECT), path)
    client, headers = gateway.parts.client, forwardable(call.headers)
    if method == "POST":
        answer = await client.post(endpoint, call.body, headers)
    else:
        answer = await (client.get if method == "GET" else client.delete)(endpoint, headers)
    try:
        await _pass_on(answer, endpoint, sink)
    finally:
        await answer.close()


def _keeper_of(gateway: Gateway, id: str) -> str:
    if known := gateway.parts.stored.provider_of(id):
        return known if known in gateway.world.providers else ""
    if _OURS.fullmatch(id):
        return ""
    speaking = [name for name, provider in gateway.world.providers.items() if provider.dialect == DIALECT]
    return speaking[0] if len(speaking) == 1 else ""


async def _pass_on(answer: Answer, endpoint: Endpoint, sink: Sink) -> None:
    """The provider's answer; a refused key is not the client's (see `passthrough.py`)."""
    kind = answer.headers.get("content-type", "")
    if answer.status == 200 and kind.startswith("text/event-stream"):
        await sink.start(200, SSE_HEADERS)
        async for chunk in answer.chunks():
            await sink.write(chunk)
        await sink.end()
        return
    body = await answer.read(MAX_WHOLE if answer.status < 400 else MAX_ERROR)
    try:
        msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise dialect(DIALECT).read_error(answer.status, body, endpoint.origin, answer.headers) from None
    await sink.whole(403 if answer.status == 401 else answer.status, _JSON, body)
