"""`count_tokens`: exact for local models, the provider's own count where it has one, else a calibrated estimate.

The header `x-landbridge-count` says which (P74): `exact`, `provider` or `estimated`.
"""

from __future__ import annotations

from ..access.grant import check_model, veiled
from ..errors import GatewayError
from ..neutral.request import Request
from ..neutral.traits import Traits
from ..routing.chain import Fork
from ..routing.faults import goes_on
from ..routing.target import Target
from ..upstream.headers import forwardable
from ..wire.counting import COUNTING
from ..wire.dialects import dialect
from ..wire.openai_chat.grammar import is_grammar_fault, without_grammar
from ..wire.rename import peek, rename
from ..wire.written import Written
from .attempt import MAX_ERROR
from .call import Call, Sink
from .count import estimate
from .exchange import Gateway, refuse
from .hosted.loop import must_be_run
from .ids import new_request_id
from .journal import Record
from .media.media import holds_media, must_be_read
from .purpose import check_chats, in_background
from .stored.resume import resume

NOT_THERE = (404, 405, 501)
"""Statuses of providers that speak the dialect and do not count. Claude Code would then count by asking for an answer.
"""


async def count_tokens(gateway: Gateway, call: Call, sink: Sink) -> None:
    """Answer how many tokens the call's prompt has."""
    record = Record(id=new_request_id(), dialect=call.dialect, model="")
    try:
        call = await resume(gateway.parts.stored, call, gateway.config.server.max_body)
        model = (call.named or peek(call.body)).model
        record.model = model
        target = await gateway.target_of(model, call)
        check_model(call.key, model, target.label)
        if not target.local and target.dialect == call.dialect and not _changed(call, target):
            counted = await _ask(gateway, call, model, target)
            if counted is not None:
                headers = {"content-type": "application/json", "x-landbridge-count": "provider"}
                await sink.whole(200, headers, counted)
                return
        count, how = await _count(gateway, call, target, quiet=in_background(model, call.agent))
        headers = {"content-type": "application/json", "request-id": record.id, "x-landbridge-count": how}
        await sink.whole(200, headers, COUNTING[call.dialect].write(count))
    except GatewayError as error:
        await refuse(veiled(error, call.key, record.model), call.dialect, sink, record)


def _changed(call: Call, target: Target) -> bool:
    """Whether the target would get something else than the client's own body."""
    return must_be_read(call.body, target.traits) or must_be_run(call.body, target.traits)


async def _count(gateway: Gateway, call: Call, target: Target, *, quiet: bool) -> tuple[int, str]:
    request = gateway.read(call, target)
    media, settings = gateway.parts.media, gateway.config.media
    if not target.local:
        request = (await media.prepare(request, target.traits, settings, call)).request
        return gateway.parts.calibration.apply(target.label, estimate(request)), "estimated"
    check_chats(gateway.parts.keeper, target)
    if holds_media(request):  # as an attempt does it: nothing is held meanwhile
        async with gateway.parts.keeper.lease(target.model, light=True, background=quiet) as lease:
            traits = lease.traits
        request = (await media.prepare(request, traits, settings, call)).request
    async with gateway.parts.keeper.lease(target.model, light=True, background=quiet) as lease:
        if not lease.counts:
            return gateway.parts.calibration.apply(target.label, estimate(request)), "estimated"
        written = _written(request, target, lease.traits)
        try:
            return await lease.count(written.body), "exact"
        except GatewayError as error:
            if not is_grammar_fault(error):
                raise
            simpler = without_grammar(request, as_call=written.as_call)
            return await lease.count(_written(simpler, target, lease.traits).body), "exact"


def _written(request: Request, target: Target, traits: Traits) -> Written:
    return dialect(target.dialect).write_request(request, target.model, traits)


async def _ask(gateway: Gateway, call: Call, model: str, target: Target) -> bytes | None:
    """As `_ask_provider`. Where others could answer the request, an estimate is better than an error."""
    try:
        return await _ask_provider(gateway, call, target)
    except GatewayError as error:
        world = gateway.world
        if goes_on(error, longer=False) and isinstance(world.find(model, world.view(call)), Fork):
            return None
        raise


async def _ask_provider(gateway: Gateway, call: Call, target: Target) -> bytes | None:
    """The answer of a provider that speaks the dialect and counts itself, byte for byte; None if it does not count."""
    form = COUNTING[call.dialect]
    endpoint = gateway.world.endpoint_at(target, form.path(target.model))
    body = call.body if call.named is not None else rename(call.body, target.model)
    answer = await gateway.parts.client.post(endpoint, body, forwardable(call.headers))
    try:
        content = await answer.read(MAX_ERROR)
    finally:
        await answer.close()
    if answer.status in NOT_THERE:
        return None
    if answer.status >= 400:
        raise dialect(call.dialect).read_error(answer.status, content, f"provider:{target.provider}", answer.headers)
    return content if form.is_answer(content) else None
