"""Going on from a kept response: its conversation's items, byte for byte, in front of the new request's input.

What is not kept here may be kept by a provider of the same dialect, which then gets the id; nobody else can do anything
with it, and says so.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from ...errors import BadRequest, TooLarge
from ...neutral.request import Request
from ...routing.target import Target
from ...wire.openai_responses.types import DIALECT
from ..call import Call
from .entry import FAULTS, history, items_of, joined, made, text_of
from .shelf import Stored

FIELD = "previous_response_id"
OURS = "landbridge"
"""Extras of a request that landbridge has answered for itself; only the response repeats them."""
_MARK = FIELD.encode()
_fields = msgspec.json.Decoder(dict[str, Raw]).decode


async def resume(stored: Stored, call: Call, most: int) -> Call:
    """`call` with the conversation in front of its input, if it goes on from a kept response.

    Raises `BadRequest` where a part of it is gone, `TooLarge` where all of it has more than `most` bytes.
    """
    if call.dialect != DIALECT or _MARK not in call.body:
        return call
    try:
        fields = _fields(call.body)
    except FAULTS:
        return call  # reading it says what is wrong
    id = text_of(fields.get(FIELD))
    chain = await stored.chain(id) if id else []
    if not chain:
        return call
    before = chain[0].previous
    if before and not stored.provider_of(before):
        raise not_found(before, f" The conversation that '{id}' ends goes back to it.")
    fields["input"] = Raw(joined([history(chain), items_of(fields.get("input"))]))
    if len(bytes(fields["input"])) > most:
        raise TooLarge(
            f"The conversation that '{id}' ends has more than {most >> 20} MiB.", remedy="Begin a new conversation."
        )
    fields[FIELD] = Raw(msgspec.json.encode(before or None))
    resumed = Call(call.dialect, msgspec.json.encode(fields), call.raw_headers, call.query, call.named)
    resumed.previous, resumed.given, resumed.key = id, call.body, call.key
    return resumed


def keeps(stored: Stored, request: Request) -> bool:
    """Whether the response to `request` is to be kept: the client does not say no."""
    said = request.extras.get(DIALECT, {}).get("store")
    return stored.keeps and (said is None or bytes(said) != b"false")


def own(stored: Stored, request: Request, call: Call, target: Target) -> Request:
    """`request` for `target`, and what its response shall repeat of it.

    Raises `BadRequest` for an earlier response that `target` knows nothing of.
    """
    fields = request.extras.get(DIALECT, {})
    before = text_of(fields.get(FIELD))
    if before:
        _check_kept(stored, before, target)
    said: dict[str, Raw] = {"store": Raw(b"true" if keeps(stored, request) else b"false")}
    if call.previous or before:
        said[FIELD] = Raw(msgspec.json.encode(call.previous or before))
    return replace(request, extras={**request.extras, OURS: said})


def _check_kept(stored: Stored, id: str, target: Target) -> None:
    provider = stored.provider_of(id)
    if target.dialect == DIALECT and provider in ("", target.provider):
        return
    if provider:
        raise not_found(
            id, f" '{provider}' keeps it: name a model of '{provider}', or send the whole conversation in `input`."
        )
    if not stored.keeps:
        raise not_found(id, " Responses are not kept: set `store` under [responses] in the settings.")
    raise not_found(id)


def kept_at(stored: Stored, call: Call) -> str:
    """The provider that keeps the response which `call` goes on from; empty where there is none such."""
    if call.dialect != DIALECT or _MARK not in call.body:
        return ""
    try:
        id = text_of(_fields(call.body).get(FIELD))
    except FAULTS:
        return ""
    return stored.provider_of(id) if id else ""


def not_found(id: str, more: str = "") -> BadRequest:
    """As OpenAI says it."""
    words = f"Previous response with id '{id}' not found.{more}"
    return BadRequest(words, code="previous_response_not_found", param=FIELD)


def keep(stored: Stored, call: Call, response: bytes, now: float) -> None:
    """Keep the response to `call`."""
    entry = made(response, call.given or call.body, now)
    if entry is not None:
        stored.keep(entry)
