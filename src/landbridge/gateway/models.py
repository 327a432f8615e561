"""The lists of models clients ask for, each in its dialect.

Claude Code keeps only ids that contain "claude" or "anthropic" (CLIENTS.md section 8), so its discovery gets every
model under such an alias as well; `routing.names` resolves them back. Windows are told where the dialect has a place
for them.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from msgspec import Struct

from ..errors import GatewayError, RateLimited, UnknownModel
from ..routing.names import discovery_ids, names
from ..routing.target import Target
from .call import Call, Sink
from .exchange import Gateway, refuse
from .ids import new_id
from .journal import Record
from .purpose import embeds

DISCOVERER = "claude-code/"
"""How Claude Code calls itself when it asks for models (its requests say `claude-cli/`)."""
_JSON = {"content-type": "application/json"}
PATIENCE = 25.0
"""Seconds a local model may take to load for somebody who only asks what it can do."""
GENERATION = ("generateContent", "streamGenerateContent", "countTokens")
EMBEDDING = ("embedContent", "batchEmbedContents")
"""What Google's API says a model can be asked."""
CREATED = "1970-01-01T00:00:00Z"
"""Local files and most providers tell no date; the epoch is what the dialect gives then."""


async def list_models(gateway: Gateway, call: Call, sink: Sink) -> None:
    """Every model there is."""
    world = gateway.world
    await gateway.listing.refresh(world)
    catalog = world.catalog()
    offered = [(name, name) for name in names(catalog)]
    if call.dialect == "anthropic" and call.headers.get("user-agent", "").startswith(DISCOVERER):
        offered = discovery_ids(catalog)
    entries = []
    for id, title in offered:
        try:
            if call.dialect == "anthropic" and await _only_embeds(gateway, id):
                continue  # there is nothing it could be asked in this dialect
            entries.append(await _entry(gateway, call.dialect, id, title))
        except UnknownModel:  # an alias that leads nowhere hides it
            continue
    if call.dialect == "gemini":
        await sink.whole(200, _JSON, msgspec.json.encode({"models": entries}))
        return
    if call.dialect != "anthropic":
        await sink.whole(200, _JSON, msgspec.json.encode({"object": "list", "data": entries}))
        return
    page = {
        "data": entries,
        "has_more": False,
        "first_id": entries[0]["id"] if entries else None,
        "last_id": entries[-1]["id"] if entries else None,
    }
    await sink.whole(200, _JSON, msgspec.json.encode(page))


async def _only_embeds(gateway: Gateway, name: str) -> bool:
    target = await gateway.target_of(name)
    return target.local and embeds(gateway.parts.keeper, target.model)


async def show_model(gateway: Gateway, model: str, call: Call, sink: Sink) -> None:
    """One model, with its real window; unknown names get the dialect's 404."""
    try:
        if call.dialect in ("anthropic", "gemini"):
            target = await gateway.target_of(model)
            form = _anthropic if call.dialect == "anthropic" else _gemini
            entry = form(model, model, target, await look(gateway, target))
        else:
            entry = await _entry(gateway, call.dialect, model, model)
    except GatewayError as error:
        await refuse(error, call.dialect, sink, Record(id=new_id("req_"), dialect=call.dialect, model=model))
        return
    await sink.whole(200, _JSON, msgspec.json.encode(entry))


async def _entry(gateway: Gateway, dialect: str, name: str, title: str) -> dict[str, Any]:
    target = await gateway.target_of(name)
    if dialect in ("anthropic", "gemini"):
        return (_anthropic if dialect == "anthropic" else _gemini)(name, title, target, known(gateway, target))
    owner = "landbridge" if target.local else target.provider
    return {"id": name, "object": "model", "created": 0, "owned_by": owner}


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
    settings = gateway.config.models.get(target.model)
    output = settings.max_output if settings is not None and settings.max_output else window
    return Facts(window, output, tools, embeds(gateway.parts.keeper, target.model))


def _anthropic(name: str, title: str, target: Target, facts: Facts) -> dict[str, Any]:
    return {
        "type": "model",
        "id": name,
        "display_name": title,
        "created_at": CREATED,
        "lifecycle": "active",
        "max_input_tokens": facts.window,
        "max_tokens": facts.output,
        "landbridge": {
            "window": facts.window,
            "local": target.local,
            "tools": facts.tools,
            "target": target.label,
            "dialect": target.dialect,
        },
    }


def _gemini(name: str, title: str, target: Target, facts: Facts) -> dict[str, Any]:
    limits = {"inputTokenLimit": facts.window, "outputTokenLimit": facts.output}
    return {
        "name": f"models/{name}",
        "baseModelId": name,
        "version": "1",
        "displayName": title,
        "description": target.label,
        **{limit: count for limit, count in limits.items() if count is not None},
        "supportedGenerationMethods": EMBEDDING if facts.embeds else GENERATION,
    }
