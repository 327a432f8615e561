"""The lists of models clients ask for, each in its dialect.

Claude Code keeps only ids that contain "claude" or "anthropic" (CLIENTS.md section 8), so its discovery gets every
model under such an alias as well; `routing.names` resolves them back. Windows are told where the dialect has a place
for them.
"""

from __future__ import annotations

import asyncio

from msgspec import Struct

from ..access.grant import check_model, may_use, veiled
from ..errors import GatewayError, RateLimited, UnknownModel
from ..routing.names import discovery_ids, is_name, names
from ..routing.target import Target
from ..wire.model_lists import SHOWS_LIMITS, Listed, write_list, write_model
from .call import Call, Sink
from .exchange import Gateway, refuse
from .ids import new_request_id
from .journal import Record
from .purpose import embeds

DISCOVERER = "claude-code/"
"""How Claude Code calls itself when it asks for models (its requests say `claude-cli/`)."""
_JSON = {"content-type": "application/json"}
PATIENCE = 25.0
"""Seconds a local model may take to load for somebody who only asks what it can do."""


async def list_models(gateway: Gateway, call: Call, sink: Sink) -> None:
    """Every model there is, and the names the user gave some; of those, the ones that the key may use."""
    world = gateway.world
    await gateway.listing.refresh(world)
    catalog = world.catalog()
    offered = [(name, name) for name in names(catalog)]
    if call.dialect == "anthropic" and call.headers.get("user-agent", "").startswith(DISCOVERER):
        offered = discovery_ids(catalog)
    own = (name for name in (*world.config.aliases, *world.config.routes) if is_name(name))
    offered += [(name, name) for name in dict.fromkeys(own) if (name, name) not in offered]
    models: list[Listed] = []
    for id, title in offered:
        try:
            target = await gateway.target_of(id, call)
        except UnknownModel:  # an alias that leads nowhere hides it
            continue
        if not may_use(call.key, id, target.label):
            continue
        facts = known(gateway, target)
        if call.dialect == "anthropic" and facts.embeds:
            continue  # there is nothing it could be asked in this dialect
        models.append(_listed(id, title, target, facts))
    await sink.whole(200, _JSON, write_list(call.dialect, models))


async def show_model(gateway: Gateway, model: str, call: Call, sink: Sink) -> None:
    """One model, with its real window; unknown names get the dialect's 404."""
    try:
        target = await gateway.target_of(model, call)
        check_model(call.key, model, target.label)
        facts = await look(gateway, target) if call.dialect in SHOWS_LIMITS else known(gateway, target)
    except GatewayError as error:
        record = Record(id=new_request_id(), dialect=call.dialect, model=model)
        await refuse(veiled(error, call.key, model), call.dialect, sink, record)
        return
    await sink.whole(200, _JSON, write_model(call.dialect, _listed(model, model, target, facts)))


def _listed(name: str, title: str, target: Target, facts: Facts) -> Listed:
    return Listed(
        name=name,
        title=title,
        owner="landbridge" if target.local else target.provider,
        target=target.label,
        dialect=target.dialect,
        local=target.local,
        window=facts.window,
        output=facts.output,
        tools=facts.tools,
        embeds=facts.embeds,
    )


class Facts(Struct, frozen=True):
    """What a model can do, as far as is known."""

    window: int | None
    output: int | None
    """Most tokens of one answer."""
    tools: bool
    embeds: bool = False
    """Makes embeddings and does not chat."""


def known(gateway: Gateway, target: Target) -> Facts:
    """What is known without loading anything."""
    if not target.local:
        return Facts(target.traits.window, target.traits.max_output, target.traits.tools)
    return _local(gateway, target, gateway.parts.keeper.window(target.model), True)


async def look(gateway: Gateway, target: Target) -> Facts:
    """What is known, and of a local model what only its engine can tell: who asks for one model is about to use it.

    Raises `EngineFault` for a model that cannot be loaded: better now than at the first request.
    """
    if not target.local:
        return known(gateway, target)
    try:
        async with asyncio.timeout(PATIENCE), gateway.parts.keeper.lease(target.model, light=True) as lease:
            return _local(gateway, target, lease.window, lease.traits.tools)
    except (TimeoutError, RateLimited):
        return known(gateway, target)


def _local(gateway: Gateway, target: Target, window: int | None, tools: bool) -> Facts:
    output = gateway.config.model(target.model).max_output or window
    return Facts(window, output, tools, embeds(gateway.parts.keeper, target.model))
